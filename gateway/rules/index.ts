/** The door of the rules: all families over one person's total order. Pure; it owns no timer and no clock. */

import type { Fact } from "../facts/fact.ts";
import type { Guard } from "../facts/guarded.ts";
import type { HeartRateFact } from "../facts/heart-rate.ts";
import { defaultsOf, rulesOf } from "./described.ts";
import { families as allFamilies } from "./families.ts";
import type { Family } from "./family.ts";
import { createInhibition } from "./inhibition.ts";
import { measuredAlone } from "./measured-alone.ts";
import { createOneHeartRate, type OneHeartRate, type OneHeartRateState } from "./one-heart-rate.ts";
import type { ConditionBegin, Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createSharedConditions, type SharedState } from "./shared-conditions.ts";
import { createWatchedSpans, type OpenSpans } from "./watched-spans.ts";

/** By name of the family. */
export const familyVersions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(allFamilies).map(([name, { version = 1 }]) => [name, String(version)]),
);

export interface Rules {
  /** Ids of every rule that may raise an alert for this profile. */
  readonly ids: readonly string[];
  push(input: Fact): RuleDecision[];
  /** The recording ends: conditions that are over are ended, and open watched spans told. */
  flush(): RuleDecision[];
  /** Who watches now and since when, as far as it is not told yet. */
  readonly watching: OpenSpans;
  /** The person's one heart rate as it was known at the newest whole second; undefined before the first. */
  readonly heartRate: HeartRateFact | undefined;
  /** Structured-cloneable; given back to `createRules` on restart. */
  state(): unknown;
}

interface State {
  readonly families: Readonly<Record<string, unknown>>;
  readonly spans: [string, { fromUs: number; toUs: number }][];
  readonly active: ConditionBegin[];
  /** Absent in states of earlier versions. */
  readonly shared?: SharedState;
  readonly heartRate?: { readonly known: HeartRateFact | undefined; readonly state: OneHeartRateState };
  /** When a family last failed. */
  readonly faults?: Readonly<Record<string, number>>;
}

interface RulesOptions {
  /** Keeps a family's fault from the others; without one it is thrown. */
  readonly guard?: Guard;
  /** THE list unless told. */
  readonly families?: Readonly<Record<string, Family>>;
}

/** A family that has failed begins anew at once, but for so long its watching is not counted (law 11). */
const mistrustUs = 300_000_000;

/** Limits of everybody (alerts.md §3); a person's profile overrides them. */
export const defaultProfile: RuleProfile = defaultsOf();

const unguarded: Guard = (_part, work) => work();
const none: readonly RuleDecision[] = [];

/** What each gives, in one row. Most facts decide nothing: then it is the same empty one. */
function allOf<T>(families: readonly T[], push: (family: T) => readonly RuleDecision[]): readonly RuleDecision[] {
  let decided = none;
  for (const family of families) {
    const own = push(family);
    if (own.length > 0) decided = decided.length === 0 ? own : [...decided, ...own];
  }
  return decided;
}

