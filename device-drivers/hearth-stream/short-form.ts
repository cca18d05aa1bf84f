/**
 * The short form of a batch, for a first trace and for whoever has only numbers: JSON with samples and at most what they are. Without numbers of its
 * own a batch that is lost or comes twice is not noticed, so the gateway counts, and the time is the arrival.
 */

import { createHash } from "node:crypto";
import type { SampleBlock, StreamDescriptor } from "../contract/sample-block.ts";
import { readJson } from "../framing/json-reader.ts";
import { type Discarded, maxBatchBytes, type Samples } from "./frame.ts";
import { samplesOfNumbers } from "./json-fallback.ts";
import { channelKinds } from "./meta-schema.ts";

export interface ShortBatch {
  readonly kind: "short";
  /** `id` is absent where the batch is one row of samples. */
  readonly channels: readonly { readonly id?: string; readonly samples: Samples }[];
  /** A descriptor made of what the batch says of itself; absent where the published one counts. */
  readonly meta?: Uint8Array;
}

/** One of them, and all are needed: the gateway can't count a half. */
const fullForm = ["b", "q", "n0", "t", "k", "d", "m"] as const;
const jsonStart = /^[\s[{\-0-9]/;

/** Undefined for what is no short form: CBOR, the full form, and what is no JSON. `stream` names the kind where the batch does not. */
export function readShortForm(bytes: Uint8Array, stream: string): ShortBatch | Discarded | undefined {
  // CBOR begins beyond ASCII.
  if (bytes.length > maxBatchBytes || (bytes[0] ?? 0) >= 0x80 || !jsonStart.test(String.fromCharCode(bytes[0] ?? 0))) return undefined;
  const value = readJson(bytes, { maxBytes: bytes.length })?.value;
  if (typeof value === "number" || Array.isArray(value)) return batchOf({ x: value }, stream);
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  if (fullForm.some((key) => key in given)) return undefined;
  if (given.v !== undefined && given.v !== 1) return { kind: "discarded", reason: "driver.wrong_version", field: "v", fault: "range" };
  return batchOf(given, stream);
}

function batchOf(given: Readonly<Record<string, unknown>>, stream: string): ShortBatch | Discarded {
  const rows =
    Array.isArray(given.c) && given.x === undefined
      ? given.c.map((row: unknown) => ({ ...(row as { i?: unknown; x?: unknown }) }))
      : [given];
  if (given.x === undefined && given.c === undefined)
    return { kind: "discarded", reason: "driver.bad_field", field: "x", fault: "missing" };
  const channels: { id?: string; samples: Samples }[] = [];
  for (const [at, row] of rows.entries()) {
    const isRow = row === given;
    const field = isRow ? "x" : `c[${at}].x`;
    const id = isRow ? undefined : (row as { i?: unknown }).i;
    if (!isRow && typeof id !== "string")
      return { kind: "discarded", reason: "driver.bad_field", field: `c[${at}].i`, fault: id === undefined ? "missing" : "type" };
    const numbers = typeof row.x === "number" ? [row.x] : row.x;
    if (numbers === undefined) return { kind: "discarded", reason: "driver.bad_samples", field, fault: "missing" };
    const wrong = Array.isArray(numbers) ? numbers.findIndex((each) => typeof each !== "number") : -1;
    if (!Array.isArray(numbers) || wrong >= 0)
      return { kind: "discarded", reason: "driver.bad_samples", field: wrong < 0 ? field : `${field}[${wrong}]`, fault: "type" };
    if (numbers.length === 0) return { kind: "discarded", reason: "driver.empty_batch", field };
    const samples = samplesOfNumbers(numbers as number[]);
    if (samples.length !== (channels[0]?.samples.length ?? samples.length))
      return { kind: "discarded", reason: "driver.unequal_lengths", field };
    channels.push(typeof id === "string" ? { id, samples } : { samples });
  }
  return { kind: "short", channels, ...metaOf(given, stream) };
}

/** With any of these words the batch describes itself, and what it leaves out is missing. */
function metaOf({ rateHz, unit, kind, scale = 1, offset = 0 }: Readonly<Record<string, unknown>>, stream: string): { meta?: Uint8Array } {
  if (rateHz === undefined && unit === undefined) return {};
  const known = channelKinds.find((each) => each === (kind ?? stream));
  const channel = { id: kind ?? stream, kind: kind ?? known, unit, scale, offset };
  return { meta: new TextEncoder().encode(JSON.stringify({ rateHz, channels: [channel], sentinels: [] })) };
}

/** Where a stream's counted samples have got to. */
export interface Counted {
  readonly bootId: string;
  readonly nextIndex: number;
  readonly arrivedUs: number;
}

/** So much longer between batches than a batch lasts is a pause, and a gap. */
const pauseUs = 2_000_000;

/**
 * Numbers for `count` samples that arrive now. They follow the last ones, or after a pause stand where the arrival puts them. `raw` is the arrival's alone,
 * so that whoever reads the journal from any place finds the samples again.
 */
export function countOn(
  last: Counted | undefined,
  { descriptor, count, stamps }: { readonly descriptor: StreamDescriptor; readonly count: number; readonly stamps: SampleBlock["stamps"] },
): { readonly next: Counted; readonly place: Pick<SampleBlock, "bootId" | "firstIndex" | "raw"> } {
  const { device, stream, rateHz } = descriptor;
  const bootId = createHash("sha256")
    .update(JSON.stringify([device, stream, rateHz, descriptor.channels]))
    .digest("hex")
    .slice(0, 16);
  const byArrival = Math.max(0, Math.round((stamps.timeUs * rateHz) / 1e6) - count);
  const isPause = last?.bootId === bootId && stamps.timeUs - last.arrivedUs - (count * 1e6) / rateHz > pauseUs;
  const firstIndex = last?.bootId !== bootId ? byArrival : isPause ? Math.max(last.nextIndex, byArrival) : last.nextIndex;
  return {
    next: { bootId, nextIndex: firstIndex + count, arrivedUs: stamps.timeUs },
    place: { bootId, firstIndex, raw: { bootId, firstIndex: byArrival, rateHz } },
  };
}
