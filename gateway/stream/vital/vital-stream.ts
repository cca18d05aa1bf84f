/** Numbers that a device measures itself: one fact a second (or a sample) and vital sign, with a value only where the device gives one that a person can have. */

import { Flag, type StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import type { NumericVital } from "./numeric-vital.ts";

interface Window {
  count: number;
  /** Samples that say that the sensor is off. */
  off: number;
  values: (number | undefined)[];
  implausible: boolean[];
}

interface VitalState {
  readonly endUs: number;
  readonly window: Window;
}

/** Any of these and the number is not the wearer's now. */
const hiding = Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic | Flag.imputed | Flag.motion | Flag.saturated;
/** A value stands for the present for so long: a battery device sends every 5 s, one of a low rate once a sample. */
const freshUs = 10_000_000;
const freshWindows = 2.5;

interface VitalStreamOptions {
  readonly descriptor: StreamDescriptor;
  readonly vitals: readonly NumericVital[];
  /** False where another stage judges the stream's quality and tells its gaps. */
  readonly judges: boolean;
}

export function createVitalStream({ descriptor, vitals, judges }: VitalStreamOptions, saved?: unknown): StreamStage {
  const was = saved as VitalState | undefined;
  const { rateHz, device, stream } = descriptor;
  const windowSamples = Math.max(1, Math.round(rateHz));
  const windowUs = (windowSamples * 1e6) / rateHz;
  const columns = vitals.map(({ channel }) => descriptor.channels.indexOf(channel));
  const empty = (): Window => ({ count: 0, off: 0, values: vitals.map(() => undefined), implausible: vitals.map(() => false) });
  let window = was === undefined ? empty() : structuredClone(was.window);
  let endUs = was?.endUs ?? 0;

  const take = (block: PlacedBlock, i: number) => {
    const flags = block.flags?.[i] ?? 0;
    window.count++;
    if ((flags & (Flag.leadOff | Flag.notWorn)) !== 0) window.off++;
    if ((flags & hiding) !== 0) return;
    vitals.forEach(({ channel, read }, at) => {
      const raw = block.channels[columns[at] ?? -1]?.[i] ?? Number.NaN;
      if (Number.isNaN(raw)) return;
      const value = read(raw * channel.scale + channel.offset);
      if (value === undefined) window.implausible[at] = true;
      else window.values[at] = value;
    });
  };

  const close = (timeUs: number): StreamItem[] => {
    const { count, off, values, implausible } = window;
    window = empty();
    const base = { device, stream, timeUs };
    const items: StreamItem[] = vitals.map(({ code, unit, channel: { id: channel } }, at) => {
      const value = values[at];
      const without = implausible[at] ? "implausible" : "absent";
      const until = timeUs + Math.max(freshUs, freshWindows * windowUs);
      return { ...base, kind: "vital", code, channel, unit, ...(value === undefined ? { without } : { value }), freshUs: until };
    });
    if (!judges) return items;
    const level = values.some((value) => value !== undefined) ? "good" : "bad";
    const contact = descriptor.contact === "none" ? "unknown" : off > count / 2 ? "off" : level === "good" ? "on" : "unknown";
    const signal = { saturated: false, flat: false, noisy: false, removal: false };
    return [{ ...base, kind: "quality", level, contact, contactMeasured: descriptor.contact, ...signal }, ...items];
  };

  return {
    push(block: Placed) {
      const out: StreamItem[] = [];
      if (block.kind === "gap") {
        window = empty();
        endUs = block.startUs + Math.round((block.count * 1e6) / rateHz);
        if (judges) out.push({ kind: "gap", device, stream, fromUs: block.startUs, timeUs: endUs });
        return out;
      }
      for (let i = 0; i < block.count; i++) {
        take(block, i);
        if (window.count >= windowSamples) out.push(...close(block.startUs + Math.round(((i + 1) * 1e6) / rateHz)));
      }
      endUs = block.startUs + Math.round((block.count * 1e6) / rateHz);
      return out;
    },
    get passedUs() {
      return endUs;
    },
    state: (): VitalState => ({ endUs, window: structuredClone(window) }),
  };
}
