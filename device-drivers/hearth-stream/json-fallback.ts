/** The JSON form of a batch, for debugging by hand: brought into the shape of the CBOR map, so that one set of rules judges both. */

import type { CborValue } from "../framing/cbor-reader.ts";
import { readJson } from "../framing/json-reader.ts";

type JsonBatch = Partial<Record<"v" | "b" | "q" | "n0" | "t" | "r" | "k" | "d" | "c" | "f" | "m", unknown>>;

const base64url = /^[A-Za-z0-9_-]*$/;
const unfit = false;

/** The map with bytes and typed arrays as CBOR would have them, or undefined when it isn't a JSON object. */
export function jsonMap(bytes: Uint8Array): Map<CborValue, CborValue> | undefined {
  // The caller has looked at the size.
  const read = readJson(bytes, { maxBytes: bytes.length });
  if (read === undefined) return undefined;
  const object = read.value as JsonBatch;
  const map = new Map<CborValue, CborValue>();
  // What has the wrong type stays there as something that no rule accepts: it is wrong, not missing.
  for (const key of ["v", "q", "n0", "k", "d"] as const)
    if (key in object) map.set(key, typeof object[key] === "number" ? object[key] : unfit);
  for (const key of ["t", "r"] as const) if (key in object) map.set(key, nanoseconds(object[key]) ?? unfit);
  for (const key of ["b", "m"] as const) if (key in object) map.set(key, byteString(object[key]) ?? unfit);
  if ("c" in object) map.set("c", Array.isArray(object.c) ? object.c.map(channel) : unfit);
  if ("f" in object) map.set("f", typeof object.f === "string" ? byteString(object.f) : runs(object.f));
  return map;
}

/** Beyond 2⁵³ a JSON number is off by less than a microsecond. */
function nanoseconds(value: unknown): CborValue {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? BigInt(value) : undefined;
}

function byteString(value: unknown): CborValue {
  return typeof value === "string" && base64url.test(value) ? new Uint8Array(Buffer.from(value, "base64url")) : undefined;
}

function runs(value: unknown): CborValue {
  if (!Array.isArray(value)) return undefined;
  return value.map((run) => (Array.isArray(run) && run.every((part) => typeof part === "number") ? (run as number[]) : undefined));
}

function channel(value: unknown): CborValue {
  if (typeof value !== "object" || value === null) return undefined;
  const { i, x } = value as { i?: unknown; x?: unknown };
  const isNumbers = Array.isArray(x) && x.every((sample) => typeof sample === "number");
  return new Map<CborValue, CborValue>([
    ...(i === undefined ? [] : [["i", typeof i === "string" ? i : unfit] as const]),
    ...(x === undefined ? [] : [["x", isNumbers ? typed(x as number[]) : unfit] as const]),
  ]);
}

/** The narrowest of the profile's types that holds every number. */
export function samplesOfNumbers(samples: readonly number[]) {
  const isWhole = samples.every(Number.isInteger);
  const low = samples.reduce((least, each) => Math.min(least, each), 0);
  const high = samples.reduce((most, each) => Math.max(most, each), 0);
  if (isWhole && low >= -0x8000 && high <= 0x7fff) return Int16Array.from(samples);
  if (isWhole && low >= -0x8000_0000 && high <= 0x7fff_ffff) return Int32Array.from(samples);
  if (isWhole && low >= 0 && high <= 0xffff_ffff) return Uint32Array.from(samples);
  return Float32Array.from(samples);
}

const tagOf = (samples: ReturnType<typeof samplesOfNumbers>) =>
  samples instanceof Int16Array ? 77 : samples instanceof Int32Array ? 78 : samples instanceof Uint32Array ? 70 : 85;

function typed(numbers: readonly number[]): CborValue {
  const samples = samplesOfNumbers(numbers);
  return { tag: tagOf(samples), value: new Uint8Array(samples.buffer) };
}
