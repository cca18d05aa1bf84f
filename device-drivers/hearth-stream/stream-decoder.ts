/** One stream of a Hearth Stream 1 device: batches are matched to their descriptor by hash, kept back until it is known, and decoded once each. Never emits a batch twice. */

import { crc32 } from "node:zlib";
import type { DriverCounters } from "../contract/driver.ts";
import type { FieldFault, RefusalCode } from "../contract/refusal.ts";
import { Flag, type GatewayStamps, type SampleBlock, type Sentinel } from "../contract/sample-block.ts";
import type { Refusals } from "../framing/refusals.ts";
import { createTakenBatches, type TakenBatches, type TakenState } from "../framing/taken-batches.ts";
import { type Batch, decodeBatch, maxBatchBytes, type Samples } from "./frame.ts";
import { type Meta, parseMeta } from "./meta.ts";
import { type Counted, countOn, readShortForm, type ShortBatch } from "./short-form.ts";

/** A batch that waits for its descriptor. */
interface HeldBatch {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly stamps: GatewayStamps;
}

export interface StreamState {
  /** Descriptors as received, newest first. */
  readonly metas: readonly Uint8Array[];
  readonly held: readonly HeldBatch[];
  /** Of batches without numbers of their own; absent in states of earlier versions. */
  readonly counted?: Counted | undefined;
  readonly boots: readonly ({ readonly bootId: string; readonly nextIndex: number } & TakenState<SampleBlock>)[];
}

export interface StreamDecoder {
  pushMeta(payload: Uint8Array): SampleBlock[];
  pushRaw(bytes: Uint8Array, stamps: GatewayStamps): SampleBlock[];
  /** Hash of the descriptor that the oldest waiting batch wants. */
  wantedHash(): string | undefined;
  knows(hash: string): boolean;
  state(): StreamState;
}

const maxHeld = 64;
const maxHeldBytes = 256 * 1024;
const maxMetas = 4;
const maxBoots = 4;
/** The nominal period may differ this much from the descriptor's rate: rounding, not another rate. */
const maxRateError = 0.02;

interface Boot {
  readonly bootId: string;
  nextIndex: number;
  /** The newest batch by its number: what follows is measured against it. Not kept over a restart. */
  last?: Pick<Batch, "sequence" | "firstIndex" | "deviceTimeUs">;
  readonly taken: TakenBatches<SampleBlock>;
}

interface StreamContext {
  readonly device: string;
  readonly stream: string;
  readonly counters: DriverCounters;
  readonly refusals: Refusals;
  /** Another stream of the device has this descriptor. */
  readonly isKnownElsewhere: (hash: string) => boolean;
}

