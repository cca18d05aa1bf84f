/**
 * Shows what the twin knows and takes what is wished there of this home, through the gateway's own address: so the page's policy stays "self", and a program needs
 * one address. It forwards GET, and of everything else only a wish.
 */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import { readAtMost } from "../../device-drivers/framing/read-at-most.ts";
import { httpError } from "./problem.ts";

export interface TwinAddress {
  /** Base address, for example http://127.0.0.1:8098. */
  readonly url: string;
  readonly token: string;
}

const timeoutMs = 5000;
/** Fifty strips of ten minutes as text stay below. */
const maxAnswerBytes = 64 << 20;
const answerLimits = { maxBytes: maxAnswerBytes, maxItems: 1 << 24 };
/** The twin may be somebody else's machine: what it sends is never shown as a page of the gateway. */
const jsonType = /^application\/(problem\+)?json\b/;
const allowedPath = /^(gateways|people(\/[a-z0-9][a-z0-9-]{0,31}\/(state|vitals|beats|alerts|strip|pose|forecast))?)$/;

const peopleOf = /^people\/([^/]+)\//;
const wishPath = /^gateways\/[a-z0-9][a-z0-9-]{0,31}\/desired$/;

interface TwinQuestion {
  readonly query: URLSearchParams;
  /** Only these persons are shown; undefined = everybody. */
  readonly persons: readonly string[] | undefined;
}

/**
 * Fetches `path` (below the twin's /api/v1/) with the gateway's own token for it.
 * Throws `http.no_twin`, `http.not_found` for a path that is not for reading people, `http.twin_unreachable`.
 */
export async function askTwin(twin: TwinAddress | undefined, path: string, { query, persons }: TwinQuestion): Promise<Response> {
  if (twin === undefined) throw httpError("http.no_twin", "This gateway has no twin to show.");
  if (!allowedPath.test(path)) throw httpError("http.not_found", "The twin has nothing to show under this path.");
  const person = peopleOf.exec(path)?.[1];
  if (person !== undefined && persons?.includes(person) === false)
    throw httpError("http.not_found", "No person with this id is known here.", "id");
  const search = `${new URLSearchParams([...query].filter(([key]) => key !== "token"))}`;
  const answer = await forward(twin, search === "" ? path : `${path}?${search}`);
  return persons === undefined || !answer.ok ? answer : withBody(answer, ownOnly(await bytesOf(answer), persons));
}

/**
 * What is wished of this gateway and what it has said of that; with `wish` makes the next one first. What is in force is decided at home all the same: a wish
 * comes back to the gateway signed by its twin, and goes no further than somebody at home has allowed. Throws as `askTwin`.
 */
export async function wishAtTwin(
  twin: TwinAddress | undefined,
  path: string,
  { wish, persons }: { readonly wish?: object; readonly persons: readonly string[] | undefined },
): Promise<Response> {
  if (twin === undefined) throw httpError("http.no_twin", "This gateway has no twin to wish at.");
  if (!wishPath.test(path)) throw httpError("http.not_found", "No gateway with this id is known here.", "id");
  const answer = await forward(twin, path, wish);
  return persons === undefined || !answer.ok ? answer : withBody(answer, ownWishes(await bytesOf(answer), persons));
}

/** With a body it is a PUT. What comes back is data, whatever the twin calls it. */
async function forward(twin: TwinAddress, path: string, body?: object): Promise<Response> {
  const sent = body === undefined ? {} : { method: "PUT", body: JSON.stringify(body) };
  try {
    const answer = await fetch(new URL(`/api/v1/${path}`, twin.url), {
      ...sent,
      headers: { authorization: `Bearer ${twin.token}`, accept: "application/json", "content-type": "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const bytes = await readAtMost(answer.body, maxAnswerBytes);
    if (bytes === undefined) throw new RangeError("the twin's answer is too large");
    const type = answer.headers.get("content-type") ?? "";
    return new Response(Buffer.from(bytes), {
      status: answer.status,
      headers: { "content-type": jsonType.test(type) ? type : "application/json" },
    });
  } catch (cause) {
    throw new GatewayError("http.twin_unreachable", "world", "The twin did not answer.", { cause });
  }
}

const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());
const withBody = ({ status, headers }: Response, body: string) => new Response(body, { status, headers });

interface TwinAnswer {
  people?: { id?: unknown }[];
  gateway?: TwinGateway;
  gateways?: TwinGateway[];
}
interface TwinGateway {
  devices?: { person?: unknown }[];
}

/** Without the other persons of a list, and without their devices in a gateway's state. */
function ownOnly(body: Uint8Array, persons: readonly string[]): string {
  const { people, gateway, gateways, ...rest } = (readJson(body, answerLimits)?.value ?? {}) as TwinAnswer;
  const own = (each: TwinGateway) => ({
    ...each,
    devices: (each.devices ?? []).filter(({ person }) => person == null || persons.includes(person as string)),
  });
  return JSON.stringify({
    ...rest,
    ...(people === undefined ? {} : { people: people.filter(({ id }) => persons.includes(id as string)) }),
    ...(gateway === undefined ? {} : { gateway: own(gateway) }),
    ...(gateways === undefined ? {} : { gateways: gateways.map(own) }),
  });
}

/** Of a document and of what is in force, the parts about these persons. */
function ownWishes(body: Uint8Array, persons: readonly string[]): string {
  const hide = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === "people" ? ownEntries(inner, persons) : hide(inner)]),
    );
  };
  return JSON.stringify(hide(readJson(body, answerLimits)?.value ?? {}));
}

function ownEntries(value: unknown, persons: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([person]) => persons.includes(person)));
}
