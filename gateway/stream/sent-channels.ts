/** Which channels of a stream may go to the twin as a signal, and how far each may then be off. */

import type { Channel, ChannelKind, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { placements } from "../../models/signal/body.ts";
import { slowestPulseHz } from "../../models/signal/pulse.ts";
import { chooseEcg } from "./ecg/choose-ecg.ts";
import { millivoltsPer } from "./ecg/millivolts.ts";
import { gPer } from "./motion/gravity.ts";

/** The lead and the pleth that are analysed, and what moves; a sensor of the body goes as the body that is made of it (`semantic/pose-packer.ts`). */
export function sentChannels(descriptor: StreamDescriptor): readonly Channel[] {
  const { channels, rateHz, placement } = descriptor;
  const pleth = rateHz < slowestPulseHz ? undefined : channels.find(({ kind }) => kind === "ppg");
  const isOfBody = placements.some((name) => name === placement) && channels.some(({ kind }) => kind === "quaternion");
  const moving = isOfBody ? [] : channels.filter((channel) => largestOff(channel) !== undefined);
  return [chooseEcg(descriptor), pleth, ...moving].filter((channel) => channel !== undefined);
}

/** Of a pulse by light: with a tenth of its spread one rate in twenty came out otherwise on BIDMC, with this one in twenty-five, for a fourteenth more bytes. */
const pulseShare = 0.08;

/** As `semantic/error-bound.ts` takes it. */
export function errorBoundOf(channel: Channel) {
  const largest = largestOff(channel);
  if (largest !== undefined) return { largest };
  return channel.kind === "ppg" ? { share: pulseShare } : { millivolts: millivoltsPer(channel.unit) ?? 0 };
}

/** Acceleration is never off by more. */
const offG = 0.05;
/** Nor turning, in degrees a second: what a second turns is then off by some half a degree, and seldom by one. */
const offDegPerS = 3;
/** Nor any part of a quaternion: four such errors together turn by a degree. */
const offPart = Math.PI / 180 / 4;
const degPer: Readonly<Record<string, number>> = { "deg/s": 1, "°/s": 1, dps: 1, "rad/s": 180 / Math.PI };

/** How far a sample of a channel that moves may be off, in its unit; undefined for every other channel and for units that nobody knows. */
function largestOff({ kind, unit }: { readonly kind: ChannelKind; readonly unit: string }): number | undefined {
  if (kind === "quaternion") return offPart;
  const size = kind === "acc" ? gPer(unit) : kind === "gyro" ? degPer[unit] : undefined;
  return size === undefined ? undefined : (kind === "acc" ? offG : offDegPerS) / size;
}
