/**
 * `device.clock`, `device.index`, `device.rate`: a device's clock or sample numbers cannot be right, or its samples come at another pace than it says.
 * Signal that arrives live is judged all the same; these say why its times are uncertain.
 */

import type { Fact } from "../facts/fact.ts";
import { technical } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";

type Timing = Fact & { kind: "timing" };

interface Condition {
  readonly rule: string;
  readonly device: string;
  readonly stream: string;
  /** Newest fault, or since when the pace is off. */
  seenUs: number;
  /** Only of `device.rate`: the rate as judged now, samples a second. */
  rateHz: number | undefined;
  nominalHz: number | undefined;
  isTold: boolean;
}

interface State {
  conditions: [string, Condition][];
}

const secondUs = 1_000_000;
/** A clock that is not asked is tried again after a minute, so that its end takes longer. */
const endUs: Readonly<Record<string, number>> = { "device.clock": 120 * secondUs, "device.index": 60 * secondUs };
const rateShare = 0.03;
/** `device.rate` is told after half a minute, of which counting the pace has taken ten seconds. */
const rateDelayUs = 20 * secondUs;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const conditions = new Map<string, Condition>((saved as State | undefined)?.conditions.map(([key, each]) => [key, { ...each }]));

  /** One condition a device, however many of its streams are wrong. */
  const isAlone = (of: Condition) =>
    ![...conditions.values()].some((other) => other !== of && other.rule === of.rule && other.device === of.device && other.isTold);

  const begin = (of: Condition, timeUs: number): RuleDecision[] => {
    of.isTold = true;
    if (!isAlone(of)) return [];
    const { rule, device, stream, rateHz, nominalHz } = of;
    const told = rateHz === undefined || nominalHz === undefined ? {} : { value: Math.round(rateHz), unit: "Hz", limit: nominalHz };
    return [
      {
        kind: "begin",
        rule,
        device,
        stream,
        priority: "low",
        alertKind: "technical",
        onsetUs: of.seenUs,
        timeUs,
        quality: "unknown",
        ...told,
      },
    ];
  };

  const end = (key: string, of: Condition, timeUs: number): RuleDecision[] => {
    conditions.delete(key);
    if (!of.isTold || !isAlone(of)) return [];
    return [{ kind: "end", rule: of.rule, device: of.device, endUs: timeUs, timeUs }];
  };

  const onTiming = (input: Timing): RuleDecision[] => {
    const { device, stream, timeUs, fault } = input;
    const rule = `device.${fault}`;
    const key = `${device}/${stream}/${fault}`;
    const known = conditions.get(key);
    if (input.fault === "rate" && Math.abs(input.rateHz / input.nominalHz - 1) <= rateShare)
      return known === undefined ? [] : end(key, known, timeUs);
    const rate =
      input.fault === "rate" ? { rateHz: input.rateHz, nominalHz: input.nominalHz } : { rateHz: undefined, nominalHz: undefined };
    const of: Condition = known ?? { rule, device, stream, seenUs: timeUs, ...rate, isTold: false };
    conditions.set(key, of);
    Object.assign(of, rate, input.fault === "rate" ? {} : { seenUs: timeUs });
    return of.isTold || input.fault === "rate" ? [] : begin(of, timeUs);
  };

  const onTick = (timeUs: number): RuleDecision[] =>
    [...conditions].flatMap(([key, of]) => {
      const lasts = endUs[of.rule];
      if (lasts !== undefined) return timeUs - of.seenUs >= lasts ? end(key, of, timeUs) : [];
      return !of.isTold && timeUs - of.seenUs >= rateDelayUs ? begin(of, timeUs) : [];
    });

  return {
    // These rules look at a device, not at a person: they are no part of what was watched.
    ids: [],
    push: (input) => (input.kind === "timing" ? onTiming(input) : input.kind === "tick" ? onTick(input.timeUs) : []),
    watching: () => [],
    state: (): State => ({ conditions: [...conditions].map(([key, each]) => [key, { ...each }]) }),
  };
};

const low = { priority: "low", alertKind: "technical" } as const;

export const deviceTiming: Family = {
  create,
  rules: {
    "device.clock": {
      ...low,
      text: technical(
        (w) => `${w.device}: its clock is wrong`,
        "It jumped, stands still or counts in another unit. What it sends is watched by the time at which it comes; times are uncertain by a few seconds.",
      ),
    },
    "device.index": {
      ...low,
      text: technical(
        (w) => `${w.device}: its sample numbers are wrong`,
        "They jumped or started again. What it sends is watched by the time at which it comes; what could not be placed is counted on its card.",
      ),
    },
    "device.rate": {
      ...low,
      text: technical(
        (w) => `${w.device}: samples come at ${w.value}, not at ${w.limit}`,
        "What it sends is watched by the rate at which it comes. The rate that its maker states, or its descriptor, is wrong.",
      ),
    },
  },
};
