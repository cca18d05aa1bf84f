/** A made-up strip for tests: 60 beats a minute of 1 mV, whose R peaks stand at each half second. */

import type { Strip, Trace } from "./strip.ts";

/** 2026-01-01T00:00:00Z */
export const startUs = 1_767_225_600_000_000;

export function ecgTrace(seconds: number, over: Partial<Trace> = {}): Trace {
  const rateHz = over.rateHz ?? 250;
  const values = Array.from({ length: seconds * rateHz }, (_, i) => Math.exp(-((((i / rateHz) % 1) - 0.5) ** 2) / 0.0002));
  return { device: "strap", stream: "ecg", channel: "ecg", lead: "II", unit: "mV", rateHz, startUs, values, ...over };
}

export function stripOf(traces: readonly Trace[], seconds = 30): Strip {
  const beat = (at: number) => ({ kind: "beat", device: "strap", stream: "ecg", timeUs: startUs + (at + 0.5) * 1e6, label: "N" });
  return {
    person: "person-a",
    fromUs: startUs,
    toUs: startUs + seconds * 1e6,
    traces,
    events: Array.from({ length: seconds }, (_, at) => beat(at)),
  };
}
