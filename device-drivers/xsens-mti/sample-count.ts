/** Gives every measurement its place since the device started. Time tells how many samples are missing; the packet counter can't, because it also counts messages without a measurement and stands still while the device is configured. */

import type { RefusalCode } from "../contract/refusal.ts";
import type { MtData2 } from "./frame.ts";

export interface CountState {
  /** Index of the last sample; −1 before the first. */
  readonly index: number;
  /** Of the last message of any content. */
  readonly counter: number | undefined;
  /** Time of the last sample in 1/10 000 s since the device's own zero, unwrapped. */
  readonly ticks: number | undefined;
}

/** Where a message stands: `isLoss` says that messages are missing before a sample. */
type Place =
  | { readonly kind: "sample"; readonly at: CountState; readonly isRestart: boolean; readonly isLoss: boolean }
  | { readonly kind: "no-sample"; readonly at: CountState; readonly isLoss: boolean }
  | { readonly kind: "discarded"; readonly at: CountState; readonly reason: RefusalCode };

const counterModulo = 0x1_0000;
const tickModulo = 0x1_0000_0000;
const ticksPerS = 10_000;
/** A sample may stand this far off the grid of the rate. */
const maxOffGrid = 0.1;
/** Behind a longer hole the device may have begun a new grid: it is configured while it pauses. */
const maxGridSamples = 3;

export function placeOf(data: MtData2, last: CountState | undefined, rateHz: number): Place {
  const { packetCounter: counter, sampleTimeFine: fine } = data;
  const hasSample = data.acceleration !== undefined || data.rateOfTurn !== undefined || data.quaternion !== undefined;
  const steps = counter === undefined || last?.counter === undefined ? undefined : forward(counter - last.counter, counterModulo);
  const isLoss = steps !== undefined && steps !== 1 && steps <= counterModulo / 2;
  // Satellite messages carry the time of their fix, some 40 ms ago: it isn't compared.
  if (!hasSample) return { kind: "no-sample", at: { index: -1, ticks: undefined, ...last, counter }, isLoss };
  const restart: Place = { kind: "sample", at: { index: 0, counter, ticks: fine }, isRestart: true, isLoss: false };
  if (last === undefined || last.index < 0) return restart;
  if (fine === undefined || last.ticks === undefined) {
    const advance = steps ?? 1;
    if (advance === 0) return { kind: "discarded", at: last, reason: "driver.duplicate_message" };
    if (advance > counterModulo / 2) return restart;
    return { kind: "sample", at: { index: last.index + advance, counter, ticks: fine }, isRestart: false, isLoss };
  }
  const stepTicks = forward(fine - last.ticks, tickModulo);
  if (stepTicks === 0) return { kind: "discarded", at: last, reason: "driver.duplicate_message" };
  if (stepTicks > tickModulo / 2) return restart;
  const at: CountState = { index: last.index, counter, ticks: last.ticks + stepTicks };
  const byTime = (stepTicks * rateHz) / ticksPerS;
  const advance = Math.round(byTime);
  const isOffGrid = advance === 0 || (advance < maxGridSamples && Math.abs(byTime - advance) > maxOffGrid);
  if (isOffGrid) return { kind: "discarded", at, reason: "driver.rate_mismatch" };
  return { kind: "sample", at: { ...at, index: last.index + advance }, isRestart: false, isLoss };
}

const forward = (difference: number, modulo: number) => ((difference % modulo) + modulo) % modulo;
