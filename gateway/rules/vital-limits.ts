/**
 * The person's own limits on numbers that a device measures itself (oxygen, temperature, breathing rate, heart rate), off until set, and each number as a
 * vital sign every 15 s. A number that is not there or is old is unknown: it begins nothing and ends nothing.
 */

import Type, { type Static, type TObject } from "typebox";
import type { VitalCode, VitalEvent } from "../../device-drivers/contract/event.ts";
import type { Fact } from "../facts/fact.ts";
import { pulseRateFreshUs, pulseRateOf } from "../facts/pulse.ts";
import { back } from "./alert-words.ts";
import type { Family, RuleAbout } from "./family.ts";
import { type LimitOptions, type LimitState, limitOf, memoriesOf, stepLimit } from "./limit.ts";
import { ownHeartRateLimits, ownHeartRateRules } from "./own-heart-rate.ts";
import { pulseQuality } from "./pulse-rates.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createShaken } from "./shaken.ts";
import { createGate, isAwake, type StreamFacts } from "./stream-gate.ts";

interface NumberRule extends LimitOptions {
  readonly rule: string;
  readonly code: VitalCode;
}

type VitalFact = Fact & { kind: "vital" };

interface StreamMemory {
  newest: VitalFact;
  /** Time of the newest number that was told as a vital sign. */
  toldUs: number;
  limits: [string, LimitState][];
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
  /** When a good pulse by light last told the heart rate; absent in states of earlier versions. */
  pulseUs?: number;
  shakenUs?: number[];
}

const vitalEveryUs = 15_000_000;
/** Delays of alerts.md lanes3; temperature and breathing as slow as oxygen or slower, since both change in minutes. */
const timing = {
  hr: { delayS: 10, endS: 10, hysteresis: 5 },
  spo2: { delayS: 30, endS: 30, hysteresis: 1 },
  temp: { delayS: 60, endS: 60, hysteresis: 0.2 },
  resp: { delayS: 60, endS: 60, hysteresis: 2 },
} as const satisfies Record<VitalCode, Omit<LimitOptions, "side" | "limit">>;

const limits = {
  spo2LimitLowPct: ownLimit({ minimum: 50, maximum: 100, side: "lower", of: "oxygen saturation", unit: "%", rule: "spo2.low" }),
  tempLimitHighCel: ownLimit({ minimum: 25, maximum: 44, side: "upper", of: "temperature", unit: "°C", rule: "temp.limit-high" }),
  tempLimitLowCel: ownLimit({ minimum: 20, maximum: 40, side: "lower", of: "temperature", unit: "°C", rule: "temp.limit-low" }),
  respLimitHighPerMin: ownLimit({
    minimum: 5,
    maximum: 80,
    side: "upper",
    of: "the breathing rate",
    unit: "breaths/min",
    rule: "resp.limit-high",
  }),
  respLimitLowPerMin: ownLimit({
    minimum: 2,
    maximum: 40,
    side: "lower",
    of: "the breathing rate",
    unit: "breaths/min",
    rule: "resp.limit-low",
  }),
  ...ownHeartRateLimits,
};

type Profile = Static<TObject<typeof limits>>;

