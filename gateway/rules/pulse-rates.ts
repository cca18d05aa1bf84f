/** The rates of a pulse by light that are good enough to be judged, of one stream. */

import { goodPulse, type PulseRate, pulseRateFreshUs } from "../facts/pulse.ts";
import type { Shaken } from "./shaken.ts";

/** Of the newest minute, oldest first. */
export interface PulseRates {
  timeUs: number[];
  bpm: number[];
}

const secondUs = 1_000_000;
const keptUs = 60 * secondUs;
/** A rate is told so often; so much of a window has to have one. */
const everyS = 2;
const coverage = 0.75;

export const noPulseRates = (): PulseRates => ({ timeUs: [], bpm: [] });

/** Seconds that a rate is the rate of. */
const rateWindowUs = 8 * secondUs;

/** What a rate by light is worth: nothing where it has none, or was taken while a sensor was shaken. */
export function pulseQuality({ timeUs, bpm, quality }: PulseRate, shaken: Shaken): "good" | "poor" | undefined {
  if (bpm === undefined || shaken.within(timeUs, rateWindowUs)) return undefined;
  return quality >= goodPulse ? "good" : "poor";
}

export function addPulseRate(rates: PulseRates, rate: PulseRate, shaken: Shaken): void {
  const { timeUs, bpm } = rate;
  const old = rates.timeUs.filter((each) => each <= timeUs - keptUs).length;
  rates.timeUs.splice(0, old);
  rates.bpm.splice(0, old);
  if (bpm === undefined || pulseQuality(rate, shaken) !== "good") return;
  rates.timeUs.push(timeUs);
  rates.bpm.push(bpm);
}

/** Over the `windowS` up to `nowUs`; undefined where too much of them is unknown, or nothing of now is known. */
export function meanPulseBpm({ timeUs, bpm }: PulseRates, nowUs: number, windowS: number): number | undefined {
  if (nowUs - (timeUs.at(-1) ?? Number.NEGATIVE_INFINITY) > pulseRateFreshUs) return undefined;
  const from = timeUs.filter((each) => each <= nowUs - windowS * secondUs).length;
  const count = bpm.length - from;
  if (count * everyS < coverage * windowS) return undefined;
  return bpm.slice(from).reduce((sum, each) => sum + each, 0) / count;
}
