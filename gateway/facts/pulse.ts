/** A pulse by light, as rules and the page ask for it. The one place that knows who measures it. */

import type { Source } from "../../device-drivers/contract/result.ts";
import type { Fact } from "./fact.ts";

/** Likeness of a pulse to the wearer's last ones from which it is to be believed. */
export const goodPulse = 0.8;
/** A rate by light is told every 2 s; without a newer one it is nobody's rate any more. */
export const pulseRateFreshUs = 6_000_000;

export interface PulseRate extends Source {
  readonly channel?: string;
  /** The seconds that it is the rate of end here. */
  readonly timeUs: number;
  readonly knownUs: number;
  /** Absent where it can't be told: then nobody knows the rate, not even about. */
  readonly bpm?: number;
  /** Holds the rate in nine of ten cases. */
  readonly interval?: readonly [low: number, high: number];
  /** 0–1. */
  readonly quality: number;
}

/** Undefined for every fact that is no rate of a pulse. */
export function pulseRateOf(fact: Fact): PulseRate | undefined {
  if (fact.kind !== "pulse-rate") return undefined;
  const { kind: _, without: _without, fromUs: _fromUs, ...rate } = fact;
  return rate;
}
