/** One pleth: its beats as they come, and their rate every two seconds. It judges no quality and tells no gaps. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createPulseBeats, type PulseBeatsState } from "../../../models/signal/pulse-beats.ts";
import { physicalAt } from "../physical.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import { rateOf } from "./pulse-rate.ts";

interface KeptBeat {
  readonly at: number;
  readonly intervalS?: number;
  readonly likeness: number;
}

interface PulseStreamState {
  readonly position: number;
  readonly anchorPosition: number;
  readonly anchorUs: number;
  readonly detector: PulseBeatsState;
  readonly beats: readonly KeptBeat[];
  /** Samples that are there, of each `hopS` up to the newest. */
  readonly present: readonly number[];
}

const windowS = 8;
const hopS = 2;
/** A rate waits so long for the beats at its window's end to be known. */
const settledS = 1;

interface PulseStreamOptions {
  readonly descriptor: StreamDescriptor;
  readonly channel: Channel;
  /** Without a model that is better at it. */
  readonly tellsRates: boolean;
}

export function createPulseStream({ descriptor, channel, tellsRates }: PulseStreamOptions, saved?: unknown): StreamStage {
  const was = saved as PulseStreamState | undefined;
  const { rateHz, device, stream } = descriptor;
  const index = descriptor.channels.indexOf(channel);
  const detector = createPulseBeats({ rateHz, ...(was === undefined ? {} : { state: was.detector }) });
  const hop = Math.round(hopS * rateHz);
  const settled = Math.round(settledS * rateHz);
  const hops = windowS / hopS;
  let position = was?.position ?? 0;
  let anchorPosition = was?.anchorPosition ?? 0;
  let anchorUs = was?.anchorUs ?? 0;
  /** Those of the newest window, for its rate. */
  let beats = tellsRates ? [...(was?.beats ?? [])] : [];
  const present = [...(was?.present ?? [0])];
  const one = new Float32Array(1);

  const timeUs = (at: number) => anchorUs + Math.round(((at - anchorPosition) * 1e6) / rateHz);

  const rate = (end: number): StreamItem => {
    const from = end - hops * hop;
    beats = beats.filter(({ at }) => at >= from);
    const shown = beats.filter(({ at }) => at < end).map(({ at, ...beat }) => ({ ...beat, timeS: at / rateHz }));
    const there = present.slice(0, hops).reduce((sum, count) => sum + count, 0);
    const told = rateOf(shown, windowS, there / (hops * hop));
    const span = { fromUs: timeUs(from), timeUs: timeUs(end), knownUs: timeUs(position) };
    return { kind: "pulse-rate", device, stream, channel: channel.id, ...span, ...told };
  };

  const step = (value: number, out: StreamItem[]) => {
    one[0] = value;
    const found = detector.push(one);
    position++;
    if (!Number.isNaN(value)) present[present.length - 1] = (present.at(-1) ?? 0) + 1;
    for (const { at, intervalS, likeness } of found) {
      if (tellsRates) beats.push({ at, likeness, ...(intervalS === undefined ? {} : { intervalS }) });
      const pp = intervalS === undefined ? {} : { ppMs: intervalS * 1000 };
      out.push({ kind: "pulse", device, stream, timeUs: timeUs(at), knownUs: timeUs(position), ...pp, quality: likeness });
    }
    const isDue = tellsRates && position % hop === settled % hop && position >= hops * hop + settled;
    if (isDue) out.push(rate(position - settled));
    if (position % hop === 0) {
      present.push(0);
      present.splice(0, present.length - hops - 1);
    }
  };

  const place = (us: number) => {
    anchorPosition = position;
    anchorUs = us;
  };

  return {
    push(block) {
      const out: StreamItem[] = [];
      place(block.startUs);
      if (block.kind === "samples") {
        for (let i = 0; i < block.count; i++) step(physicalAt(block, channel, index, i), out);
        return out;
      }
      // Behind so much absence nothing is left to be forgotten.
      for (let i = 0; i < Math.min(block.count, hops * hop); i++) step(Number.NaN, out);
      place(block.startUs + Math.round((block.count * 1e6) / rateHz));
      return out;
    },
    get passedUs() {
      return timeUs(position);
    },
    state: (): PulseStreamState => ({
      ...{ position, anchorPosition, anchorUs, detector: detector.state() },
      ...{ beats: structuredClone(beats), present: [...present] },
    }),
  };
}
