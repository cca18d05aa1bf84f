import { expect, test } from "vitest";
import { createIdentityWatch } from "./identity.ts";

const S = 1_000_000;

test("three short sessions in a row are reported once, and again after three more", () => {
  const watch = createIdentityWatch();
  const reports = Array.from({ length: 7 }, (_, i) => watch.closed("strap", i * S, (i + 1) * S));
  expect(reports).toEqual([false, false, true, false, false, true, false]);
});

test("a long session, another id, or a minute between breaks the row", () => {
  const watch = createIdentityWatch();
  const short = (id: string, atUs: number) => watch.closed(id, atUs, atUs + S);
  expect([short("a", 0), short("b", S), short("a", 2 * S), watch.closed("a", 3 * S, 9 * S), short("a", 10 * S)]).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect([short("a", 11 * S), short("a", 80 * S), short("a", 81 * S)]).toEqual([false, false, false]);
});
