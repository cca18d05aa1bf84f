import { expect, test } from "vitest";
import { createIdentityWatch } from "./identity.ts";

const S = 1_000_000;

test("three devices thrown out in a row are reported once, and again after three more", () => {
  const watch = createIdentityWatch();
  const reports = Array.from({ length: 7 }, (_, i) => watch.takenOver("strap", true, i * S));
  expect(reports).toEqual([false, false, true, false, false, true, false]);
});

test("a dead connection, another id, or a minute between breaks the row", () => {
  const watch = createIdentityWatch();
  const fight = (id: string, atUs: number) => watch.takenOver(id, true, atUs);
  const reports = [fight("a", 0), fight("b", S), fight("a", 2 * S), watch.takenOver("a", false, 3 * S), fight("a", 10 * S)];
  expect(reports).toEqual([false, false, false, false, false]);
  expect([fight("a", 11 * S), fight("a", 80 * S), fight("a", 81 * S)]).toEqual([false, false, false]);
});

test("however often one wearable loses its radio, it is one device", () => {
  const watch = createIdentityWatch();
  expect(Array.from({ length: 30 }, (_, i) => watch.takenOver("strap", false, i * S))).not.toContain(true);
});

test("fights a minute apart are unrelated, a moment less is a row", () => {
  const rowOf = (stepUs: number) => {
    const watch = createIdentityWatch();
    return [0, 1, 2].map((i) => watch.takenOver("strap", true, i * stepUs));
  };
  expect(rowOf(60 * S)).toEqual([false, false, false]);
  expect(rowOf(60 * S - 1)).toEqual([false, false, true]);
});

test("so many ids that nobody has them all at home are forgotten together", () => {
  const watch = createIdentityWatch();
  const fightAll = (count: number) => Array.from({ length: count }, (_, i) => watch.takenOver(`id-${i}`, true, 0));
  fightAll(1024);
  expect(watch.takenOver("id-5", true, 1)).toBe(false);
  expect(watch.takenOver("id-5", true, 2)).toBe(true);
  watch.takenOver("id-6", true, 2);
  for (const id of ["new-1", "new-2"]) watch.takenOver(id, true, 3);
  expect(watch.takenOver("id-6", true, 4)).toBe(false);
});
