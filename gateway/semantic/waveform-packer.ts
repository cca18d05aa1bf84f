/**
 * Cuts a person's signals into windows and packs each as its stream's mode wants it: a waveform with its own stated error, or every sample as a strip.
 * Windows end on the grid on which events go. Pure; it owns no clock and no queue.
 */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { type Channel, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { WaveformCodec } from "./codecs/codec.ts";
import { encodeWithin } from "./encode-within.ts";
import type { ModeOf, StreamMode } from "./mode.ts";
import { shippedPayloads } from "./payload-codec.ts";
import { finenessOf, noValue } from "./strip-codec.ts";

/** Samples of one stream that have their place on the axis, or a hole; as `stream/reorder.ts` gives them. */
export interface PlacedSamples {
  readonly kind: "samples" | "gap";
  readonly bootId: string;
  readonly count: number;
  readonly startUs: number;
  readonly channels?: readonly ArrayLike<number>[];
  readonly flags?: Uint8Array;
}

interface WaveformPacker {
  /** The next samples of a stream; `channel` is the one that goes. Windows that end with them or before. */
  push(descriptor: StreamDescriptor, channel: Channel, placed: PlacedSamples): OutboxItem[];
  /** Signal time has reached `timeUs`: windows of streams that fell silent. */
  tick(timeUs: number): OutboxItem[];
  flush(): OutboxItem[];
  /** Structured-cloneable; a packer made from it writes the same windows. */
  state(): unknown;
}

interface WaveformPackerOptions {
  readonly person: string;
  /** Seconds of signal per window at most; the grid's lines are whole multiples of it since 1970. */
  readonly windowS: number;
  readonly modeOf: ModeOf;
  /** Asked when a window is packed. */
  readonly codec: () => WaveformCodec;
  readonly state?: unknown;
}

/** A hole that is longer ends a window: a frame tells of signal. */
const longestHoleUs = 2_000_000;
/** A stream of which nothing has come for so long has fallen silent; late blocks are waited for less. */
const silentUs = 5_000_000;
/** Bound on a window's memory, in samples: a minute at 2 kHz. */
const maxSamples = 120_000;

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

export function createWaveformPacker({ person, windowS, modeOf, codec, state: saved }: WaveformPackerOptions): WaveformPacker {
  const gridUs = windowS * 1_000_000;
  const open = new Map<string, Window>();
  for (const { values, ...window } of (saved as SavedWindow[] | undefined) ?? [])
    open.set(keyOf(window.descriptor), { ...window, values: Float64Array.from(values), count: values.length });

  const close = (key: string): OutboxItem[] => {
    const window = open.get(key);
    open.delete(key);
    return window === undefined ? [] : packWindow(person, window, codec());
  };

  /** Where the window that holds this time ends. */
  const lineAfter = (timeUs: number) => (Math.floor(timeUs / gridUs) + 1) * gridUs;

  const take = (descriptor: StreamDescriptor, channel: Channel, placed: PlacedSamples): OutboxItem[] => {
    const { rateHz } = descriptor;
    const key = keyOf(descriptor);
    const mode = modeOf(person, descriptor, placed.startUs);
    const out: OutboxItem[] = [];
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
      if (window.count >= Math.min(room, maxSamples)) out.push(...close(key));
    }
    return out;
  };

  return {
    push(descriptor, channel, placed) {
      const isLongHole = placed.kind === "gap" && (placed.count * 1e6) / descriptor.rateHz > longestHoleUs;
      return isLongHole ? close(keyOf(descriptor)) : take(descriptor, channel, placed);
    },
    tick: (timeUs) => [...open].flatMap(([key, window]) => (endOf(window) + silentUs < timeUs ? close(key) : [])),
    flush: () => [...open.keys()].flatMap(close),
    state: (): SavedWindow[] =>
      [...open.values()].map(({ values, count, ...window }) => ({ ...window, values: small(values.slice(0, count)) })),
  };
}

const keyOf = ({ device, stream }: Pick<StreamDescriptor, "device" | "stream">) => `${device}/${stream}`;

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

function packWindow(person: string, { descriptor, channel, mode, startUs, values, count }: Window, codec: WaveformCodec): OutboxItem[] {
  let end = count;
  while (end > 0 && Number.isNaN(values[end - 1])) end--;
  if (end === 0) return [];
  const fineness = finenessOf(values.subarray(0, end));
  const samples = Int32Array.from(values.subarray(0, end), (value) => (Number.isNaN(value) ? noValue : Math.round(value * fineness)));
  const { device, stream, rateHz } = descriptor;
  const { id, lead, unit, offset } = channel;
  const scale = channel.scale / fineness;
  const what = { person, device, stream, channel: id, ...(lead === undefined ? {} : { lead }), unit, scale, offset, rateHz, startUs };
  if (mode === "raw") return [shippedPayloads.toOutbox({ kind: "strip", alertIds: [], ...what, samples })];
  return [shippedPayloads.toOutbox({ kind: "waveform", ...what, ...encodeWithin({ samples, rateHz }, codec) })];
}
