/** Blocks of samples as a flow gets them: those that were asked for, at the rate that was asked for, with the quality that the gateway sees. Pure. */

import type { Schemas } from "../../api-types.d.ts";
import type { Settings } from "../../node-red/host.ts";
import { createDownSampler, type DownSampler, maxRatio } from "./down-sample.ts";

type LiveSamples = Schemas["LiveSamples"];
type LiveQuality = Pick<Schemas["LiveQuality"], "device" | "stream" | "level" | "contact">;

/** What a flow gets. */
interface Block {
  /** Time of values[0], milliseconds since 1970. */
  readonly t: number;
  readonly rateHz: number;
  readonly unit: string;
  /** Physical values; null = no sample. */
  readonly values: readonly (number | null)[];
  /** Of the newest second that was judged: "good", "poor", "bad" or "unknown". */
  readonly quality: string;
  /** Whether it is worn: "on", "off" or "unknown". */
  readonly contact: string;
  readonly person?: string;
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
}

interface BlockSource {
  /** The blocks that are ready; of most events there is one, of a slow rate often none. */
  samples(data: unknown): Block[];
  quality(data: unknown): void;
  /** Samples of other streams so far, as "device/stream/channel": what the settings would have to name. Eight at most. */
  others(): string[];
}

/** Signals that are kept in mind at a time; of more the one heard of longest ago begins anew. */
const maxSignals = 256;
const maxOthers = 8;
/** A block of the gateway has a second or so; a hole up to 30 s. */
const maxValues = 20_000;

interface Signal {
  readonly rateHz: number;
  readonly downSampler: DownSampler | undefined;
  /** When the next block begins if nothing is missing, ms. */
  endMs: number;
}

/** `person`, `device`, `stream` and `channel`: an id each, "" = all. `rateHz`: the rate that is wanted, 0 or "" = as it comes; a signal that is slower, or 4096 times faster, stays as it is. */
export function createBlockSource(settings: Settings): BlockSource {
  const wanted = ["person", "device", "stream", "channel"] as const;
  const asked = wanted.map((field) => [field, text(settings[field])] as const).filter(([, value]) => value !== "");
  const toHz = Number(settings.rateHz) || 0;
  const qualities = new Map<string, { level: string; contact: string }>();
  const signals = new Map<string, Signal>();
  const others = new Set<string>();

  const signalOf = (key: string, { rateHz, startUs }: LiveSamples): Signal => {
    const known = signals.get(key);
    const periodMs = 1000 / rateHz;
    // A clock that is fitted anew moves by less than two samples; a longer way is a hole, and a filter must not reach over it.
    const goesOn = known !== undefined && known.rateHz === rateHz && Math.abs(startUs / 1000 - known.endMs) <= 2 * periodMs;
    signals.delete(key);
    const isFaster = toHz > 0 && toHz < rateHz && rateHz <= maxRatio * toHz;
    const signal = goesOn ? known : { rateHz, downSampler: isFaster ? createDownSampler(rateHz, toHz) : undefined, endMs: 0 };
    signals.set(key, signal);
    forgetOldest(signals, maxSignals);
    return signal;
  };

  return {
    samples(data) {
      if (!isSamples(data)) return [];
      const key = `${data.device}/${data.stream}/${data.channel}`;
      if (asked.some(([field, value]) => data[field] !== value)) {
        if (others.size < maxOthers) others.add(key);
        return [];
      }
      const signal = signalOf(key, data);
      const startMs = data.startUs / 1000;
      signal.endMs = startMs + (data.values.length / data.rateHz) * 1000;
      const taken = signal.downSampler?.push({ startMs, values: data.values }) ?? { startMs, values: data.values };
      if (taken.values.length === 0) return [];
      const { level = "unknown", contact = "unknown" } = qualities.get(`${data.device}/${data.stream}`) ?? {};
      const { person, device, stream, channel, unit } = data;
      const whose = { ...(person === undefined ? {} : { person }), device, stream, channel };
      const rateHz = signal.downSampler === undefined ? data.rateHz : toHz;
      return [{ t: taken.startMs, rateHz, unit, values: taken.values, quality: level, contact, ...whose }];
    },
    quality(data) {
      const { device, stream, level, contact } = (data ?? {}) as Partial<LiveQuality>;
      if (typeof level !== "string" || typeof contact !== "string") return;
      qualities.delete(`${device}/${stream}`);
      qualities.set(`${device}/${stream}`, { level, contact });
      forgetOldest(qualities, maxSignals);
    },
    others: () => [...others],
  };
}

function isSamples(data: unknown): data is LiveSamples {
  const { device, stream, channel, unit, startUs, rateHz, values } = (data ?? {}) as Partial<Record<keyof LiveSamples, unknown>>;
  const isNamed = [device, stream, channel, unit].every((each) => typeof each === "string");
  return (
    isNamed && Number.isFinite(startUs) && Number(rateHz) > 0 && Array.isArray(values) && values.length > 0 && values.length <= maxValues
  );
}

const text = (value: unknown) => (typeof value === "string" ? value.trim() : "");

function forgetOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
