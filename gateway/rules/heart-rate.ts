/**
 * `hr.high`, `hr.low` on the 60-s mean, the person's own limits on the 10-s mean. A rate is told only from beats in good, worn, fresh signal, or, while no ECG
 * knows it, from a good pulse by light; with too few of them it is unknown. A limit is one a person, whatever they wear: the stream that judged it last goes
 * on as long as it knows the rate.
 */

import Type, { type Static, type TObject } from "typebox";
import { type PulseRate, pulseRateOf } from "../facts/pulse.ts";
import { addBeat, type BeatIntervals, forgetIntervals, meanBpm, noIntervals } from "./beat-intervals.ts";
import type { Family } from "./family.ts";
import { type LimitOptions, type LimitState, stepLimit } from "./limit.ts";
import { ownHeartRateLimits, ownHeartRateRules, rateRule } from "./own-heart-rate.ts";
import { addPulseRate, meanPulseBpm, noPulseRates, type PulseRates } from "./pulse-rates.ts";
import type { ConditionBegin, Rule, RuleDecision } from "./rule.ts";
import { createShaken } from "./shaken.ts";
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

interface PulseMemory {
  readonly of: Pick<PulseRate, "device" | "stream" | "channel">;
  readonly rates: PulseRates;
}

/** One stream that may know the rate. */
interface Lane {
  readonly key: string;
  readonly isPulse: boolean;
  readonly about: Pick<ConditionBegin, "device" | "stream" | "channel" | "quality" | "cause">;
  /** Over the `windowS` up to `timeUs`; undefined where it does not know. */
  bpm(timeUs: number, windowS: number): number | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, BeatIntervals & { limits?: [string, LimitState][] }][];
  /** These are absent in states of earlier versions. */
  shakenUs?: number[];
  pulses?: [string, PulseMemory][];
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

  const pulses = new Map(structuredClone(was?.pulses));
  const shaken = createShaken(was?.shakenUs);

  const ofBeats = (facts: StreamFacts): Lane => ({
    key: streamKey(facts),
    isPulse: false,
    about: { device: facts.device, stream: facts.stream, quality: facts.level },
    bpm: (timeUs, windowS) => (isAwake(facts, timeUs) ? meanBpm(lanes.get(streamKey(facts)) ?? noIntervals(), timeUs, windowS) : undefined),
  });
  const ofPulse = ([key, { of, rates }]: readonly [string, PulseMemory]): Lane => ({
    key,
    isPulse: true,
    about: { ...of, quality: "good", cause: { code: "device.pulse", stream: of.stream } },
    bpm: (timeUs, windowS) => meanPulseBpm(rates, timeUs, windowS),
  });
  const all = () => [...gate.all().map(ofBeats), ...[...pulses].map(ofPulse)];

  /** Whoever judged it last goes on while it knows the rate; beats come before a pulse; one that does not know leaves it to the others. */
  const isItsTurn = (lane: Lane, { by }: PersonLimit, timeUs: number, windowS: number): boolean => {
    const isBy = by === undefined || by === lane.key;
    const isKnown = lane.bpm(timeUs, windowS) !== undefined;
    if (isBy && isKnown && !lane.isPulse) return true;
    const others = all().filter((each) => each.key !== lane.key && each.bpm(timeUs, windowS) !== undefined);
    if (!isKnown) return isBy && others.length === 0;
    if (lane.isPulse && others.some(({ isPulse }) => !isPulse)) return false;
    return isBy || !others.some((each) => each.key === by && each.isPulse === lane.isPulse);
  };

  const judge = (lane: Lane, timeUs: number): RuleDecision[] =>
    rules.flatMap((options) => {
      const state = held.get(options.rule) ?? newLimit();
      if (!isItsTurn(lane, state, timeUs, options.windowS)) return [];
      state.by = lane.key;
      return decide(state, options, lane, timeUs);
    });

  const onPulseRate = (rate: PulseRate): RuleDecision[] => {
    const { device, stream, channel } = rate;
    const key = `pulse ${streamKey(rate)}`;
    const memory = pulses.get(key) ?? { of: { device, stream, ...(channel === undefined ? {} : { channel }) }, rates: noPulseRates() };
    pulses.set(key, memory);
    addPulseRate(memory.rates, rate, shaken);
    return judge(ofPulse([key, memory]), rate.timeUs);
  };

  return {
    ids: rules.map(({ rule }) => rule),
    push(input) {
      shaken.note(input);
      const rate = pulseRateOf(input);
      if (rate !== undefined) return onPulseRate(rate);
      const facts = gate.push(input);
      if (facts === undefined || !facts.hasBeats) return [];
      const key = streamKey(facts);
      const lane = lanes.get(key) ?? noIntervals();
      lanes.set(key, lane);
      if (input.kind === "qrs") addBeat(lane, facts, input.timeUs, input.rrMs);
      if (input.kind !== "quality") return [];
      forgetIntervals(lane, facts);
      return judge(ofBeats(facts), facts.judgedUs);
    },
    watching(timeUs) {
      const ofEcg = ({ windowS }: RateRule) =>
        gate.all().some((facts) => isAwake(facts, timeUs) && ofBeats(facts).bpm(facts.judgedUs, windowS) !== undefined);
      const byPulse = ({ windowS }: RateRule) => [...pulses].some((each) => ofPulse(each).bpm(timeUs, windowS) !== undefined);
      return rules.filter((rule) => ofEcg(rule) || byPulse(rule)).map(({ rule }) => rule);
    },
    state: (): State =>
      structuredClone({ gate: gate.state(), lanes: [...lanes], pulses: [...pulses], shakenUs: shaken.state(), limits: [...held] }),
  };
};

function decide(state: PersonLimit, options: RateRule, { about, bpm }: Lane, timeUs: number): RuleDecision[] {
  const { rule, limit, windowS } = options;
  const step = stepLimit(state, options, timeUs, bpm(timeUs, windowS));
  if (step === undefined) return [];
  if (step.kind === "worse")
    return state.devices.map((each) => ({ kind: "update", rule, device: each, timeUs, value: Math.round(step.value) }));
  if (step.kind === "end") {
    const ends = state.devices.map((each): RuleDecision => ({ kind: "end", rule, device: each, endUs: step.endUs, timeUs }));
    state.devices = [];
    return ends;
  }
  state.devices = [about.device];
  const told = { onsetUs: step.onsetUs, timeUs, value: Math.round(step.value), unit: "bpm", limit };
  return [{ kind: "begin", rule, ...about, priority: "medium", alertKind: "physiological", ...told }];
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