const create = (profile: Profile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const rules = rulesOf(profile);
  const gate = createGate(was?.gate);
  const memories = memoriesOf(was?.lanes, rules);
  const shaken = createShaken(was?.shakenUs);
  let pulseUs = was?.pulseUs ?? Number.NEGATIVE_INFINITY;

  /** Beats or pulses that are seen tell the heart rate better than a device's own number: that begins an alarm only where neither is awake. */
  const isOutdone = (code: VitalCode, timeUs: number) =>
    code === "hr" && (timeUs - pulseUs <= pulseRateFreshUs || gate.all().some((facts) => facts.hasBeats && isAwake(facts, timeUs)));

  const judge = (memory: StreamMemory, fact: VitalFact, previousFreshUs: number): RuleDecision[] => {
    const { device, code, timeUs, value, unit } = fact;
    return rules.flatMap((options): RuleDecision[] => {
      if (options.code !== code) return [];
      const state = limitOf(memory.limits, options.rule);
      // Time without a value counts as within the limit.
      if (timeUs > previousFreshUs) stepLimit(state, options, timeUs, undefined);
      const isKnown = state.active !== undefined || !isOutdone(code, timeUs);
      const step = stepLimit(state, options, timeUs, isKnown ? value : undefined);
      if (step === undefined) return [];
      const { rule, limit } = options;
      if (step.kind === "worse") return [{ kind: "update", rule, device, timeUs, value: step.value }];
      if (step.kind === "end") return [{ kind: "end", rule, device, endUs: step.endUs, timeUs }];
      const told = { onsetUs: step.onsetUs, timeUs, value: step.value, unit, limit, quality: "good" } as const;
      const source = { code: "device.number", stream: fact.stream };
      const about = { device, stream: fact.stream, ...(fact.channel === undefined ? {} : { channel: fact.channel }) };
      return [{ kind: "begin", rule, ...about, priority: "medium", alertKind: "physiological", cause: source, ...told }];
    });
  };

  const onFact = (fact: VitalFact): RuleDecision[] => {
    const key = `${fact.device}/${fact.stream}/${fact.code}`;
    const known = memories.get(key);
    const previousFreshUs = known?.newest.freshUs ?? fact.timeUs;
    const memory = known ?? { newest: fact, toldUs: 0, limits: [] };
    memory.newest = fact;
    memories.set(key, memory);
    return judge(memory, fact, previousFreshUs);
  };

  const vitals = (nowUs: number): RuleDecision[] => {
    const told: VitalEvent[] = [];
    for (const memory of memories.values()) {
      const { device, stream, code, timeUs, value, unit, freshUs } = memory.newest;
      if (value === undefined || timeUs <= memory.toldUs || nowUs > freshUs) continue;
      memory.toldUs = timeUs;
      told.push({ kind: "vital", code, device, stream, timeUs, value, unit });
    }
    return told;
  };

  return {
    ids: rules.map(({ rule }) => rule),
    push(input) {
      gate.push(input);
      const rate = pulseRateOf(input);
      shaken.note(input);
      if (rate !== undefined && pulseQuality(rate, shaken) === "good") pulseUs = rate.timeUs;
      if (input.kind === "vital") return onFact(input);
      return input.kind === "tick" && input.timeUs % vitalEveryUs === 0 ? vitals(input.timeUs) : [];
    },
    watching(timeUs) {
      const knows = ({ code }: NumberRule) =>
        [...memories.values()].some(({ newest }) => newest.code === code && newest.value !== undefined && timeUs <= newest.freshUs);
      return rules.filter(({ code }) => knows({ code } as NumberRule) && !isOutdone(code, timeUs)).map(({ rule }) => rule);
    },
    state: (): State => ({
      gate: gate.state(),
      pulseUs,
      shakenUs: shaken.state(),
      lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]),
    }),
  };
};

/** A number that the device measures itself, against the person's own limit. */
const numberRule = (what: string, side: "over" | "under", ends: string, worseBy: number): RuleAbout => ({
  priority: "medium",
  alertKind: "physiological",
  text: {
    title: (w) => `${w.person}: ${what} ${w.value}, ${side} ${w.limit}`,
    body: (w) => `Measured by ${w.device} itself. Since ${w.since}; newest data ${w.age} old. This is the person's own limit. ${ends}`,
    clear: back(`the ${what} is back within its limit`),
  },
  worseBy,
});

export const vitalLimits: Family = {
  create,
  limits,
  rules: {
    "spo2.low": numberRule("oxygen saturation", "under", "Ends when it has been above the limit for 30 s.", -3),
    "temp.limit-high": numberRule("temperature", "over", "Ends when it has been 0.2 below the limit for 60 s.", 0.5),
    "temp.limit-low": numberRule("temperature", "under", "Ends when it has been 0.2 above the limit for 60 s.", -0.5),
    "resp.limit-high": numberRule("breathing rate", "over", "Ends when it has been 2 below the limit for 60 s.", 5),
    "resp.limit-low": numberRule("breathing rate", "under", "Ends when it has been 2 above the limit for 60 s.", -3),
    ...ownHeartRateRules,
  },
};

function rulesOf(profile: Profile): NumberRule[] {
  const own = (rule: string, code: VitalCode, side: "high" | "low", limit: number | undefined): NumberRule[] =>
    limit === undefined ? [] : [{ rule, code, side, limit, ...timing[code] }];
  return [
    ...own("spo2.low", "spo2", "low", profile.spo2LimitLowPct),
    ...own("temp.limit-high", "temp", "high", profile.tempLimitHighCel),
    ...own("temp.limit-low", "temp", "low", profile.tempLimitLowCel),
    ...own("resp.limit-high", "resp", "high", profile.respLimitHighPerMin),
    ...own("resp.limit-low", "resp", "low", profile.respLimitLowPerMin),
    ...own("hr.limit-high", "hr", "high", profile.hrLimitHighBpm),
    ...own("hr.limit-low", "hr", "low", profile.hrLimitLowBpm),
  ];
}

interface OwnLimit {
  readonly minimum: number;
  readonly maximum: number;
  readonly side: "lower" | "upper";
  readonly of: string;
  readonly unit: string;
  readonly rule: string;
}

/** Without it the rule is off. */
function ownLimit({ minimum, maximum, side, of, unit, rule }: OwnLimit) {
  const description = `The person's own ${side} limit of ${of}, ${unit} (${rule})`;
  return Type.Optional(Type.Number({ minimum, maximum, description, unit, rules: [rule], quieter: side === "lower" ? "lower" : "higher" }));
}
