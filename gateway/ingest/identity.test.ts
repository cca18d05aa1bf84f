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
