/** Reads queries, bodies and uploads of requests and says exactly which field is wrong. It must never accept what it does not understand. */

import type { Context } from "hono";
import Type, { type Static, type TSchema } from "typebox";
import Value from "typebox/value";
import { maxNameLength, namePattern, plainMeans, plainPattern } from "../../device-drivers/contract/name.ts";
import { readJson as readJsonBytes } from "../../device-drivers/framing/json-reader.ts";
import { readAtMost } from "../../device-drivers/framing/read-at-most.ts";
import { verbOptions } from "../alert/verbs.ts";
import { msOfIso } from "../runtime/iso-time.ts";
import { httpError } from "./problem.ts";

const maxJsonBytes = 64 * 1024;
const space = 0x20;

const called = (description: string) => Type.String({ minLength: 1, maxLength: maxNameLength, pattern: namePattern, description });

/** POST body of an alert verb. `by` (or `name`) signs it where the token is a role's shared one. */
export const VerbBody = Type.Object(
  {
    by: Type.Optional(called("Name of the person who acts; a token with a name of its own goes first.")),
    name: Type.Optional(called("The same as `by`.")),
    ...verbOptions,
  },
  { additionalProperties: false },
);

export const WearingBody = Type.Object(
  {
    person: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 32 }), Type.Null()], {
        description: "Who wears it from now on; null or absent = nobody.",
      }),
    ),
    placement: Type.Optional(
      Type.String({ maxLength: 40, pattern: plainPattern, description: "Where on the body, for example chest or wrist." }),
    ),
    since: Type.Optional(
      Type.String({
        maxLength: 40,
        description: "ISO 8601 or seconds since 1970; now unless told. Only for a time at which nobody wore it.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const LeaveBody = Type.Object(
  { confirm: Type.String({ minLength: 1, maxLength: 200, description: "The person's name or id, typed by whoever asks for it." }) },
  { additionalProperties: false },
);

/** The JSON body checked against a schema; an empty body is `{}`. Throws `http.bad_json`, `http.bad_field`, `http.too_large`. */
export async function readJson<S extends TSchema>(c: Context, schema: S): Promise<Static<S>> {
  const declared = Number(c.req.header("content-length") ?? 0);
  const bytes = declared > maxJsonBytes ? undefined : await readAtMost(bodyOf(c), maxJsonBytes);
  if (bytes === undefined) throw httpError("http.too_large", `The body may have ${maxJsonBytes} bytes.`);
  const isEmpty = bytes.every((byte) => byte <= space);
  const read = isEmpty ? { value: {} } : readJsonBytes(bytes, { maxBytes: maxJsonBytes });
  if (read === undefined) throw httpError("http.bad_json", "The body is not JSON.");
  const body = read.value;
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body).filter((error) => error.keyword !== "boolean");
  const named = first?.params as { additionalProperties?: string[]; requiredProperties?: string[] } | undefined;
  const field =
    (named?.additionalProperties ?? named?.requiredProperties)?.[0] ?? (first?.instancePath.slice(1).replaceAll("/", ".") || "body");
  const isHidden = first?.keyword === "pattern" && [plainPattern, namePattern].includes(`${first.params.pattern}`);
  const says = isHidden ? `takes ${plainMeans}` : (first?.message ?? "is not accepted");
  throw httpError("http.bad_field", `The field '${field}' ${says}.`, field);
}

/** The body's bytes as they come. Whoever leaves off refuses it and leaves the connection open for the answer. */
export function bodyOf(c: Context): AsyncIterable<Uint8Array> | null {
  return c.req.raw.body?.values({ preventCancel: true }) ?? null;
}

/** Seconds since 1970 stay below this until the year 5138; microseconds were above it after two days. */
const microsecondsFrom = 1e11;

/** A time on the gateway's axis in microseconds from `?name=`: ISO 8601, seconds or microseconds since 1970; undefined when absent. Throws `http.bad_field`. */
export function readTimeUs(c: Context, name: string): number | undefined {
  return timeUsOf(c.req.query(name), name);
}

/** The same from a body's field. */
export function timeUsOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const timeUs = Number.isNaN(number) ? msOfIso(text) * 1000 : number < microsecondsFrom ? number * 1e6 : number;
  if (!Number.isFinite(timeUs)) throw httpError("http.bad_field", `'${name}' is neither ISO 8601 nor a time since 1970.`, name);
  return Math.round(timeUs);
}

/** The span `from` < `to`, at most `maxS` long. */
export function readSpanUs(c: Context, maxS: number): { fromUs: number; toUs: number } {
  const [fromUs, toUs] = [readTimeUs(c, "from"), readTimeUs(c, "to")];
  if (fromUs === undefined || toUs === undefined)
    throw httpError(
      "http.bad_field",
      "The query needs 'from' and 'to': ISO 8601 or seconds since 1970.",
      fromUs === undefined ? "from" : "to",
    );
  if (toUs <= fromUs) throw httpError("http.bad_field", "'to' must be after 'from'.", "to");
  if (toUs - fromUs > maxS * 1e6) throw httpError("http.bad_field", `The span may be ${maxS} s at most.`, "to");
  return { fromUs, toUs };
}

/** A whole number from `?name=` within bounds, undefined when absent. */
export function readCount(c: Context, name: string, max: number): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw httpError("http.bad_field", `'${name}' must be a whole number from 1 to ${max}.`, name);
  return value;
}
