/** What can go wrong with a wearable while it runs: strap off, movement, a stepping device clock. Switched from outside, applied to whatever is measured. */

import type { Samples } from "../../device-drivers/hearth-stream/frame.ts";
import { normalAt } from "./noise.ts";
import { deviceQuality, noValue, type SignalSource, type SourceSamples } from "./signal-source.ts";

export interface Faults {
  /** "flagged": the device notices and says lead off; "silent": it sends nothing at all. */
  strap: "on" | "flagged" | "silent";
  /** Size of movement noise as a share of each channel's range; 0 = still, 0.2 hides an ECG. */
  motion: number;
  /** Added to the device's own time from now on. */
  clockJumpUs: number;
  /** Its oscillator is so many millionths fast from now on: it measures sooner than its rate says, and its time runs ahead. */
  clockPpm: number;
  /** Share of its batches that get lost on their way, 0–1. */
  lossShare: number;
}

export function noFaults(): Faults {
  return { strap: "on", motion: 0, clockJumpUs: 0, clockPpm: 0, lossShare: 0 };
}

/** The source as the faults leave it. Noise comes from the seed and the sample's index. */
export function withFaults(source: SignalSource, faults: Readonly<Faults>, seed: number): SignalSource {
  return {
    ...source,
    read(firstIndex, count) {
      if (faults.strap === "flagged") return unplugged(source, count);
      const samples = source.read(firstIndex, count);
      return faults.motion > 0 ? moved(samples, source, { firstIndex, seed, share: faults.motion }) : samples;
    },
  };
}

function unplugged(source: SignalSource, count: number): SourceSamples {
  const bit = source.channels[0]?.kind === "ppg" ? deviceQuality["not-worn"] : deviceQuality["lead-off"];
  const isBody = source.channels.some(({ kind }) => kind === "ecg" || kind === "ppg");
  const still = () => new Int16Array(count);
  return isBody
    ? { channels: source.channels.map(() => new Int16Array(count).fill(noValue)), quality: new Uint16Array(count).fill(bit) }
    : { channels: source.channels.map(still) };
}

/** Movement is slow (below 5 Hz) and large, with muscle noise on top; as in real recordings it isn't flagged by the device. */
function moved(
  samples: SourceSamples,
  source: SignalSource,
  { firstIndex, seed, share }: { firstIndex: number; seed: number; share: number },
): SourceSamples {
  const stepSamples = Math.max(1, Math.round(source.rateHz / 8));
  const channels = samples.channels.map((raw, at) => {
    const { range, scale } = source.channels[at] ?? {};
    const amplitude = range === undefined || scale === undefined ? 1000 : (share * (range[1] - range[0])) / 2 / Math.abs(scale);
    return addNoise(raw, amplitude, (i) => {
      const knot = Math.floor((firstIndex + i) / stepSamples);
      const part = (firstIndex + i) / stepSamples - knot;
      const weight = part * part * (3 - 2 * part);
      const slow = normalAt(seed + at, knot) * (1 - weight) + normalAt(seed + at, knot + 1) * weight;
      return 0.8 * slow + 0.3 * normalAt(seed + 101 + at, firstIndex + i);
    });
  });
  return { ...samples, channels };
}

function addNoise(raw: Samples, amplitude: number, noise: (i: number) => number): Samples {
  const limit = raw instanceof Int16Array ? 32767 : Number.POSITIVE_INFINITY;
  const out = raw.slice();
  for (let i = 0; i < raw.length; i++) {
    const value = raw[i] ?? 0;
    if (value !== noValue) out[i] = Math.max(-limit, Math.min(limit, value + amplitude * noise(i)));
  }
  return out;
}
