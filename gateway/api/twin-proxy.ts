/** Shows the page what the twin knows, through the gateway's own address so that the page's policy stays "self". Read-only: it forwards GET alone. */

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
const allowedPath = /^(gateways|people(\/[a-z0-9][a-z0-9-]{0,31}\/(state|vitals|beats|alerts|strip|forecast))?)$/;

const peopleOf = /^people\/([^/]+)\//;

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
  const target = new URL(`/api/v1/${path}`, twin.url);
  for (const [key, value] of query) if (key !== "token") target.searchParams.set(key, value);
  try {
    const answer = await fetch(target, {
      headers: { authorization: `Bearer ${twin.token}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await readAtMost(answer.body, maxAnswerBytes);
    if (body === undefined) throw new RangeError("the twin's answer is too large");
    const type = answer.headers.get("content-type") ?? "";
    const shown = persons === undefined || !answer.ok ? Buffer.from(body) : ownOnly(body, persons);
    return new Response(shown, {
      status: answer.status,
      headers: { "content-type": jsonType.test(type) ? type : "application/json" },
    });
  } catch (cause) {
    throw new GatewayError("http.twin_unreachable", "world", "The twin did not answer.", { cause });
  }
}

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
