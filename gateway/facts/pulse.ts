/** A pulse by light, as rules and the page ask for it. The one place that knows who measures it. */

import type { Source } from "../../device-drivers/contract/result.ts";
import type { Fact } from "./fact.ts";

/** Likeness of a pulse to the wearer's last ones from which it is to be believed. */
export const goodPulse = 0.8;
/** A rate by light is told every 2 s; without a newer one it is nobody's rate any more. */
export const pulseRateFreshUs = 6_000_000;
/** Its values are rates of a pulse. */
export const pulseModel = "ppg-pulse";

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

/** A number of one stream: what the device measured itself, or what was read of its light. */
export interface VitalNumber extends Omit<Fact & { kind: "vital" }, "kind" | "without"> {
  readonly by?: "light";
  readonly without?: VitalWithout;
}

/** Why there is no value; "unsure": there is a pleth, and no rate of it that could be relied on. */
export type VitalWithout = "absent" | "implausible" | "unsure";

/** Undefined for every fact that is no number of a stream. A pulse rate is a heart rate, to a whole beat. */
export function vitalOf(fact: Fact): VitalNumber | undefined {
  if (fact.kind === "vital") {
    const { kind: _, ...vital } = fact;
    return vital;
  }
  const rate = pulseRateOf(fact);
  if (rate === undefined) return undefined;
  const { device, stream, channel, timeUs, bpm } = rate;
  const of = { code: "hr", device, stream, ...(channel === undefined ? {} : { channel }), unit: "bpm", by: "light" } as const;
  const value = bpm === undefined ? { without: withoutOf(fact) } : { value: Math.round(bpm) };
  return { ...of, timeUs, freshUs: timeUs + pulseRateFreshUs, ...value };
}

function withoutOf(fact: Fact): VitalWithout {
  return fact.kind === "pulse-rate" && fact.without === "no-signal" ? "absent" : "unsure";
}

/** Undefined for every fact that is no rate of a pulse. Where the model is asked, its results are the rate and the beats alone give none. */
export function pulseRateOf(fact: Fact): PulseRate | undefined {
  if (fact.kind === "pulse-rate") {
    const { kind: _, without: _without, fromUs: _fromUs, ...rate } = fact;
    return rate;
  }
  if (fact.kind !== "result" || fact.model.id !== pulseModel) return undefined;
  const { about, timeUs, knownUs, outcome } = fact;
  const of = { device: about[0].device, stream: about[0].stream, timeUs, knownUs };
  if (outcome.kind !== "value" || outcome.interval === undefined) return { ...of, quality: 0 };
  const { value: bpm, interval } = outcome;
  return { ...of, bpm, interval, quality: Math.max(0, 1 - (interval[1] - interval[0]) / bpm) };
}
