/**
 * Joins what `ecg-quality` says of the newest seconds of a stream to the judgement of each second: where it calls them noise, what the signal's own measures
 * found good is poor. It never makes a signal better, and without an answer the measures stand alone. In the order of the rules, a state for each run of them.
 */

import type { Fact } from "../facts/fact.ts";
import { streamKey } from "../stream/stream-item.ts";

export const qualityModel = "ecg-quality";

/** A window says something of the seconds behind it until the next one has; of those that follow later nothing. */
const heldUs = 4_500_000;

interface Verdict {
  readonly timeUs: number;
  readonly isNoise: boolean;
}

export type JoinedQualityState = readonly (readonly [stream: string, verdict: Verdict])[];

export interface JoinedQuality {
  /** The fact as everybody is to see it. */
  join(fact: Fact): Fact;
  state(): JoinedQualityState;
}

export function createJoinedQuality(saved?: JoinedQualityState): JoinedQuality {
  const verdicts = new Map(saved);

  const hear = (fact: Fact & { kind: "result" }) => {
    const key = streamKey(fact.about[0]);
    if (fact.outcome.kind === "label") verdicts.set(key, { timeUs: fact.timeUs, isNoise: fact.outcome.label === "noise" });
    else verdicts.delete(key);
  };

  return {
    join(fact) {
      if (fact.kind === "result" && fact.model.id === qualityModel) hear(fact);
      if (fact.kind !== "quality") return fact;
      const verdict = verdicts.get(streamKey(fact));
      if (verdict === undefined || fact.timeUs - verdict.timeUs > heldUs) return fact;
      const isLower = verdict.isNoise && fact.level === "good";
      return { ...fact, ...(isLower ? { level: "poor", signalLevel: "good" } : {}) };
    },
    state: () => [...verdicts],
  };
}
