/**
 * `hr.high`, `hr.low` on the 60-s mean, the person's own limits on the 10-s mean, and the vital sign every 15 s. A rate is told only from beats in good, worn,
 * fresh signal; with too few of them it is unknown.
 */

import Type, { type Static, type TObject } from "typebox";
import type { Family } from "./family.ts";
import { type LimitOptions, type LimitState, limitOf, memoriesOf, stepLimit } from "./limit.ts";
import { ownHeartRateLimits, ownHeartRateRules, rateRule } from "./own-heart-rate.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isAwake, isGoodSince, type StreamFacts, streamKey } from "./stream-gate.ts";

interface RateRule extends LimitOptions {
  readonly rule: string;
  readonly windowS: number;
}

interface StreamMemory {
  /** Times of the R peaks that end an interval, and the intervals in ms, oldest first, at most 60 s of them. */
  endUs: number[];
  rrMs: number[];
  limits: [string, LimitState][];
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
}

const secondUs = 1_000_000;
const keptUs = 60 * secondUs;
/** Share of a window that its intervals must cover. */
const coverage = 0.75;
const vitalWindowS = 15;
const vitalEveryUs = 15 * secondUs;
/** A rate whose last beat is older than this is not told as a vital sign. */
const vitalAgeUs = 5 * secondUs;
const ownDefaults = { windowS: 10, delayS: 10, endS: 10, hysteresis: 5 } as const;
const fixedDefaults = { windowS: 60, delayS: 60, endS: 10, hysteresis: 5 } as const;

const limits = {
  hrHighBpm: Type.Number({
    minimum: 60,
    maximum: 300,
    default: 150,
    description: "Heart rate above which hr.high tells, beats/min",
    unit: "beats/min",
    rules: ["hr.high"],
    quieter: "higher",
  }),
  hrLowBpm: Type.Number({
    minimum: 10,
    maximum: 100,
    default: 40,
    description: "Heart rate below which hr.low tells, beats/min",
    unit: "beats/min",
    rules: ["hr.low"],
    quieter: "lower",
  }),
  ...ownHeartRateLimits,
};

type Profile = Static<TObject<typeof limits>>;

const create = (profile: Profile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const rules = rulesOf(profile);
  const gate = createGate(was?.gate);
  const memories = memoriesOf(was?.lanes, rules);

  const onBeat = (memory: StreamMemory, facts: StreamFacts, timeUs: number, rrMs: number | undefined) => {
    if (rrMs === undefined || !isGoodSince(facts, timeUs - rrMs * 1000)) return;
    memory.endUs.push(timeUs);
    memory.rrMs.push(rrMs);
  };

  const forget = (memory: StreamMemory, facts: StreamFacts) => {
    const fromUs = facts.judgedUs - keptUs;
    let old = 0;
    while (old < memory.endUs.length && (memory.endUs[old] ?? 0) <= fromUs) old++;
    memory.endUs.splice(0, old);
    memory.rrMs.splice(0, old);
    if (facts.goodSinceUs !== undefined) return;
    // This second is not to be trusted: neither are the intervals that ended in it before it was judged.
    while ((memory.endUs.at(-1) ?? Number.NEGATIVE_INFINITY) > facts.judgedUs - secondUs) {
      memory.endUs.pop();
      memory.rrMs.pop();
    }
  };

  const onQuality = (memory: StreamMemory, facts: StreamFacts, out: RuleDecision[]) => {
    forget(memory, facts);
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    for (const options of rules) {
      const state = limitOf(memory.limits, options.rule);
      const isKnown = isAwake(facts, timeUs);
      const step = stepLimit(state, options, timeUs, isKnown ? meanBpm(memory, timeUs, options.windowS) : undefined);
      if (step === undefined) continue;
      const { rule, limit } = options;
      if (step.kind === "begin") {
        const told = { onsetUs: step.onsetUs, timeUs, value: Math.round(step.value), unit: "bpm", limit, quality };
        out.push({ kind: "begin", rule, device, stream, priority: "medium", alertKind: "physiological", ...told });
      } else if (step.kind === "worse") out.push({ kind: "update", rule, device, timeUs, value: Math.round(step.value) });
      else out.push({ kind: "end", rule, device, endUs: step.endUs, timeUs });
    }
  };

  /** One value for the person: of the first stream that knows it. */
  const vital = (timeUs: number): RuleDecision[] => {
    for (const facts of gate.all()) {
      const memory = memories.get(streamKey(facts));
      if (memory === undefined || !isAwake(facts, timeUs) || timeUs - (memory.endUs.at(-1) ?? 0) > vitalAgeUs) continue;
      const bpm = meanBpm(memory, timeUs, vitalWindowS);
      if (bpm !== undefined) return [{ kind: "vital", code: "hr", timeUs, value: Math.round(bpm), unit: "bpm" }];
    }
    return [];
  };

  return {
    ids: rules.map(({ rule }) => rule),
    push(input) {
      const out: RuleDecision[] = [];
      if (input.kind === "tick" && input.timeUs % vitalEveryUs === 0) return vital(input.timeUs);
      const facts = gate.push(input);
      if (facts === undefined || !facts.hasBeats) return out;
      const key = streamKey(facts);
      const memory = memories.get(key) ?? { endUs: [], rrMs: [], limits: [] };
      memories.set(key, memory);
      if (input.kind === "qrs") onBeat(memory, facts, input.timeUs, input.rrMs);
      if (input.kind === "quality") onQuality(memory, facts, out);
      return out;
    },
    watching(timeUs) {
      const knows = ({ windowS }: RateRule) =>
        gate.all().some((facts) => {
          const memory = memories.get(streamKey(facts));
          return memory !== undefined && isAwake(facts, timeUs) && meanBpm(memory, facts.judgedUs, windowS) !== undefined;
        });
      return rules.filter(knows).map(({ rule }) => rule);
    },
    state: (): State => ({ gate: gate.state(), lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]) }),
  };
};

export const heartRate: Family = {
  create,
  limits,
  rules: {
    "hr.high": rateRule("over", "Ends when it is 5 below the limit for 10 s.", 20),
    "hr.low": rateRule("under", "Ends when it is 5 above the limit for 10 s.", -10),
    ...ownHeartRateRules,
  },
};

function rulesOf(profile: Profile): RateRule[] {
  const own = (rule: string, side: "high" | "low", limit: number | undefined) =>
    limit === undefined ? [] : [{ rule, side, limit, ...ownDefaults }];
  return [
    { rule: "hr.high", side: "high", limit: profile.hrHighBpm, ...fixedDefaults },
    { rule: "hr.low", side: "low", limit: profile.hrLowBpm, ...fixedDefaults },
    ...own("hr.limit-high", "high", profile.hrLimitHighBpm),
    ...own("hr.limit-low", "low", profile.hrLimitLowBpm),
  ];
}

/** Beats per minute over the `windowS` that end at `nowUs`; undefined when the intervals cover too little of it. */
function meanBpm(memory: StreamMemory, nowUs: number, windowS: number): number | undefined {
  const fromUs = nowUs - windowS * secondUs;
  let sumMs = 0;
  let count = 0;
  for (let i = memory.endUs.length - 1; i >= 0; i--) {
    const endUs = memory.endUs[i] ?? 0;
    if (endUs <= fromUs) break;
    if (endUs > nowUs) continue;
    sumMs += memory.rrMs[i] ?? 0;
    count++;
  }
  return sumMs < coverage * windowS * 1000 ? undefined : (60_000 * count) / sumMs;
}
