/** Errors on the wire: problem+json (RFC 9457) with the house's stable code. It must never carry the text of a bug, a value of a person or a place on disk. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { isPlain } from "../../device-drivers/contract/name.ts";

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The request's field that is wrong, where it is one. */
  readonly field?: string;
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Who are you?",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  421: "Wrong host",
  429: "Too many at a time",
  500: "Internal error",
  502: "The twin did not answer",
  503: "Not available now",
};

/** For whoever came when all places were taken. */
const retryAfterS = 10;

/** An error of the HTTP layer itself; `field` names the query, path or body field. */
export function httpError(code: string, detail: string, field?: string): GatewayError {
  return new GatewayError(code, code === "http.internal" ? "bug" : "operator", detail, field === undefined ? {} : { fields: { field } });
}

const statusByCode: Readonly<Record<string, number>> = {
  "http.unauthorized": 401,
  "http.bad_code": 401,
  "http.forbidden": 403,
  "http.not_found": 404,
  "http.method_not_allowed": 405,
  "http.too_large": 413,
  "http.wrong_host": 421,
  "http.twin_unreachable": 502,
  "http.no_twin": 404,
  "alert.not_allowed": 403,
  "act.not_now": 409,
  "condition.too_many_open": 429,
  "condition.too_many_changes": 429,
  "presence.too_many_changes": 429,
  "help.told": 409,
  "desired.too_large": 413,
  "ingest.wrong_password": 401,
  "ingest.forbidden_topic": 403,
  "ingest.other_link": 409,
  "ingest.too_many_streams": 429,
  "ingest.too_fast": 429,
  "ingest.busy": 429,
  "enrol.wrong_claim": 403,
  "enrol.expired": 403,
  "enrol.used": 409,
};

/** The status of an error: by code where it is listed, else by its reason and whose fault it is. */
export function statusOf(error: GatewayError): number {
  const listed = statusByCode[error.code];
  if (listed !== undefined) return listed;
  if (error.code.includes(".too_many_")) return 429;
  if (/\.(unknown|not_found)(_[a-z]+)?$|\.unknown_/.test(error.code)) return 404;
  if (/\.not_allowed$|\.forbidden$/.test(error.code)) return 403;
  if (/\.conflict$|\.busy$|\.confirm$/.test(error.code)) return 409;
  return error.kind === "operator" ? 400 : error.kind === "world" ? 503 : 500;
}

/** The body for an error. A bug says nothing but that it happened; its details are in the log. */
function problemOf(error: GatewayError): Problem {
  const status = statusOf(error);
  const { field } = error.fields;
  return {
    type: `urn:hearth:error:${error.code}`,
    title: titles[status] ?? "Error",
    status,
    code: error.code,
    detail: status === 500 ? "Something went wrong inside the gateway; the log says what." : wordsOf(error),
    ...(typeof field === "string" ? { field: field.slice(0, maxFieldLength) } : {}),
  };
}

/** A name that a request brought and that is told back. */
const maxFieldLength = 100;
const maxDetailLength = 500;
/** Two names and more from the root on, as far as the last; a device of the machine is called by its whole name. */
const place = /(?<![\w.~)\]}/-])(?:file:\/\/)?\/(?!dev\/)(?:[^\s/"'`,;:()<>]+\/)+/g;

/** What an error says, with the last name of a place on disk instead of the whole, and nothing that a terminal would obey. */
function wordsOf({ message, fields }: GatewayError): string {
  const places = Object.values(fields).filter((value) => typeof value === "string" && value.startsWith("/"));
  const named = places.reduce<string>((text, path) => text.replaceAll(`${path}`, lastName(`${path}`)), message);
  return [...named.replace(place, "")]
    .map((sign) => (isPlain(sign) ? sign : " "))
    .join("")
    .slice(0, maxDetailLength);
}

const lastName = (path: string) =>
  path
    .split("/")
    .filter((part) => part !== "")
    .at(-1) ?? "";

export function problemResponse(error: GatewayError): Response {
  const problem = problemOf(error);
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (problem.status === 429) headers["retry-after"] = `${retryAfterS}`;
  if (typeof error.fields.allow === "string") headers.allow = error.fields.allow;
  if (problem.code === "http.unauthorized") headers["www-authenticate"] = 'Bearer realm="hearth"';
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
