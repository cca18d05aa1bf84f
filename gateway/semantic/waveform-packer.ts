/**
 * Cuts a person's signals into windows and packs each as its stream's mode wants it: a waveform with its own stated error, or every sample as a strip.
 * Windows end on the grid on which events go. Pure; it owns no clock and no queue.
 */

import { type Channel, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Followed, followBeats } from "./beats-kept.ts";
import type { WaveformCodec } from "./codecs/codec.ts";
import { encodeKept } from "./encode-within.ts";
import { type ErrorBound, inCounts } from "./error-bound.ts";
import type { ModeOf, StreamMode } from "./mode.ts";
import type { StripPayload } from "./payloads/strip.ts";
import { finenessOf, noValue } from "./strip-codec.ts";
import type { WaveformPayload } from "./waveform-code.ts";

/** Samples of one stream that have their place on the axis, or a hole; as `stream/reorder.ts` gives them. */
export interface PlacedSamples {
  readonly kind: "samples" | "gap";
  readonly bootId: string;
  readonly count: number;
  readonly startUs: number;
  readonly channels?: readonly ArrayLike<number>[];
  readonly flags?: Uint8Array;
}

type Packed = WaveformPayload | StripPayload;

interface WaveformPacker {
  /** The next samples of a stream; `channel` is one that goes. Windows of it that end with them or before, those that reached the grid's line apart. */
  push(descriptor: StreamDescriptor, channel: Channel, placed: PlacedSamples): Packed[];
  /** An R peak; of one that is told before its window is packed a codec knows. */
  peak(of: Pick<StreamDescriptor, "device" | "stream">, timeUs: number): void;
  /** Something that somebody will look at closely: what of it is not packed yet goes finer. */
  close(of: Pick<StreamDescriptor, "device" | "stream">, span: Stretch): void;
  /** Signal time has reached `timeUs`: windows of streams that fell silent. */
  tick(timeUs: number): Packed[];
  /** Windows that have reached a line of the grid, at or before `lineUs`. */
  ended(lineUs: number): Packed[];
  /** The line that the next such window is about; undefined where none is open or waits. */
  readonly nextLineUs: number | undefined;
  flush(): Packed[];
  /** Structured-cloneable; a packer made from it writes the same windows. */
  state(): unknown;
}

interface WaveformPackerOptions {
  readonly person: string;
  /** Seconds of signal per window at most; the grid's lines are whole multiples of it since 1970. */
  readonly windowS: number;
  readonly modeOf: ModeOf;
  /** That may be used, the best first. Asked when a window is packed. */
  readonly codecs: () => readonly WaveformCodec[];
  /** How far what goes of a channel may be off. */
  readonly boundOf: (channel: Channel) => ErrorBound;
  readonly state?: unknown;
}

/** A hole that is longer ends a window: a frame tells of signal. */
const longestHoleUs = 2_000_000;
/** A stream of which nothing has come for so long has fallen silent; late blocks are waited for less. */
const silentUs = 5_000_000;
/** Bound on a window's memory, in samples: a minute at 2 kHz. */
const maxSamples = 120_000;

/** On the gateway's axis. */
interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Window {
  readonly descriptor: Pick<StreamDescriptor, "device" | "stream" | "rateHz">;
  readonly channel: Channel;
  readonly bootId: string;
  readonly mode: Exclude<StreamMode, "event">;
  readonly startUs: number;
  /** Raw values; NaN where there is none. */
  values: Float64Array;
  count: number;
}

type SavedWindow = Omit<Window, "values" | "count"> & { readonly values: Float32Array | Float64Array };

interface State {
  readonly open: readonly SavedWindow[];
  readonly full: readonly SavedWindow[];
  readonly peaks: readonly (readonly [string, readonly number[]])[];
  /** What a reader's detector has seen of each stream; a state saved by an older version has none. */
  readonly followed?: readonly (readonly [string, Followed])[];
  readonly close?: readonly (readonly [string, readonly Stretch[]])[];
}

/** Bound on the stretches of a stream that are looked at closely; older ones have been packed. */
const maxClose = 32;

/** Bound on the peaks of a stream that are remembered: two minutes at 300 a minute. */
const maxPeaks = 600;

