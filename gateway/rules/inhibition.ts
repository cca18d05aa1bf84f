/** Which condition covers which (alerts.md §3): a covered one is logged, not told, and told again the moment its cover ends. */

import { rulesOf } from "./described.ts";
import type { RuleAbout } from "./family.ts";
import type { ConditionBegin, RuleDecision } from "./rule.ts";

interface Cover {
  readonly by: string;
  readonly covers: readonly string[];
  /** "stream": only conditions that were read from the covering stream itself. */
  readonly within: "person" | "stream";
}

/** The worst first: of two covers it is the one that is named. */
function coversOf(rules: ReadonlyMap<string, RuleAbout>): Cover[] {
  return [...rules]
    .sort(([, a], [, b]) => Number(b.priority === "high") - Number(a.priority === "high"))
    .flatMap(([by, { covers }]) => (covers === undefined ? [] : [{ by, covers: covers.rules, within: covers.within }]));
}

interface Inhibition {
  /** Marks what is covered, and adds the conditions whose cover has just ended. */
  pass(decisions: readonly RuleDecision[]): RuleDecision[];
  /** These are known no longer, neither as true nor as over: what they covered is told. */
  forget(begins: readonly ConditionBegin[], timeUs: number): ConditionBegin[];
  state(): ConditionBegin[];
}

export function createInhibition(saved?: readonly ConditionBegin[], rules = rulesOf()): Inhibition {
  const covers = coversOf(rules);
  let active: ConditionBegin[] = [...(saved ?? [])];

  const coverOf = (begin: ConditionBegin): string | undefined => {
    const holds = ({ by, covers: targets, within }: Cover) =>
      targets.includes(begin.rule) &&
      active.some(
        (other) => other.rule === by && (within === "person" || (other.device === begin.device && other.stream === begin.stream)),
      );
    return covers.find(holds)?.by;
  };

  const onBegin = (begin: ConditionBegin): ConditionBegin => {
    const by = coverOf(begin);
    const marked = by === undefined ? begin : { ...begin, inhibitedBy: by };
    active.push(marked);
    return marked;
  };

  /** A covered condition that grows worse is not told now; when its cover ends it is told as it is by then. */
  const onUpdate = ({ rule, device, priority, value }: RuleDecision & { kind: "update" }) => {
    const worse = { ...(priority === undefined ? {} : { priority }), ...(value === undefined ? {} : { value }) };
    active = active.map((begin) => (begin.rule === rule && begin.device === device ? { ...begin, ...worse } : begin));
  };

  /** A condition that is still true without its cover begins to be told: the same onset, told now. */
  const uncover = (timeUs: number): ConditionBegin[] => {
    const told: ConditionBegin[] = [];
    active = active.map((begin) => {
      if (begin.inhibitedBy === undefined || coverOf(begin) !== undefined) return begin;
      const { inhibitedBy: _, ...rest } = begin;
      told.push({ ...rest, timeUs });
      return { ...rest, timeUs };
    });
    return told;
  };

  return {
    pass(decisions) {
      const out: RuleDecision[] = [];
      for (const decision of decisions) {
        if (decision.kind === "begin") out.push(onBegin(decision));
        else out.push(decision);
        if (decision.kind === "update") onUpdate(decision);
        if (decision.kind !== "end") continue;
        active = active.filter(({ rule, device }) => rule !== decision.rule || device !== decision.device);
        out.push(...uncover(decision.timeUs));
      }
      return out;
    },
    forget(begins, timeUs) {
      active = active.filter((begin) => !begins.includes(begin));
      return uncover(timeUs);
    },
    state: () => [...active],
  };
}