export function createRules(
  profile: RuleProfile,
  saved?: unknown,
  { guard = unguarded, families = allFamilies }: RulesOptions = {},
): Rules {
  const was = saved as State | undefined;
  let limits = profile;
  const open = (name: string, create: Family["create"], from?: unknown): Rule =>
    guard(
      partOf(name),
      () => create(limits, from),
      () => (from === undefined ? deafRule : open(name, create)),
    );
  const rules = Object.entries(families).map(([name, { create, rules: own }]) => ({
    ...{ name, part: partOf(name), create, rules: own, faultUs: was?.faults?.[name] ?? Number.NEGATIVE_INFINITY },
    rule: open(name, create, was?.families[name]),
    // Nothing is left of what it had seen: what it had begun is still held by the others.
    isOrphaned: was !== undefined && was.families[name] === undefined,
  }));
  const spans = createWatchedSpans(was?.spans);
  const inhibition = createInhibition(was?.active, rulesOf(families));
  const raisable = Object.values(families).flatMap((family) => Object.keys(family.rules));
  const shared = createSharedConditions(new Set(raisable.filter((id, at) => raisable.indexOf(id) !== at)), was?.shared);
  type Running = (typeof rules)[number];
  const openHeartRate = (from?: OneHeartRateState): OneHeartRate | undefined =>
    guard(
      heartRatePart,
      () => createOneHeartRate(from),
      () => (from === undefined ? undefined : openHeartRate()),
    );
  let oneHeartRate = openHeartRate(was?.heartRate?.state);
  let heartRate = was?.heartRate?.known;

  /** A family that begins afresh knows nothing of its conditions: they are over unless it begins them again. A high one stays open, but covers nothing. */
  const disown = (family: Running, timeUs: number): RuleDecision[] => {
    const own = inhibition.state().filter(({ rule }) => family.rule.ids.includes(rule));
    const isHigh = ({ priority }: ConditionBegin) => priority === "high";
    const ends = own
      .filter((begin) => !isHigh(begin))
      .map(({ rule, device }): RuleDecision => ({ kind: "end", rule, device, endUs: timeUs, timeUs }));
    return [...inhibition.forget(own.filter(isHigh), timeUs), ...inhibition.pass(shared.pass(family.name, ends))];
  };

  /** What it had seen can't be trusted. */
  const restart = (family: Running, timeUs: number): RuleDecision[] => {
    const out = disown(family, timeUs);
    family.rule = open(family.name, family.create);
    family.faultUs = timeUs;
    return out;
  };

  /** What it has seen goes on under the new limits; a condition of a rule that is off now is over. */
  const adopt = (family: Running, timeUs: number): RuleDecision[] => {
    family.rule = open(family.name, family.create, family.rule.state());
    const isOff = ({ rule }: ConditionBegin) => rule in family.rules && !family.rule.ids.includes(rule);
    const ends = inhibition.state().filter(isOff);
    const told = ends.map(({ rule, device }): RuleDecision => ({ kind: "end", rule, device, endUs: timeUs, timeUs }));
    return inhibition.pass(shared.pass(family.name, told));
  };

  const push = (family: Running, input: Fact): RuleDecision[] => {
    if (!family.isOrphaned) return pushGuarded(family, input);
    family.isOrphaned = false;
    return [...disown(family, input.timeUs), ...pushGuarded(family, input)];
  };

  const pushGuarded = (family: Running, input: Fact): RuleDecision[] =>
    guard(
      family.part,
      () => {
        const decided = family.rule.push(input);
        return decided.length === 0 ? decided : inhibition.pass(shared.pass(family.name, decided));
      },
      () => restart(family, input.timeUs),
    );

  const pushAll = (input: Fact) => allOf(rules, (family) => push(family, input));

  /** Made of the facts that the families see, and itself a fact for them; where it fails it begins anew, and nothing is known until then. */
  const pushHeartRate = (input: Fact): readonly RuleDecision[] => {
    const known = guard(
      heartRatePart,
      () => oneHeartRate?.push(input),
      () => {
        oneHeartRate = openHeartRate();
        return { kind: "heart-rate", timeUs: input.timeUs, sources: 0 } as const;
      },
    );
    if (known === undefined) return none;
    heartRate = known;
    return pushAll(known);
  };

  const watching = ({ part, rule, faultUs }: Running, timeUs: number) =>
    guard(
      part,
      () => (timeUs - faultUs < mistrustUs ? [] : rule.watching(timeUs)),
      () => [],
    );

  const finish = ({ name, rule }: Running) =>
    guard(
      partOf(name),
      () => rule.finish?.() ?? [],
      () => [],
    );

  return {
    get ids() {
      return [...new Set(rules.flatMap(({ rule }) => rule.ids))];
    },
    push(given) {
      const input = measuredAlone(given);
      if (input.kind === "limits") {
        limits = input.profile;
        return rules.flatMap((family) => adopt(family, input.timeUs));
      }
      const decided = [...pushHeartRate(input), ...pushAll(input)];
      if (input.kind !== "tick") return decided;
      const awake: string[] = [];
      for (const family of rules) for (const rule of watching(family, input.timeUs)) if (!awake.includes(rule)) awake.push(rule);
      decided.push(...spans.tick(input.timeUs, awake));
      return decided;
    },
    flush: () => [...inhibition.pass(rules.flatMap((family) => shared.pass(family.name, finish(family)))), ...spans.flush()],
    watching: spans.open,
    get heartRate() {
      return heartRate;
    },
    state: (): State => ({
      families: Object.fromEntries(
        rules.map(({ name, rule, isOrphaned }) => [
          name,
          guard(
            partOf(name),
            () => (isOrphaned ? undefined : rule.state()),
            () => undefined,
          ),
        ]),
      ),
      spans: spans.state(),
      active: inhibition.state(),
      shared: shared.state(),
      ...(oneHeartRate === undefined ? {} : { heartRate: { known: heartRate, state: oneHeartRate.state() } }),
      faults: Object.fromEntries(rules.flatMap(({ name, faultUs }) => (Number.isFinite(faultUs) ? [[name, faultUs]] : []))),
    }),
  };
}

/** It feeds the family of that name, which is blind without it. */
const heartRatePart = "rules/heart-sources";
const partOf = (family: string) => `rules/${family}`;

/** Stands for a family that cannot even begin. */
const deafRule: Rule = { ids: [], push: () => [], watching: () => [], state: () => undefined };

/** Ids of the rules that are blind while a part of the analysis fails; every rule may be where a stage does. */
export function blindWithout(part: string): string[] {
  const [kind, name = ""] = part.split("/");
  const isBlind = ([family, { reads = [] }]: [string, Family]) =>
    kind === "stream" || (kind === "rules" ? family === name : reads.includes(name));
  return [
    ...new Set(
      Object.entries(allFamilies)
        .filter(isBlind)
        .flatMap(([, { create }]) => create(defaultProfile).ids),
    ),
  ];
}
