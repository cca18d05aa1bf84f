/** Signs of life from a pleth or a motion sensor: a pulse, a movement. They support or contradict other rules; alone they say nothing. */

import { type Channel, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createPulseDetector, type PulseState } from "../../models/signal/pulse.ts";
import type { Placed, PlacedBlock } from "./reorder.ts";
import type { StreamItem, StreamStage } from "./stream-item.ts";

interface LifeState {
  endUs: number;
  pulse: PulseState | undefined;
  seconds: { count: number; present: number; sum: number; squares: number };
}

/** Body movement shows as more than this spread of |acc| within a second (a still sensor's noise is below 0.02 g). */
const movementG = 0.06;
const gravity = 9.80665;

export function createLifeStream(descriptor: StreamDescriptor, saved?: unknown): StreamStage {
  const was = saved as LifeState | undefined;
  const { rateHz, device, stream } = descriptor;
  const pleth = descriptor.channels.findIndex((channel) => channel.kind === "ppg");
  const axes = descriptor.channels.flatMap((channel, index) => (channel.kind === "acc" ? [{ channel, index }] : []));
  const detector = pleth < 0 ? undefined : createPulseDetector({ rateHz, ...(was?.pulse === undefined ? {} : { state: was.pulse }) });
  const seconds = was === undefined ? { count: 0, present: 0, sum: 0, squares: 0 } : { ...was.seconds };
  let endUs = was?.endUs ?? 0;

  const value = (block: PlacedBlock, channel: Channel | undefined, index: number, i: number) => {
    const hidden = ((block.flags?.[i] ?? 0) & (Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic)) !== 0;
    return hidden || channel === undefined ? Number.NaN : (block.channels[index]?.[i] ?? Number.NaN) * channel.scale + channel.offset;
  };

  /** A stream without pulse or movement is good while any of its channels has values. */
  const anyValue = (block: PlacedBlock, i: number) =>
    descriptor.channels.reduce((found, channel, at) => (Number.isNaN(found) ? value(block, channel, at, i) : found), Number.NaN);

  const endOfSecond = (timeUs: number, out: StreamItem[]) => {
    const { present, sum, squares } = seconds;
    const spread = present < 2 ? 0 : Math.sqrt(Math.max(0, squares / present - (sum / present) ** 2));
    const level = present > seconds.count * 0.9 ? "good" : present > seconds.count / 2 ? "poor" : "bad";
    const base = { device, stream, timeUs };
    out.push({
      ...base,
      kind: "quality",
      level,
      contact: descriptor.contact === "none" || level === "bad" ? "unknown" : "on",
      contactMeasured: descriptor.contact,
      saturated: false,
      flat: false,
      noisy: false,
      removal: false,
    });
    if (axes.length === 3 && spread > movementG) out.push({ ...base, kind: "life", sign: "movement" });
    Object.assign(seconds, { count: 0, present: 0, sum: 0, squares: 0 });
  };

  const samples = (block: PlacedBlock, out: StreamItem[]) => {
    const toG = axes[0]?.channel.unit === "g" ? 1 : 1 / gravity;
    const pulseChannel = descriptor.channels[pleth];
    const one = new Float32Array(1);
    for (let i = 0; i < block.count; i++) {
      const timeUs = block.startUs + Math.round(((i + 1) * 1e6) / rateHz);
      let magnitude = 0;
      for (const { channel, index } of axes) magnitude += (value(block, channel, index, i) * toG) ** 2;
      one[0] = pleth < 0 ? Number.NaN : value(block, pulseChannel, pleth, i);
      const level = pleth >= 0 ? one[0] : axes.length > 0 ? Math.sqrt(magnitude) : anyValue(block, i);
      seconds.count++;
      if (!Number.isNaN(level)) {
        seconds.present++;
        seconds.sum += level;
        seconds.squares += level * level;
      }
      for (const _ of detector?.push(one) ?? []) out.push({ kind: "life", device, stream, timeUs, sign: "pulse" });
      if (seconds.count >= Math.round(rateHz)) endOfSecond(timeUs, out);
    }
    endUs = block.startUs + Math.round((block.count * 1e6) / rateHz);
  };

  return {
    push(block: Placed) {
      const out: StreamItem[] = [];
      if (block.kind === "samples") {
        samples(block, out);
        return out;
      }
      endUs = block.startUs + Math.round((block.count * 1e6) / rateHz);
      out.push({ kind: "gap", device, stream, fromUs: block.startUs, timeUs: endUs });
      return out;
    },
    get passedUs() {
      return endUs;
    },
    state: (): LifeState => ({ endUs, pulse: detector?.state(), seconds: { ...seconds } }),
  };
}
