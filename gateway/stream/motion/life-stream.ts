/** Signs of life from a pleth or a motion sensor: a pulse, a turn of the body. Whether they are this person's is for the rules to say; alone they say nothing. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createPulseDetector, type PulseState } from "../../../models/signal/pulse.ts";
import { createTurnDetector, type TurnState } from "../../../models/signal/turn.ts";
import { physicalAt } from "../physical.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import { gPer } from "./gravity.ts";

interface LifeState {
  endUs: number;
  pulse: PulseState | undefined;
  turn?: TurnState | undefined;
  seconds: { count: number; present: number };
  /** Of the acceleration's size in this second; absent in states of earlier versions. */
  size?: Size;
}

interface Size {
  count: number;
  sum: number;
  squares: number;
}

/** Walking shakes a wrist by 0.2 to 0.4 g, a hand at rest by less than 0.05. */
const shakenG = 0.1;

export function createLifeStream(descriptor: StreamDescriptor, saved?: unknown): StreamStage {
  const was = saved as LifeState | undefined;
  const { rateHz, device, stream } = descriptor;
  const pleth = descriptor.channels.findIndex((channel) => channel.kind === "ppg");
  const axes = descriptor.channels.flatMap((channel, index) => (channel.kind === "acc" ? [{ channel, index }] : []));
  const detector = pleth < 0 ? undefined : createPulseDetector({ rateHz, ...(was?.pulse === undefined ? {} : { state: was.pulse }) });
  const toG = gPer(axes[0]?.channel.unit ?? "");
  const hasGravity = axes.length === 3 && toG !== undefined;
  const turns = hasGravity ? createTurnDetector({ rateHz, ...(was?.turn === undefined ? {} : { state: was.turn }) }) : undefined;
  const one = new Float32Array(1);
  const acc = new Float64Array(axes.length);
  const seconds = { count: was?.seconds.count ?? 0, present: was?.seconds.present ?? 0 };
  const size: Size = { count: 0, sum: 0, squares: 0, ...was?.size };
  let endUs = was?.endUs ?? 0;

  const value = (block: PlacedBlock, channel: Channel | undefined, index: number, i: number) => {
    return channel === undefined ? Number.NaN : physicalAt(block, channel, index, i);
  };

  /** A stream without pulse or movement is good while any of its channels has values. */
  const isPresent = (block: PlacedBlock, i: number) => {
    if (pleth >= 0) return !Number.isNaN(one[0]);
    if (axes.length > 0) {
      for (let axis = 0; axis < acc.length; axis++) if (Number.isNaN(acc[axis])) return false;
      return true;
    }
    return descriptor.channels.some((channel, at) => !Number.isNaN(value(block, channel, at, i)));
  };

  const endOfSecond = (timeUs: number, out: StreamItem[]) => {
    const { present, count } = seconds;
    const level = present > count * 0.9 ? "good" : present > count / 2 ? "poor" : "bad";
    out.push({
      ...{ kind: "quality", device, stream, timeUs, level },
      contact: descriptor.contact === "none" || level === "bad" ? "unknown" : "on",
      contactMeasured: descriptor.contact,
      saturated: false,
      flat: false,
      noisy: false,
      removal: false,
    });
    Object.assign(seconds, { count: 0, present: 0 });
    const meanG = size.sum / size.count;
    const rmsG = Math.sqrt(Math.max(0, size.squares / size.count - meanG ** 2));
    if (hasGravity && rmsG >= shakenG) out.push({ kind: "shaken", device, stream, timeUs, rmsG });
    Object.assign(size, { count: 0, sum: 0, squares: 0 });
  };

  const addSize = () => {
    let squares = 0;
    for (let axis = 0; axis < acc.length; axis++) squares += (acc[axis] ?? 0) ** 2;
    if (Number.isNaN(squares)) return;
    size.count++;
    size.sum += Math.sqrt(squares);
    size.squares += squares;
  };

  const samples = (block: PlacedBlock, out: StreamItem[]) => {
    const pulseChannel = descriptor.channels[pleth];
    const timeUs = (index: number) => block.startUs + Math.round(((index + 1) * 1e6) / rateHz);
    for (let i = 0; i < block.count; i++) {
      const knownUs = timeUs(i);
      for (let axis = 0; axis < axes.length; axis++) {
        const { channel, index } = axes[axis] as (typeof axes)[number];
        acc[axis] = value(block, channel, index, i) * (toG ?? 1);
      }
      one[0] = pleth < 0 ? Number.NaN : value(block, pulseChannel, pleth, i);
      seconds.count++;
      if (isPresent(block, i)) seconds.present++;
      const pulses = detector?.push(one);
      if (pulses !== undefined && pulses.length > 0)
        for (const { ageSamples, amplitude } of pulses)
          out.push({ kind: "life", device, stream, timeUs: timeUs(i - ageSamples), knownUs, sign: "pulse", amplitude });
      if (hasGravity) addSize();
      if (turns?.push(acc) === true) out.push({ kind: "life", device, stream, timeUs: knownUs, knownUs, sign: "movement" });
      if (seconds.count >= Math.round(rateHz)) endOfSecond(knownUs, out);
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
    state: (): LifeState => ({ endUs, pulse: detector?.state(), turn: turns?.state(), seconds: { ...seconds }, size: { ...size } }),
  };
}
