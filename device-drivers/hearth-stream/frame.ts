/** Batches of Hearth Stream 1 (devices.md §10) as bytes and back. Pure; a batch that breaks a rule is a reason, never a throw. */

import { createHash } from "node:crypto";
import { Encoder } from "cbor-x/encode";
import type { FieldFault, RefusalCode } from "../contract/refusal.ts";
import type { DeviceClockQuality } from "../contract/sample-block.ts";
import { type CborTag, type CborValue, readCbor } from "../framing/cbor-reader.ts";
import { jsonMap } from "./json-fallback.ts";

export type Samples = Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array;

interface BatchChannel {
  readonly id: string;
  readonly samples: Samples;
}

/** One batch of one stream. All channels have the same length, at least 1. */
export interface Batch {
  /** 16 hex digits; changes at device restart. */
  readonly bootId: string;
  /** Batch number in this boot. */
  readonly sequence: number;
  /** Index of the first sample in this boot. */
  readonly firstIndex: number;
  /** Device time of the first sample; below a microsecond it is cut off. */
  readonly deviceTimeUs: number;
  /** Wall time added by a gateway that passed the batch on. */
  readonly receivedUs?: number;
  readonly clockQuality: DeviceClockQuality;
  readonly periodNs: number;
  readonly channels: readonly BatchChannel[];
  /** The device's own quality bits, one number per sample; the descriptor says what they mean. */
  readonly quality?: Uint16Array;
  /** 16 hex digits: the first 8 bytes of the SHA-256 of the descriptor's payload. */
  readonly metaHash: string;
}

/** A broken rule of the profile; `field` as the batch names it ("q", "c[0].x"). */
export interface Discarded {
  readonly kind: "discarded";
  readonly reason: RefusalCode;
  readonly field?: string;
  readonly fault?: FieldFault;
}

type DecodedBatch = { readonly kind: "batch"; readonly batch: Batch } | Discarded;

export const maxBatchBytes = 16 * 1024;

/** RFC 8746 tags that `c` may carry; all little-endian. */
const samplesByTag: Readonly<Record<number, (bytes: ArrayBuffer) => Samples>> = {
  69: (bytes) => new Uint16Array(bytes),
  70: (bytes) => new Uint32Array(bytes),
  77: (bytes) => new Int16Array(bytes),
  78: (bytes) => new Int32Array(bytes),
  85: (bytes) => new Float32Array(bytes),
};

const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false });

/** Eight bytes of the descriptor's SHA-256 as 16 hex digits. */
export function hashOfMeta(payload: Uint8Array): string {
  return createHash("sha256").update(payload).digest("hex").slice(0, 16);
}

/** The batch as CBOR. The caller keeps it under 16 KiB. */
export function encodeBatch(batch: Batch): Uint8Array {
  const map = {
    v: 1,
    b: Buffer.from(batch.bootId, "hex"),
    q: uint(batch.sequence),
    n0: uint(batch.firstIndex),
    t: BigInt(batch.deviceTimeUs) * 1000n,
    ...(batch.receivedUs === undefined ? {} : { r: BigInt(batch.receivedUs) * 1000n }),
    k: batch.clockQuality,
    d: uint(batch.periodNs),
    c: batch.channels.map(({ id, samples }) => ({ i: id, x: samples })),
    ...(batch.quality === undefined ? {} : { f: qualityField(batch.quality) }),
    m: Buffer.from(batch.metaHash, "hex"),
  };
  return new Uint8Array(encoder.encode(map));
}

/** A whole number as CBOR's integer: cbor-x would write a float beyond 32 bits. */
const uint = (value: number): number | bigint => (value > 0xffff_ffff ? BigInt(value) : value);

/** Bits as runs where that is shorter than a byte for each sample, or where a bit does not fit into a byte. */
function qualityField(quality: Uint16Array): Uint8Array | number[][] {
  const runs: number[][] = [];
  for (let i = 0; i < quality.length; i++) {
    const bits = quality[i] ?? 0;
    const last = runs[runs.length - 1];
    if (last !== undefined && last[2] === bits && (last[0] ?? 0) + (last[1] ?? 0) === i) last[1] = (last[1] ?? 0) + 1;
    else if (bits !== 0) runs.push([i, 1, bits]);
  }
  const fitsBytes = quality.every((bits) => bits <= 0xff);
  return fitsBytes && runs.length * 8 > quality.length ? Uint8Array.from(quality) : runs;
}

/** A batch from CBOR, or from the JSON fallback, told apart by the first byte. Every rule of the profile is checked. */
export function decodeBatch(bytes: Uint8Array): DecodedBatch {
  if (bytes.length > maxBatchBytes) return discarded("driver.too_large");
  const first = bytes[0] ?? 0;
  if (first === 0x7b) {
    const map = jsonMap(bytes);
    return map === undefined ? discarded("driver.bad_json") : batchOf(map);
  }
  if (first < 0xa0 || first > 0xbf) return discarded("driver.unknown_encoding");
  const read = readCbor(bytes);
  return read?.value instanceof Map ? batchOf(read.value) : discarded("driver.bad_cbor");
}

