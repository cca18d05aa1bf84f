/** How well a score ranks positives over negatives. */

export interface Ranked {
  readonly score: number;
  readonly isPositive: boolean;
}

/** Area under the ROC curve by Mann and Whitney, ties counted half; null without both kinds. */
export function auroc(rows: readonly Ranked[]): number | null {
  const positives = rows.filter(({ isPositive }) => isPositive).length;
  const negatives = rows.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let rankSum = 0;
  let before = 0;
  for (const tied of groups(rows)) {
    rankSum += tied.positives * (before + (tied.count + 1) / 2);
    before += tied.count;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Average precision: precision at each step of recall, highest scores first; null without positives. */
export function auprc(rows: readonly Ranked[]): number | null {
  const positives = rows.filter(({ isPositive }) => isPositive).length;
  if (positives === 0) return null;
  let hits = 0;
  let taken = 0;
  let area = 0;
  for (const tied of groups(rows).reverse()) {
    hits += tied.positives;
    taken += tied.count;
    area += (hits / taken) * tied.positives;
  }
  return area / positives;
}

/** Equal scores together, least first. */
function groups(rows: readonly Ranked[]): { readonly count: number; readonly positives: number }[] {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  const out: { score: number; count: number; positives: number }[] = [];
  for (const { score, isPositive } of sorted) {
    let last = out.at(-1);
    if (last?.score !== score) {
      last = { score, count: 0, positives: 0 };
      out.push(last);
    }
    last.count++;
    if (isPositive) last.positives++;
  }
  return out;
}
