/** A beat and its class, as rules and the page ask for it. The one place that knows whose results are beats. */

import { type BeatLabel, beatLabels } from "../../device-drivers/contract/event.ts";
import type { Pass, Result, Source, UnknownReason } from "../../device-drivers/contract/result.ts";
import type { Fact } from "./fact.ts";

/** Its labels are classes of beats; what any other model says of a beat is a result of its own. */
export const beatModel = "ecg-beat";

/** "first" half a second after R (rules on runs), "final" with the beats that follow (the stored event). */
export interface Beat extends Source {
  readonly pass: Pass;
  readonly timeUs: number;
  readonly knownUs: number;
  readonly rrMs?: number;
  /** Without an answer that can be read the class is unknown, never normal. */
  readonly label: BeatLabel | "unknown";
  /** Probability of the label, 0–1. */
  readonly confidence: number;
  /** Why nobody knows the class. */
  readonly reason?: UnknownReason;
  readonly model: Result["model"];
}

/** Undefined for every fact that is no beat. */
export function beatOf(fact: Fact): Beat | undefined {
  if (fact.kind !== "result" || fact.model.id !== beatModel) return undefined;
  const { pass, about, timeUs, knownUs, rrMs, model, outcome } = fact;
  const base = { pass, device: about[0].device, stream: about[0].stream, timeUs, knownUs, model, ...(rrMs === undefined ? {} : { rrMs }) };
  if (outcome.kind === "label" && isBeatLabel(outcome.label)) return { ...base, label: outcome.label, confidence: outcome.probability };
  return { ...base, label: "unknown", confidence: 0, reason: outcome.kind === "unknown" ? outcome.reason : "unreadable" };
}

function isBeatLabel(label: string): label is BeatLabel {
  return (beatLabels as readonly string[]).includes(label);
}