export function createStreamDecoder(context: StreamContext, saved?: StreamState): StreamDecoder {
  const { device, stream, counters, refusals, isKnownElsewhere } = context;
  const metas = (saved?.metas ?? []).flatMap((payload) => {
    const meta = parseMeta(payload, device, stream);
    return meta.kind === "meta" ? [meta] : [];
  });
  let counted = saved?.counted;
  let declared: Meta | undefined;
  let held: readonly HeldBatch[] = saved?.held ?? [];
  const boots = (saved?.boots ?? []).map(
    ({ bootId, nextIndex, ...taken }): Boot => ({ bootId, nextIndex, taken: createTakenBatches(taken) }),
  );

  const discard = (reason: RefusalCode, where: Parameters<Refusals["add"]>[2] = {}): SampleBlock[] => {
    counters.discarded[reason] = (counters.discarded[reason] ?? 0) + 1;
    refusals.add(reason, stream, where);
    return [];
  };

  const bootOf = (bootId: string): Boot => {
    const known = boots.find((boot) => boot.bootId === bootId);
    if (known !== undefined) return known;
    const boot: Boot = { bootId, nextIndex: 0, taken: createTakenBatches() };
    boots.unshift(boot);
    boots.length = Math.min(boots.length, maxBoots);
    return boot;
  };

  const hold = (batch: HeldBatch): SampleBlock[] => {
    if (held.some(({ bytes }) => Buffer.compare(bytes, batch.bytes) === 0)) return discard("driver.duplicate_batch");
    held = [...held, batch];
    refusals.add(isKnownElsewhere(batch.hash) ? "driver.other_stream" : "driver.no_descriptor", stream, { field: "m" });
    while (held.length > maxHeld || held.reduce((sum, { bytes }) => sum + bytes.length, 0) > maxHeldBytes) {
      held = held.slice(1);
      counters.discarded["driver.no_descriptor"] = (counters.discarded["driver.no_descriptor"] ?? 0) + 1;
    }
    return [];
  };

  const accept = (batch: Batch, meta: Meta, stamps: GatewayStamps): SampleBlock[] => {
    const { descriptor } = meta;
    if (Math.abs((batch.periodNs * descriptor.rateHz) / 1e9 - 1) > maxRateError) return discard("driver.rate_mismatch", { field: "d" });
    const columns = descriptor.channels.map(({ id }) => batch.channels.find((channel) => channel.id === id)?.samples);
    if (batch.channels.length !== columns.length || columns.includes(undefined)) return discard("driver.channel_mismatch", { field: "c" });
    const boot = bootOf(batch.bootId);
    const count = columns[0]?.length ?? 0;
    const { items, isAgain } = boot.taken.add(batch.sequence, digestOf(batch), {
      kind: "samples",
      descriptor,
      bootId: batch.bootId,
      firstIndex: batch.firstIndex,
      count,
      deviceTimeUs: batch.deviceTimeUs,
      deviceClock: batch.clockQuality,
      stamps,
      ...valuesOf(columns as Samples[], meta, batch.quality),
    });
    if (items.length === 0) return discard("driver.duplicate_batch", { field: "q" });
    refusals.over(stream);
    if (isAgain) counters.resyncs++;
    for (const odd of odditiesOf(batch, boot.last, isAgain)) refusals.note(odd.code, stream, { field: odd.field });
    boot.last = batch;
    counters.frames += items.length;
    if (batch.firstIndex > boot.nextIndex) counters.sequenceGaps++;
    boot.nextIndex = isAgain ? batch.firstIndex + count : Math.max(boot.nextIndex, batch.firstIndex + count);
    return [...items];
  };

  /** A batch that says itself what it is, or goes by the newest descriptor. */
  const acceptShort = (batch: ShortBatch, stamps: GatewayStamps): SampleBlock[] => {
    const meta = batch.meta === undefined ? metas[0] : parseMeta(batch.meta, device, stream);
    if (meta === undefined) return discard("driver.undescribed", { field: "rateHz", fault: "missing" });
    if (meta.kind === "bad") return discard("driver.bad_field", shortField(meta));
    const { channels: described } = meta.descriptor;
    const columns = described.map(({ id }) => batch.channels.find((channel) => (channel.id ?? described[0]?.id) === id)?.samples);
    if (batch.channels.length !== columns.length || columns.includes(undefined))
      return discard("driver.channel_mismatch", { field: batch.channels[0]?.id === undefined ? "x" : "c" });
    // The same object while nothing changes.
    if (declared?.hash !== meta.hash) declared = meta;
    const { descriptor } = declared;
    const count = columns[0]?.length ?? 0;
    const { next, place } = countOn(counted, { descriptor, count, stamps });
    counted = next;
    refusals.over(stream);
    counters.frames++;
    const clock = { deviceTimeUs: 0, deviceClock: 0 } as const;
    return [{ kind: "samples", descriptor, ...place, count, ...clock, stamps, ...valuesOf(columns as Samples[], meta, undefined) }];
  };

  const pushRaw = (bytes: Uint8Array, stamps: GatewayStamps): SampleBlock[] => {
    const short = readShortForm(bytes, stream);
    if (short?.kind === "short") return acceptShort(short, stamps);
    const decoded = short ?? decodeBatch(bytes);
    if (decoded.kind === "discarded") {
      const { kind: _, reason, ...where } = decoded;
      return discard(reason, where);
    }
    const meta = metas.find(({ hash }) => hash === decoded.batch.metaHash);
    return meta === undefined
      ? hold({ hash: decoded.batch.metaHash, bytes: new Uint8Array(bytes), stamps })
      : accept(decoded.batch, meta, stamps);
  };

  return {
    pushRaw,
    pushMeta(payload) {
      const meta = parseMeta(new Uint8Array(payload), device, stream);
      if (meta.kind === "bad") {
        const { kind: _, ...where } = meta;
        return discard("driver.bad_meta", where);
      }
      refusals.over(stream, "driver.bad_meta");
      const known = metas.findIndex(({ hash }) => hash === meta.hash);
      if (known >= 0) metas.splice(known, 1);
      metas.unshift(meta);
      metas.length = Math.min(metas.length, maxMetas);
      const waiting = held;
      held = [];
      return waiting.flatMap((batch) => pushRaw(batch.bytes, batch.stamps));
    },
    wantedHash: () => held[0]?.hash,
    knows: (wanted) => metas.some(({ hash }) => hash === wanted),
    state: () => ({
      metas: metas.map(({ payload }) => payload),
      held,
      counted,
      boots: boots.map(({ bootId, nextIndex, taken }) => ({ bootId, nextIndex, ...taken.state() })),
    }),
  };
}