export function createWaveformPacker({ person, windowS, modeOf, codecs, boundOf, state: saved }: WaveformPackerOptions): WaveformPacker {
  const gridUs = windowS * 1_000_000;
  const open = new Map<string, Window>();
  const was = saved as State | undefined;
  for (const window of was?.open ?? []) open.set(keyOf(window.descriptor, window.channel), restored(window));
  let full = (was?.full ?? []).map(restored);
  const peaks = new Map((was?.peaks ?? []).map(([key, timesUs]) => [key, [...timesUs]]));

  const followed = new Map(was?.followed ?? []);
  const looked = new Map(was?.close ?? []);

  const pack = (window: Window): Packed[] => {
    const { descriptor, channel } = window;
    const [key, stream] = [keyOf(descriptor, channel), streamOf(descriptor)];
    const how = { codecs: codecs(), peaksUs: peaks.get(stream) ?? [], close: looked.get(stream) ?? [], bound: boundOf(channel) };
    const { packed, after } = packWindow(person, window, { ...how, before: followed.get(key) });
    if (after === undefined) followed.delete(key);
    else followed.set(key, after);
    return packed;
  };
  const close = (key: string): Packed[] => {
    const window = open.get(key);
    open.delete(key);
    const packed = window === undefined ? [] : pack(window);
    // What comes next does not go on from here.
    followed.delete(key);
    return packed;
  };

  /** Where the window that holds this time ends. */
  const lineAfter = (timeUs: number) => (Math.floor(timeUs / gridUs) + 1) * gridUs;

  const take = (descriptor: StreamDescriptor, channel: Channel, placed: PlacedSamples): Packed[] => {
    const { rateHz } = descriptor;
    const key = keyOf(descriptor, channel);
    const mode = modeOf(person, descriptor, placed.startUs);
    const out: Packed[] = [];
    if (mode === "event") return close(key);
    const row = valuesOf(descriptor, channel, placed);
    let at = 0;
    while (at < placed.count) {
      const startUs = placed.startUs + Math.round((at * 1e6) / rateHz);
      const known = open.get(key);
      if (known !== undefined && !goesOn(known, { descriptor, channel, mode, bootId: placed.bootId, startUs })) out.push(...close(key));
      if (placed.kind === "gap" && !open.has(key)) return out;
      const window = open.get(key) ?? opened({ descriptor, channel, bootId: placed.bootId, mode, startUs });
      open.set(key, window);
      const room = Math.ceil(((lineAfter(window.startUs) - window.startUs) * rateHz) / 1e6);
      const more = Math.min(placed.count - at, Math.max(1, Math.min(room, maxSamples) - window.count));
      append(window, row, at, more);
      at += more;
      if (window.count < Math.min(room, maxSamples)) continue;
      open.delete(key);
      if (window.count >= room) full.push(window);
      else out.push(...pack(window));
    }
    return out;
  };

  return {
    push(descriptor, channel, placed) {
      const isLongHole = placed.kind === "gap" && (placed.count * 1e6) / descriptor.rateHz > longestHoleUs;
      return isLongHole ? close(keyOf(descriptor, channel)) : take(descriptor, channel, placed);
    },
    peak(of, timeUs) {
      const key = streamOf(of);
      const windows = [...open.values(), ...full];
      if (!windows.some(({ descriptor }) => streamOf(descriptor) === key)) return void peaks.delete(key);
      const timesUs = peaks.get(key) ?? [];
      timesUs.push(timeUs);
      if (timesUs.length > maxPeaks) timesUs.shift();
      peaks.set(key, timesUs);
    },
    close(of, span) {
      looked.set(streamOf(of), [...(looked.get(streamOf(of)) ?? []), span].slice(-maxClose));
    },
    ended(lineUs) {
      const due = full.filter((window) => lineAfter(window.startUs) <= lineUs);
      full = full.filter((window) => !due.includes(window));
      return due.flatMap(pack);
    },
    get nextLineUs() {
      const lines = [...full, ...open.values()].map(({ startUs }) => lineAfter(startUs));
      return lines.length === 0 ? undefined : Math.min(...lines);
    },
    tick: (timeUs) => [...open].flatMap(([key, window]) => (endOf(window) + silentUs < timeUs ? close(key) : [])),
    flush: () => [...full.splice(0).flatMap(pack), ...[...open.keys()].flatMap(close)],
    state: (): State => ({
      open: [...open.values()].map(savedOf),
      full: full.map(savedOf),
      peaks: [...peaks].map(([key, timesUs]) => [key, [...timesUs]]),
      ...{ followed: [...followed], close: [...looked] },
    }),
  };
}

function savedOf({ values, count, ...window }: Window): SavedWindow {
  return { ...window, values: small(values.slice(0, count)) };
}

function restored({ values, ...window }: SavedWindow): Window {
  return { ...window, values: Float64Array.from(values), count: values.length };
}

type StreamName = Pick<StreamDescriptor, "device" | "stream">;

const streamOf = ({ device, stream }: StreamName) => `${device}/${stream}`;
const keyOf = (of: StreamName, { id }: Pick<Channel, "id">) => `${streamOf(of)}/${id}`;

const endOf = ({ startUs, count, descriptor }: Window) => startUs + (count * 1e6) / descriptor.rateHz;

