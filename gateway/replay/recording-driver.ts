/** Offers a recording as a device would: counts in blocks of 250 ms, with a driver of its own, so that replay runs the very pipeline. */

import { Type } from "typebox";
import { type Chunk, type Driver, emptyCounters } from "../../device-drivers/contract/driver.ts";
import type { Channel, ChannelKind, GatewayStamps, SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { RecordHeader, SignalSpec } from "../recordings/header.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { millivoltsPer } from "../stream/ecg/millivolts.ts";

const recordingDevice = "recording";

interface RecordedStream {
  readonly descriptor: StreamDescriptor;
  /** Index into the record's signals, per channel. */
  readonly signals: readonly number[];
}

/** Streams of a record: one per (kind, rate), named by kind, and where a kind has several rates by its rate too. */
export function streamsOf(record: WfdbRecord, contact: StreamDescriptor["contact"]): RecordedStream[] {
  const groups = new Map<string, { readonly kind: ChannelKind; readonly rateHz: number; readonly signals: number[] }>();
  record.header.signals.forEach((spec, index) => {
    const rateHz = record.header.rateHz * spec.samplesPerFrame;
    const kind = kindOf(spec, rateHz);
    const group = groups.get(`${kind}@${rateHz}`) ?? { kind, rateHz, signals: [] };
    group.signals.push(index);
    groups.set(`${kind}@${rateHz}`, group);
  });
  const names = new Set<string>();
  return [...groups.values()].map(({ kind, rateHz, signals }) => {
    const channels = signals.map((index, at) => channelOf(record, index, { kind, at }));
    const stream = names.has(kind) ? `${kind}-${rateHz}` : kind;
    names.add(stream);
    return {
      signals,
      descriptor: {
        device: recordingDevice,
        stream,
        rateHz,
        placement: "chest",
        channels,
        sentinels: [],
        contact,
      },
    };
  });
}

const leadPattern = /^(ML?I{1,3}|I{1,3}|AV[RLF]|MV\d?|V\d?|MCL\d?|ECG\d?|EKG\d?|CM\d|CC\d|D3|ML\w+|MOD\w*.?\w*)$/i;

/** No heart beat can be read from fewer samples a second; monitors store averaged leads and trends so. */
const minEcgRateHz = 60;

/** True for a channel that is taken for an ECG. */
export function isEcg({ signals, rateHz }: RecordHeader, at: number): boolean {
  const spec = signals[at];
  return spec !== undefined && kindOf(spec, rateHz * spec.samplesPerFrame) === "ecg";
}

function kindOf(spec: SignalSpec, rateHz: number): ChannelKind {
  const kind = kindByName(spec);
  return kind === "ecg" && rateHz < minEcgRateHz ? "other" : kind;
}

function kindByName(spec: SignalSpec): ChannelKind {
  const name = spec.name.replace(/,$/, "").trim();
  if (/pleth|ppg/i.test(name)) return "ppg";
  if (/^resp/i.test(name)) return "resp";
  if (/^acc/i.test(name)) return "acc";
  if (leadPattern.test(name) || /ecg/i.test(name)) return "ecg";
  // vfdb and other old records name both ECG channels nothing better than "ECG" or by number; a voltage is taken for one.
  return millivoltsPer(spec.unit) !== undefined && !/abp|art|cvp|pap|bp$|eeg|emg|eog/i.test(name) ? "ecg" : "other";
}

function channelOf({ header, signals }: WfdbRecord, index: number, { kind, at }: { kind: ChannelKind; at: number }): Channel {
  const spec = header.signals[index] as SignalSpec;
  const name = spec.name.replace(/,$/, "").trim();
  const range = rangeOf(spec, signals[index] ?? new Int32Array());
  return {
    id: name.length > 0 ? name : `${kind}${at}`,
    kind,
    ...(kind === "ecg" ? { lead: name } : {}),
    unit: spec.unit,
    scale: 1 / spec.gain,
    offset: -spec.baseline / spec.gain,
    ...(range === undefined ? {} : { range }),
  };
}

/** What the converter could express. Many headers state no true ADC zero: where a sample lies outside, nothing is known of saturation. */
function rangeOf(spec: SignalSpec, samples: Int32Array): readonly [number, number] | undefined {
  const lowest = spec.adcZero - 2 ** (spec.adcResolution - 1);
  const highest = spec.adcZero + 2 ** (spec.adcResolution - 1) - 1;
  if (samples.some((count) => count !== NO_VALUE && (count < lowest || count > highest))) return undefined;
  const ends = [lowest, highest].map((count) => (count - spec.baseline) / spec.gain);
  // A negative gain turns the lead over, and the rails with it.
  return [Math.min(...ends), Math.max(...ends)];
}

/** Samples [from, to) of a stream as bytes: stream number, first index, then counts channel by channel, little-endian. */
export function encodeRecorded(stream: number, from: number, signals: readonly Int32Array[]): Uint8Array {
  const count = signals[0]?.length ?? 0;
  const words = new Int32Array(3 + signals.length * count);
  words[0] = stream;
  words[1] = from;
  words[2] = count;
  signals.forEach((samples, channel) => {
    words.set(samples, 3 + channel * count);
  });
  return new Uint8Array(words.buffer);
}

export function recordingDriver(streams: readonly Pick<RecordedStream, "descriptor">[]): Driver {
  return {
    name: "recording",
    title: "A recording played through the pipeline",
    options: Type.Object({}),
    silenceMs: 10_000,
    create: () => {
      const counters = emptyCounters();
      return {
        counters,
        refusals: () => [],
        state: () => undefined,
        push(chunk: Chunk) {
          counters.frames++;
          return [decode(chunk, streams)];
        },
      };
    },
  };
}

function decode(chunk: Chunk, streams: readonly Pick<RecordedStream, "descriptor">[]): SampleBlock {
  const { buffer, byteOffset, byteLength } = chunk.bytes;
  const isAligned = byteOffset % 4 === 0;
  const words = new Int32Array(isAligned ? buffer : chunk.bytes.slice().buffer, isAligned ? byteOffset : 0, byteLength / 4);
  const [which = 0, firstIndex = 0, count = 0] = words;
  const descriptor = (streams[which] ?? streams[0])?.descriptor as StreamDescriptor;
  // Counts of up to 24 bit are exact in a float, and NaN says "no value" for one channel without hiding the others.
  const channels = descriptor.channels.map((_, channel) => {
    const samples = new Float32Array(count);
    for (let i = 0, at = 3 + channel * count; i < count; i++, at++) samples[i] = words[at] === NO_VALUE ? Number.NaN : (words[at] ?? 0);
    return samples;
  });
  const deviceTimeUs = Math.round((firstIndex * 1e6) / descriptor.rateHz);
  return {
    kind: "samples",
    descriptor,
    bootId: "recording",
    firstIndex,
    count,
    deviceTimeUs,
    deviceClock: 3,
    stamps: chunk.stamps,
    channels,
  };
}

/** A span of a record on a grid of 250 ms: chunk by chunk, each arriving the moment its last sample is taken. */
export function* chunksOf(
  record: WfdbRecord,
  streams: readonly RecordedStream[],
  span: { fromS: number; toS: number; baseUs: number },
): Generator<Chunk> {
  const indexAt = (step: number, { descriptor: { rateHz } }: RecordedStream) =>
    Math.min(Math.floor((step * rateHz) / 4), Math.round(span.toS * rateHz));
  const first = Math.floor(span.fromS * 4);
  for (let step = first; step < Math.ceil(span.toS * 4); step++) {
    const due = streams.flatMap((stream, which) => {
      const from = step === first ? Math.round(span.fromS * stream.descriptor.rateHz) : indexAt(step, stream);
      // What a low rate leaves over from its last full interval goes with the last step.
      const to = step + 1 < span.toS * 4 ? indexAt(step + 1, stream) : Math.round(span.toS * stream.descriptor.rateHz);
      return to > from ? [{ ...stream, which, from, to, timeUs: span.baseUs + Math.round((to * 1e6) / stream.descriptor.rateHz) }] : [];
    });
    due.sort((a, b) => a.timeUs - b.timeUs);
    for (const { which, from, to, timeUs, signals, descriptor } of due) {
      const stamps: GatewayStamps = { timeUs, monotonicUs: timeUs - span.baseUs, wallUs: timeUs, wallQuality: "ntp" };
      const cut = signals.map((index) => (record.signals[index] ?? new Int32Array(to)).subarray(from, to));
      yield { link: "recording", device: recordingDevice, channel: descriptor.stream, bytes: encodeRecorded(which, from, cut), stamps };
    }
  }
}
