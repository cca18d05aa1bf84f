/**
 * `hr.high`, `hr.low` on the 60-s mean, the person's own limits on the 10-s mean. A rate is told only from beats in good, worn, fresh signal; with too few of
 * them it is unknown. A limit is one a person, whatever they wear: the stream that judged it last goes on as long as it knows the rate.
 */

import Type, { type Static, type TObject } from "typebox";
import { addBeat, type BeatIntervals, forgetIntervals, meanBpm, noIntervals } from "./beat-intervals.ts";
import type { Family } from "./family.ts";
import { type LimitOptions, type LimitState, stepLimit } from "./limit.ts";
import { ownHeartRateLimits, ownHeartRateRules, rateRule } from "./own-heart-rate.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isAwake, type StreamFacts, streamKey } from "./stream-gate.ts";

interface RateRule extends LimitOptions {
  readonly rule: string;
  readonly windowS: number;
}

/** One limit of the person. */
interface PersonLimit extends LimitState {
  /** The stream whose rate was judged last. */
  by: string | undefined;
  /** Under which the condition that holds was told. */
  devices: string[];
}

interface State {
  gate: StreamFacts[];
  lanes: [string, BeatIntervals & { limits?: [string, LimitState][] }][];
  /** Absent in states of earlier versions. */
  limits?: [string, PersonLimit][];
}

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
  const lanes = new Map(was?.lanes.map(([key, { endUs, rrMs }]) => [key, { endUs: [...endUs], rrMs: [...rrMs] }]));
  const held = new Map(rules.map(({ rule }) => [rule, limitWas(was, rule) ?? newLimit()]));

  /** What the beats of a stream tell at `timeUs`. */
  const rateOf = (facts: StreamFacts | undefined, timeUs: number, windowS: number) => {
    const lane = facts === undefined ? undefined : lanes.get(streamKey(facts));
    return facts === undefined || lane === undefined || !isAwake(facts, timeUs) ? undefined : meanBpm(lane, timeUs, windowS);
  };
  /** Another stream that knows the rate of this window now. */
  const others = (key: string, timeUs: number, windowS: number) =>
    gate.all().filter((facts) => streamKey(facts) !== key && rateOf(facts, timeUs, windowS) !== undefined);

  const judge = (facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs: timeUs } = facts;
    const key = streamKey(facts);
    for (const options of rules) {
      const state = held.get(options.rule) ?? newLimit();
      const value = rateOf(facts, timeUs, options.windowS);
      const isBy = state.by === undefined || state.by === key;
      const knowing = isBy && value !== undefined ? [] : others(key, timeUs, options.windowS);
      // Whoever judged it last goes on while it knows the rate; one that doesn't leaves it to the others.
      if (isBy ? value === undefined && knowing.length > 0 : value === undefined || knowing.some((each) => streamKey(each) === state.by))
        continue;
      state.by = key;
      out.push(...decide(state, options, { ...facts, timeUs, value }));
    }
  };

  return {
    ids: rules.map(({ rule }) => rule),
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined || !facts.hasBeats) return out;
      const key = streamKey(facts);
      const lane = lanes.get(key) ?? noIntervals();
      lanes.set(key, lane);
      if (input.kind === "qrs") addBeat(lane, facts, input.timeUs, input.rrMs);
      if (input.kind !== "quality") return out;
      forgetIntervals(lane, facts);
      judge(facts, out);
      return out;
    },
    watching(timeUs) {
      const knows = ({ windowS }: RateRule) =>
        gate.all().some((facts) => isAwake(facts, timeUs) && rateOf(facts, facts.judgedUs, windowS) !== undefined);
      return rules.filter(knows).map(({ rule }) => rule);
    },
    state: (): State => structuredClone({ gate: gate.state(), lanes: [...lanes], limits: [...held] }),
  };
};

function decide(
  state: PersonLimit,
  options: RateRule,
  of: Pick<StreamFacts, "device" | "stream" | "level"> & { timeUs: number; value: number | undefined },
): RuleDecision[] {
  const { device, stream, level: quality, timeUs, value } = of;
  const { rule, limit } = options;
  const step = stepLimit(state, options, timeUs, value);
  if (step === undefined) return [];
  if (step.kind === "worse")
    return state.devices.map((each) => ({ kind: "update", rule, device: each, timeUs, value: Math.round(step.value) }));
  if (step.kind === "end") {
    const ends = state.devices.map((each): RuleDecision => ({ kind: "end", rule, device: each, endUs: step.endUs, timeUs }));
    state.devices = [];
    return ends;
  }
  state.devices = [device];
  const told = { onsetUs: step.onsetUs, timeUs, value: Math.round(step.value), unit: "bpm", limit, quality };
  return [{ kind: "begin", rule, device, stream, priority: "medium", alertKind: "physiological", ...told }];
}

const newLimit = (): PersonLimit => ({ crossedUs: undefined, active: undefined, by: undefined, devices: [] });

/** What was held of a rule. Earlier versions held a limit for each stream: whichever is active goes on, and ends for all of them. */
function limitWas(was: State | undefined, rule: string): PersonLimit | undefined {
  const own = was?.limits?.find(([id]) => id === rule)?.[1];
  if (own !== undefined) return structuredClone(own);
  const before = (was?.lanes ?? []).flatMap(([by, { limits = [] }]) =>
    limits.flatMap(([id, state]) => (id === rule ? [{ ...structuredClone(state), by }] : [])),
  );
  const active = before.filter((each) => each.active !== undefined);
  const first = active[0] ?? before.find(({ crossedUs }) => crossedUs !== undefined);
  const deviceOf = (key: string) => was?.gate.find((facts) => streamKey(facts) === key)?.device ?? [];
  return first === undefined ? undefined : { ...first, devices: active.flatMap(({ by }) => deviceOf(by)) };
}

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