function opened({ descriptor: { device, stream, rateHz }, ...of }: Omit<Window, "values" | "count">): Window {
  return { ...of, descriptor: { device, stream, rateHz }, values: new Float64Array(1024), count: 0 };
}

/** A device's clock may be followed by this much within a window. */
const placeUs = 20_000;

function goesOn(window: Window, next: Pick<Window, "descriptor" | "channel" | "bootId" | "mode" | "startUs">): boolean {
  const { id, unit, scale, offset } = next.channel;
  const isSame =
    window.channel.id === id && window.channel.unit === unit && window.channel.scale === scale && window.channel.offset === offset;
  return (
    isSame &&
    window.mode === next.mode &&
    window.bootId === next.bootId &&
    window.descriptor.rateHz === next.descriptor.rateHz &&
    Math.abs(next.startUs - endOf(window)) <= placeUs
  );
}

/** What was not measured has no value: what a sensor that is off says is nobody's signal. */
const hidden = Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic;

function valuesOf(descriptor: StreamDescriptor, channel: Channel, { kind, channels, flags }: PlacedSamples): (at: number) => number {
  const row = kind === "gap" ? undefined : channels?.[descriptor.channels.indexOf(channel)];
  return (at) => (row === undefined || ((flags?.[at] ?? 0) & hidden) !== 0 ? Number.NaN : (row[at] ?? Number.NaN));
}

function append(window: Window, valueAt: (at: number) => number, from: number, count: number): void {
  if (window.count + count > window.values.length) {
    const values = new Float64Array(2 * (window.count + count));
    values.set(window.values);
    window.values = values;
  }
  for (let i = 0; i < count; i++) window.values[window.count++] = valueAt(from + i);
}

/** Half the size wherever nothing is lost by it. */
function small(values: Float64Array): Float32Array | Float64Array {
  return values.every((value) => Number.isNaN(value) || Math.fround(value) === value) ? Float32Array.from(values) : values;
}

interface Packing {
  readonly codecs: readonly WaveformCodec[];
  readonly peaksUs: readonly number[];
  readonly bound: ErrorBound;
  readonly close: readonly Stretch[];
  readonly before: Followed | undefined;
}

/** Rates at which the house looks for beats. */
const beatRates = { leastHz: 100, mostHz: 1000 };

function packWindow(
  person: string,
  { descriptor, channel, mode, startUs, values, count }: Window,
  { codecs, peaksUs, bound, close, before }: Packing,
): { packed: Packed[]; after?: Followed | undefined } {
  let end = count;
  while (end > 0 && Number.isNaN(values[end - 1])) end--;
  if (end === 0) return { packed: [] };
  const fineness = finenessOf(values.subarray(0, end));
  const samples = Int32Array.from(values.subarray(0, end), (value) => (Number.isNaN(value) ? noValue : Math.round(value * fineness)));
  const { device, stream, rateHz } = descriptor;
  const { id, lead, unit, offset } = channel;
  const scale = channel.scale / fineness;
  const what = { person, device, stream, channel: id, ...(lead === undefined ? {} : { lead }), unit, scale, offset, rateHz };
  if (mode === "raw") return { packed: [{ kind: "strip", alertIds: [], ...what, startUs, samples }] };
  const placeOf = (timeUs: number) => Math.round(((timeUs - startUs) * rateHz) / 1e6);
  const places = peaksUs.map(placeOf).filter((place) => place >= 0 && place < end);
  const peaks = [...new Set(places)].sort((a, b) => a - b);
  // What a reader must find in another kind of signal would be asked here too.
  const millivolts = "millivolts" in bound ? bound.millivolts : 0;
  const isLookedAt = millivolts !== 0 && peaks.length > 0 && rateHz >= beatRates.leastHz && rateHz <= beatRates.mostHz;
  const toMv = (sample: number) => (sample * scale + offset) * millivolts;
  let after: Followed | undefined;
  const othersIn = (decoded: Int32Array): number[] => {
    if (!isLookedAt) return [];
    const seen = followBeats(before, { startUs, rateHz, toMv, peaksUs }, decoded);
    after = seen.after;
    return seen.otherUs.map(placeOf);
  };
  const spans = close.map(({ fromUs, toUs }) => ({ from: placeOf(fromUs), to: placeOf(toUs) }));
  const pieces = encodeKept({ samples, rateHz, peaks, ...inCounts(bound, scale), close: spans }, codecs, othersIn);
  const packed = pieces.map(
    ({ from, ...coding }): Packed => ({ kind: "waveform", ...what, startUs: startUs + Math.round((from * 1e6) / rateHz), ...coding }),
  );
  return { packed, after };
}
