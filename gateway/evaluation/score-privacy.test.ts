import { describe, expect, test } from "vitest";
import { principalComponents } from "./beat-features.ts";
import { seededRandom } from "./bootstrap.ts";
import { type Features, identifiability, membership, reidentification, standardised } from "./score-privacy.ts";

const random = seededRandom(16);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const cloud = (count: number, at = 0): Features => Array.from({ length: count }, () => [at + normal(), normal(), at - normal()]);

describe("ε-identifiability", () => {
  const real = cloud(400);
  test("is 1 for a copy, about a half for a fresh sample of the same, and nothing for what lies elsewhere", () => {
    expect(identifiability(real, real)).toBe(1);
    expect(identifiability(real, cloud(400))).toBeGreaterThan(0.4);
    expect(identifiability(real, cloud(400))).toBeLessThan(0.6);
    expect(identifiability(real, cloud(400, 40))).toBe(0);
  });

  test("lies between for what was blurred, and grows as it is blurred less", () => {
    const blurred = (by: number) =>
      identifiability(
        real,
        real.map((row) => row.map((value) => value + by * normal())),
      ) ?? 0;
    expect(blurred(0.02)).toBeGreaterThan(0.95);
    expect(blurred(0.3)).toBeGreaterThan(0.5);
    expect(blurred(0.3)).toBeLessThan(blurred(0.1));
  });

  test("does not look at a column that never changes, and has no value without rows", () => {
    const constant = real.map((row) => [...row, 7]);
    expect(
      identifiability(
        constant,
        cloud(400).map((row) => [...row, 900]),
      ),
    ).toBeGreaterThan(0.4);
    expect(identifiability([[1]], [[1]])).toBeNull();
    expect(identifiability(real, [])).toBeNull();
    expect(identifiability([[7], [7]], [[7]])).toBeNull();
  });
});

test("people are known again by what is nearest to what somebody has of them; 1 is chance", () => {
  const people = [0, 10, 20, 30].map((at) => ({
    gallery: [at, at],
    probes: [
      [at + 1, at - 1],
      [at, at + 2],
    ],
  }));
  expect(reidentification(people)).toEqual({ ratio: 4, top1: 1, probes: 8 });
  const mixed = people.map(({ gallery }) => ({ gallery, probes: people.map((other) => other.gallery) }));
  expect(reidentification(mixed)).toEqual({ ratio: 1, top1: 0.25, probes: 16 });
  expect(reidentification(people.slice(0, 1)).ratio).toBeNull();
});

test("whom a coder has learnt from shows by less error, or does not", () => {
  const of = (isMember: boolean, error: number) => ({ isMember, error });
  expect(membership([of(true, 1), of(true, 2), of(false, 3), of(false, 4)])).toBe(1);
  expect(membership([of(true, 1), of(false, 1)])).toBe(0.5);
  expect(membership([of(true, 1)])).toBeNull();
});

test("columns are counted in their own deviations", () => {
  const row = standardised([
    [0, 5],
    [10, 5],
  ]);
  expect(row([10, 5])).toEqual([1, 0]);
});

test("the largest components of beats are found in their order, whatever lies across them is nought", () => {
  const wave = (k: number) => Math.sin(k / 5);
  const other = (k: number) => Math.cos(k / 3);
  const beats = Array.from({ length: 200 }, () => {
    const [a, b] = [10 * normal(), 2 * normal()];
    return { shape: Array.from({ length: 78 }, (_, k) => a * wave(k) + b * other(k)), rrMs: [800, 800] as const, atS: 0 };
  });
  const of = principalComponents(beats);
  const spread = (at: number) => Math.sqrt(beats.reduce((sum, beat) => sum + (of(beat)[at] ?? 0) ** 2, 0) / beats.length);
  expect(spread(0)).toBeGreaterThan(3 * spread(1));
  expect(spread(1)).toBeGreaterThan(1);
  expect(spread(2)).toBeLessThan(1e-3 * spread(1));
});