/** A short batch has the fields of its one channel beside the others: "channels[0].unit" is its "unit". */
function shortField({ field = "", fault }: { readonly field?: string; readonly fault?: FieldFault }) {
  return { field: field.replace(/^channels\[0\]\./, ""), ...(fault === undefined ? {} : { fault }) };
}

/** A clock that is a thousand times too slow counts in another unit than nanoseconds. */
const slowestClock = 0.002;

/** What a device is to know of a batch that was taken: numbers that began anew within a boot, and times in another unit. */
function odditiesOf(batch: Batch, last: Boot["last"], isAgain: boolean): { code: RefusalCode; field: string }[] {
  if (isAgain) return [{ code: "driver.numbers_again", field: "q" }];
  const steps = batch.firstIndex - (last?.firstIndex ?? batch.firstIndex);
  if (last === undefined || batch.sequence <= last.sequence) return [];
  if (steps < 0) return [{ code: "driver.numbers_again", field: "n0" }];
  const expectedUs = (steps * batch.periodNs) / 1000;
  const isSlow = steps > 0 && Math.abs(batch.deviceTimeUs - last.deviceTimeUs) < slowestClock * expectedUs;
  return isSlow && batch.clockQuality !== 0 ? [{ code: "driver.time_unit", field: "t" }] : [];
}

/** Two of its numbers as text take no less than a sample does as bytes. */
const digested = Buffer.alloc(64 + 4 * maxBatchBytes);

/** Of what makes two batches the same: not of the stamp that a gateway in between may add. All in one place, because the call costs more than the bytes. */
function digestOf({ firstIndex, deviceTimeUs, channels }: Batch): number {
  let size = digested.write(`${firstIndex} ${deviceTimeUs}`, "latin1");
  for (const { samples } of channels) {
    digested.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), size);
    size += samples.byteLength;
  }
  return crc32(digested.subarray(0, size));
}

const flagOfMeaning: Partial<Record<Sentinel["meaning"], number>> = { "lead-off": Flag.leadOff, "no-finger": Flag.notWorn };

/**
 * Samples in the block's types, and flags where there are any. A channel's "no value" number becomes NaN where other channels still have a value;
 * where none has one, the sample is flagged absent. What it means (lead off, no finger) is told by the first channel or by all of them together.
 */
function valuesOf(columns: readonly Samples[], meta: Meta, quality: Uint16Array | undefined): Pick<SampleBlock, "channels" | "flags"> {
  const { channels: described, sentinels } = meta.descriptor;
  if (sentinels.length === 0 && quality === undefined) return { channels: columns.map(blockSamples) };
  const count = columns[0]?.length ?? 0;
  const flags = new Uint8Array(count);
  const missing = new Uint8Array(count);
  const channels = columns.map((samples, at) => {
    const own = sentinels.filter(({ channel }) => channel === described[at]?.id);
    const holes = own.flatMap(({ value, meaning }) => positionsOf(samples, value).map((i) => ({ i, meaning })));
    for (const { i, meaning } of holes) {
      missing[i] = (missing[i] ?? 0) + 1;
      if (at === 0 || missing[i] === columns.length) flags[i] = (flags[i] ?? 0) | (flagOfMeaning[meaning] ?? 0);
    }
    return columns.length === 1 ? blockSamples(samples) : withHoles(blockSamples(samples), holes);
  });
  for (let i = 0; i < count; i++) {
    const bits = quality?.[i] ?? 0;
    const translated = (meta.flagsOfLow[bits & 0xff] ?? 0) | (meta.flagsOfHigh[bits >> 8] ?? 0);
    flags[i] = (flags[i] ?? 0) | translated | (missing[i] === columns.length ? Flag.absent : 0);
  }
  return flags.some((bits) => bits !== 0) ? { channels, flags } : { channels };
}

function positionsOf(samples: Samples, value: number): number[] {
  const found: number[] = [];
  for (let i = samples.indexOf(value); i >= 0; i = samples.indexOf(value, i + 1)) found.push(i);
  return found;
}

function withHoles(samples: SampleBlock["channels"][number], holes: readonly { readonly i: number }[]): SampleBlock["channels"][number] {
  if (holes.length === 0) return samples;
  const floats = Float32Array.from(samples);
  for (const { i } of holes) floats[i] = Number.NaN;
  return floats;
}

/** Unsigned counts become signed 32 bit; what that can't hold becomes a float. */
function blockSamples(samples: Samples): SampleBlock["channels"][number] {
  if (samples instanceof Uint16Array) return Int32Array.from(samples);
  if (!(samples instanceof Uint32Array)) return samples;
  return samples.every((value) => value <= 0x7fff_ffff) ? Int32Array.from(samples) : Float32Array.from(samples);
}
