/**
 * What a pulse that is believed to be this person's says of a standstill. Beside a silent ECG it confirms it. Where no ECG sees the heart (off, gone, too poor)
 * it carries the watch on: a pleth that measures its contact, is on the skin and pulses no more is `rhythm.no-signal`, after the same look for removal and
 * life and the same 15 s as a strap whose contact nobody measures. A pleth that cannot tell a finger from none says nothing alone.
 */

import type { RuleDecision } from "./rule.ts";
import { isFresh, type StreamFacts } from "./stream-gate.ts";

/** By stream: the pulse that was the last, and those that have come back. */
export interface StandstillState {
  readonly active: readonly (readonly [string, { readonly lastUs: number; readonly back: readonly number[] }])[];
}

interface Look {
  readonly key: string;
  readonly facts: StreamFacts;
  /** Newest pulse of this pleth; undefined where it is not believed. */
  readonly newestUs: number | undefined;
  /** Newest sign of life of any other kind. */
  readonly lifeUs: number;
  /** An ECG is in such order that its own silence would be told. */
  readonly hasEcg: boolean;
}

interface PulseStandstill {
  /** A second of a pleth has been judged. */
  judge(look: Look): RuleDecision[];
  pulse(key: string, device: string, timeUs: number): RuleDecision[];
  state(): StandstillState;
}

interface Delays {
  readonly flatUs: number;
  readonly countdownUs: number;
}

/** A pulse is known so long after its stroke (models/signal/pulse.ts), and follows its beat by up to 2 s (life-belief.ts). */
const pulseUs = 2_000_000;
/** Beats and pulses that stop together do so within this. */
const togetherUs = 3_000_000;
const pulsesBack = 3;
const rule = "rhythm.no-signal";

export function createPulseStandstill({ flatUs, countdownUs }: Delays, saved?: StandstillState): PulseStandstill {
  const active = new Map(structuredClone(saved?.active));

  const end = (key: string, device: string, endUs: number, timeUs: number): RuleDecision[] => {
    active.delete(key);
    return [{ kind: "end", rule, device, endUs, timeUs }];
  };

  return {
    judge({ key, facts, newestUs, lifeUs, hasEcg }) {
      const { device, stream, judgedUs: timeUs } = facts;
      const isOn = speaksAlone(facts, timeUs) && !hasEcg;
      if (active.has(key)) return isOn ? [] : end(key, device, timeUs, timeUs);
      if (!isOn || newestUs === undefined || timeUs - Math.max(newestUs, lifeUs) < flatUs + pulseUs + countdownUs) return [];
      active.set(key, { lastUs: newestUs, back: [] });
      const told = { onsetUs: newestUs, timeUs, value: Math.round((timeUs - newestUs) / 100_000) / 10, unit: "s", limit: flatUs / 1e6 };
      const cause = { code: "device.pulse", stream };
      return [{ kind: "begin", rule, device, stream, priority: "high", alertKind: "physiological", cause, quality: facts.level, ...told }];
    },
    pulse(key, device, timeUs) {
      const one = active.get(key);
      if (one === undefined) return [];
      const back = [...one.back, timeUs].filter((each) => timeUs - each < flatUs);
      active.set(key, { ...one, back });
      return back.length < pulsesBack ? [] : end(key, device, back[0] ?? timeUs, timeUs);
    },
    state: () => structuredClone({ active: [...active] }),
  };
}

/** Its sensor says that it is on the skin, and its signal is there. */
export function speaksAlone(facts: StreamFacts | undefined, nowUs: number): boolean {
  return (
    facts !== undefined && facts.contactMeasured !== "none" && facts.contact === "on" && facts.level === "good" && isFresh(facts, nowUs)
  );
}

/** The pulse stopped when the beats did, though its sensor has signal and nothing says that it is off. */
export function hasStoppedToo(facts: StreamFacts | undefined, newestUs: number, silentSinceUs: number, nowUs: number): boolean {
  if (facts === undefined || facts.level !== "good" || facts.contact === "off" || !isFresh(facts, nowUs)) return false;
  return Math.abs(newestUs - silentSinceUs) <= togetherUs && nowUs - newestUs > pulseUs;
}
