/** How often one sentence may stand in the log: so many at once, then one from time to time that says how many were left out. */

/** A start of a home with a hundred devices says each of its sentences a hundred times. */
const linesAtOnce = 200;
const lineEveryMs = 10_000;

interface Budget {
  left: number;
  /** Since when the next line is being waited for. */
  sinceMs: number;
  silentCount: number;
}

/** Undefined where the line is left out, else how many of the same sentence were left out before it. Sentences are constant, so their number is that of the code's. */
export type LineLimit = (sentence: string) => number | undefined;

/** `nowMs` is monotonic. */
export function createLineLimit(nowMs: () => number): LineLimit {
  const budgets = new Map<string, Budget>();
  return (sentence) => {
    const now = nowMs();
    const budget = budgets.get(sentence) ?? { left: linesAtOnce, sinceMs: now, silentCount: 0 };
    budgets.set(sentence, budget);
    const earned = Math.floor((now - budget.sinceMs) / lineEveryMs);
    budget.left = Math.min(linesAtOnce, budget.left + earned);
    budget.sinceMs = budget.left === linesAtOnce ? now : budget.sinceMs + earned * lineEveryMs;
    if (budget.left === 0) {
      budget.silentCount++;
      return undefined;
    }
    budget.left--;
    const silentCount = budget.silentCount;
    budget.silentCount = 0;
    return silentCount;
  };
}