function batchOf(map: ReadonlyMap<CborValue, CborValue>): DecodedBatch {
  const bad = (field: string) => discarded("driver.bad_field", field, map.get(field) === undefined ? "missing" : "type");
  if (map.get("v") !== 1) return discarded("driver.wrong_version", "v", map.get("v") === undefined ? "missing" : "range");
  const bootId = eightBytes(map.get("b"));
  const metaHash = eightBytes(map.get("m"));
  const sequence = map.get("q");
  const firstIndex = map.get("n0");
  const periodNs = map.get("d");
  const clockQuality = map.get("k");
  const deviceTimeUs = microseconds(map.get("t"));
  const receivedUs = map.has("r") ? microseconds(map.get("r")) : undefined;
  if (bootId === undefined) return bad("b");
  if (metaHash === undefined) return bad("m");
  if (deviceTimeUs === undefined) return bad("t");
  if (map.has("r") && receivedUs === undefined) return bad("r");
  if (!isUint(sequence)) return bad("q");
  if (!isUint(firstIndex)) return bad("n0");
  if (!isUint(periodNs)) return bad("d");
  if (periodNs === 0) return discarded("driver.bad_field", "d", "range");
  if (clockQuality !== 0 && clockQuality !== 1 && clockQuality !== 2 && clockQuality !== 3) return bad("k");
  const channels = channelsOf(map.get("c"));
  if ("kind" in channels) return channels;
  const count = channels[0]?.samples.length ?? 0;
  if (!Number.isSafeInteger(firstIndex + count)) return discarded("driver.bad_field", "n0", "range");
  const quality = map.has("f") ? qualityOf(map.get("f"), count) : undefined;
  if (map.has("f") && quality === undefined) return discarded("driver.bad_quality", "f", "type");
  const batch: Batch = {
    bootId,
    sequence,
    firstIndex,
    deviceTimeUs,
    ...(receivedUs === undefined ? {} : { receivedUs }),
    clockQuality,
    periodNs,
    channels,
    ...(quality === undefined ? {} : { quality }),
    metaHash,
  };
  return { kind: "batch", batch };
}

/** The channels, or why there are none. */
function channelsOf(value: CborValue): BatchChannel[] | Discarded {
  if (!Array.isArray(value)) return discarded("driver.bad_field", "c", value === undefined ? "missing" : "type");
  if (value.length === 0) return discarded("driver.bad_field", "c", "range");
  const channels: BatchChannel[] = [];
  for (const [at, entry] of (value as readonly CborValue[]).entries()) {
    if (!(entry instanceof Map)) return discarded("driver.bad_field", `c[${at}]`, "type");
    const id: CborValue = entry.get("i");
    if (typeof id !== "string" || id.length === 0)
      return discarded("driver.bad_field", `c[${at}].i`, id === undefined ? "missing" : "type");
    if (channels.some((known) => known.id === id)) return discarded("driver.bad_field", `c[${at}].i`, "twice");
    const samples = samplesOf(entry.get("x"));
    const field = `c[${at}].x`;
    if (samples === undefined) return discarded("driver.bad_samples", field, entry.get("x") === undefined ? "missing" : "type");
    if (samples.length === 0) return discarded("driver.empty_batch", field);
    if (samples.length !== (channels[0]?.samples.length ?? samples.length)) return discarded("driver.unequal_lengths", field);
    if (samples instanceof Float32Array && !samples.every(Number.isFinite)) return discarded("driver.not_finite", field);
    channels.push({ id, samples });
  }
  return channels;
}

function samplesOf(value: CborValue): Samples | undefined {
  if (!isTag(value) || !(value.value instanceof Uint8Array)) return undefined;
  const create = samplesByTag[value.tag];
  const width = value.tag === 69 || value.tag === 77 ? 2 : 4;
  return create === undefined || value.value.length % width !== 0 ? undefined : create(value.value.buffer);
}

/** One number per sample, from a byte each or from runs `[start, length, bits]`. */
function qualityOf(value: CborValue, count: number): Uint16Array | undefined {
  if (value instanceof Uint8Array) return value.length === count ? Uint16Array.from(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  const quality = new Uint16Array(count);
  for (const run of value as readonly CborValue[]) {
    if (!Array.isArray(run) || run.length !== 3) return undefined;
    const [start, length, bits] = run as readonly CborValue[];
    if (!isUint(start) || !isUint(length) || !isUint(bits) || bits > 0xffff || start + length > count) return undefined;
    for (let i = start; i < start + length; i++) quality[i] = (quality[i] ?? 0) | bits;
  }
  return quality;
}

/** Nanoseconds exceed 2⁵³; they become microseconds before anything counts with them. */
function microseconds(value: CborValue): number | undefined {
  if (typeof value !== "bigint" && !isUint(value)) return undefined;
  const us = Number(BigInt(value) / 1000n);
  return us >= 0 && Number.isSafeInteger(us) ? us : undefined;
}

const eightBytes = (value: CborValue) =>
  value instanceof Uint8Array && value.length === 8 ? Buffer.from(value).toString("hex") : undefined;
const isUint = (value: CborValue): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isTag = (value: CborValue): value is CborTag =>
  typeof value === "object" && value !== null && !(value instanceof Map) && !(value instanceof Uint8Array) && "tag" in value;
const discarded = (reason: RefusalCode, field?: string, fault?: FieldFault): Discarded => ({
  kind: "discarded",
  reason,
  ...(field === undefined ? {} : { field }),
  ...(fault === undefined ? {} : { fault }),
});
