import { describe, expect, it } from "vitest";
import { auprc, auroc, type Ranked } from "./score-ranking.ts";

const rows = (positives: readonly number[], negatives: readonly number[]): Ranked[] => [
  ...positives.map((score) => ({ score, isPositive: true })),
  ...negatives.map((score) => ({ score, isPositive: false })),
];

describe("ranking", () => {
  it("is 1 where every positive lies higher, 0 where every one lies lower, and a half where all are equal", () => {
    expect(auroc(rows([3, 4], [1, 2]))).toBe(1);
    expect(auroc(rows([1, 2], [3, 4]))).toBe(0);
    expect(auroc(rows([5, 5], [5, 5, 5]))).toBe(0.5);
  });

  it("counts the pairs in the right order, ties half", () => {
    // Of six pairs 3 > 1, 3 > 2, 2 > 1 are right, 2 = 2 is half, 3 < 4 and 2 < 4 are wrong.
    expect(auroc(rows([3, 2], [1, 2, 4]))).toBeCloseTo(3.5 / 6, 12);
  });

  it("averages precision over the steps of recall, equal scores taken together", () => {
    expect(auprc(rows([3, 1], [2]))).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(auprc(rows([1], [1, 1, 1]))).toBe(0.25);
  });

  it("says nothing where there is nothing to compare", () => {
    expect(auroc(rows([1], []))).toBeNull();
    expect(auprc(rows([], [1]))).toBeNull();
    expect(auroc([])).toBeNull();
  });
});
