/** Merges the moments in which a rule was awake into spans (law 11): written when they end, and at least once a minute of signal. */

import type { RuleDecision } from "./rule.ts";

interface WatchedSpans {
  /** `awake` were awake over the 250 ms up to `timeUs`. */
  tick(timeUs: number, awake: readonly string[]): RuleDecision[];
  /** Closes what is open, for instance at the end of a recording. */
  flush(): RuleDecision[];
  /** What is not told yet, by rule. */
  readonly open: OpenSpans;
  state(): [string, { fromUs: number; toUs: number }][];
}

/** Spans of the gateway's axis by rule. */
export type OpenSpans = ReadonlyMap<string, { readonly fromUs: number; readonly toUs: number }>;

const tickUs = 250_000;
const longestUs = 60_000_000;

export function createWatchedSpans(saved?: readonly [string, { fromUs: number; toUs: number }][]): WatchedSpans {
  const openByRule = new Map(saved?.map(([rule, span]) => [rule, { ...span }]));

  const close = (rule: string): RuleDecision[] => {
    const span = openByRule.get(rule);
    openByRule.delete(rule);
    return span === undefined ? [] : [{ kind: "watched", rule, ...span }];
  };

  return {
    tick(timeUs, awake) {
      const out: RuleDecision[] = [];
      for (const [rule, span] of openByRule) if (!awake.includes(rule) || span.toUs < timeUs - tickUs) out.push(...close(rule));
      for (const rule of awake) {
        const span = openByRule.get(rule) ?? { fromUs: timeUs - tickUs, toUs: timeUs };
        span.toUs = timeUs;
        openByRule.set(rule, span);
        if (span.toUs - span.fromUs >= longestUs) out.push(...close(rule));
      }
      return out;
    },
    flush: () => [...openByRule.keys()].flatMap(close),
    open: openByRule,
    state: () => [...openByRule].map(([rule, span]) => [rule, { ...span }]),
  };
}
