import { expect, test } from "vitest";
import { createWatchedSpans } from "./watched-spans.ts";

const s = (seconds: number) => seconds * 1_000_000;
const span = (rule: string, fromS: number, toS: number) => ({ kind: "watched", rule, fromUs: s(fromS), toUs: s(toS) });

test("moments follow each other to one span, told when the rule looks away or the grid skips", () => {
  const spans = createWatchedSpans();
  expect([10, 10.25, 10.5].flatMap((atS) => spans.tick(s(atS), ["a", "b"]))).toEqual([]);
  expect([...spans.open]).toEqual([
    ["a", { fromUs: s(9.75), toUs: s(10.5) }],
    ["b", { fromUs: s(9.75), toUs: s(10.5) }],
  ]);
  expect(spans.tick(s(10.75), ["a"])).toEqual([span("b", 9.75, 10.5)]);
  expect(spans.tick(s(11.25), ["a"])).toEqual([span("a", 9.75, 10.75)]);
  expect(spans.flush()).toEqual([span("a", 11, 11.25)]);
  expect([spans.flush(), spans.open.size]).toEqual([[], 0]);
});

test("a long watch is told once a minute", () => {
  const spans = createWatchedSpans();
  const told = Array.from({ length: 500 }, (_, i) => spans.tick(s(0.25 * (i + 1)), ["a"])).flat();
  expect(told).toEqual([span("a", 0, 60), span("a", 60, 120)]);
});

test("a state is a copy: what the spans do later does not reach into it", () => {
  const spans = createWatchedSpans();
  spans.tick(s(10), ["a"]);
  const saved = spans.state();
  const again = createWatchedSpans(saved);
  spans.tick(s(10.25), ["a"]);
  again.tick(s(10.25), ["a"]);
  again.tick(s(10.5), ["a"]);
  expect(saved).toEqual([["a", { fromUs: s(9.75), toUs: s(10) }]]);
  expect([spans.flush(), again.flush()]).toEqual([[span("a", 9.75, 10.25)], [span("a", 9.75, 10.5)]]);
});
