import { expect, test } from "vitest";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import { results } from "./node.ts";
import { createQualities } from "./qualities.ts";
import { createResultFilter, type LiveResult, resultOf } from "./results.ts";

const beat = (label: string, second: number, more: object = {}): LiveResult => ({
  person: "person-a",
  event: { kind: "beat", device: "strap", stream: "ecg", timeUs: second * 1e6, label, confidence: 0.9, rrMs: 800, ...more },
});
const readOf = (event: LiveResult) => resultOf(event, () => "good", 60_000);

test("a beat has its quality, age and the interval that ends there; measurements and book-keeping are no results", () => {
  expect(readOf(beat("V", 58))).toEqual({
    ...{
      person: "person-a",
      kind: "beat",
      label: "V",
      value: null,
      unit: null,
      confidence: 0.9,
      rr_ms: 800,
      device: "strap",
      stream: "ecg",
    },
    ...{ at: "1970-01-01T00:00:58.000Z", age_s: 2, quality: "good" },
  });
  expect(readOf(beat("V", 58, { confidence: undefined, rrMs: undefined }))).toMatchObject({ confidence: null, rr_ms: null });
  for (const kind of ["vital", "gap", "watched", "of-tomorrow"]) expect(readOf(beat("V", 1, { kind }))).toBeUndefined();
});

test.each([
  [{ mode: "change" }, ["N", "V", "N"]],
  [{ mode: "all" }, ["N", "N", "V", "N"]],
  [{ mode: "all", labels: "V" }, ["V"]],
  [{ mode: "interval", everyS: 2 }, ["N", "V"]],
  [{ mode: "all", persons: "person-b" }, []],
  [{ mode: "all", kinds: "rhythm" }, []],
])("%j of N N V N, a second each, sends %j", (settings, labels) => {
  const { wants } = createResultFilter(settings);
  const sent = ["N", "N", "V", "N"].map((label, second) => readOf(beat(label, second))!).filter(wants);
  expect(sent.map(({ label }) => label)).toEqual(labels);
});

test("however many streams come by, what is remembered of them stays bounded", () => {
  const qualities = createQualities();
  for (let i = 0; i <= 1024; i++) qualities.note({ device: `d${i}`, stream: "ecg", level: "good" });
  expect([qualities.of("d0", "ecg"), qualities.of("d1", "ecg")]).toEqual(["unknown", "good"]);
  const { wants } = createResultFilter({ mode: "change" });
  const of = (device: string) => readOf(beat("N", 1, { device }))!;
  for (let i = 0; i <= 1024; i++) wants(of(`d${i}`));
  expect([wants(of("d1")), wants(of("d0"))]).toEqual([false, true]);
});

test("messages carry the label, and what was said of the signal", async () => {
  const { gateway, event, listeners } = createFakeGateway();
  const node = openFakeHost(results, { mode: "all" }, gateway);
  event("quality", { person: "person-a", device: "strap", stream: "ecg", level: "poor" });
  event("event", beat("V", 1));
  event("event", beat("V", 1, { kind: "gap" }));
  expect(node.sent).toMatchObject([{ topic: "person-a/beat", payload: "V", quality: "poor", confidence: 0.9 }]);
  await node.close();
  expect(listeners()).toBe(0);
});

test("a filter that nothing passes is said after a while", () => {
  const { gateway, event } = createFakeGateway();
  const node = openFakeHost(results, { mode: "all", labels: "Z" }, gateway);
  for (let second = 0; second < 100; second++) event("event", beat("N", second));
  expect(node.line()).toEqual({ look: "idle", key: "results.status.none-pass", values: { others: 100 } });
});

test.each([
  [
    { kind: "score", score: 0.98 },
    { label: "score", value: 0.98, unit: null, payload: 0.98 },
  ],
  [
    { kind: "value", value: 14, unit: "{breaths}/min" },
    { label: "value", value: 14, unit: "{breaths}/min", payload: 14 },
  ],
  [
    { kind: "label", label: "walking", probability: 0.8 },
    { label: "walking", value: null, confidence: 0.8, payload: "walking" },
  ],
  [
    { kind: "personal", score: 0.99, difference: "wider" },
    { label: "wider", value: 0.99, payload: 0.99 },
  ],
])("an answer %j of a model that nobody here knows is a result of its own kind", (outcome, sent) => {
  const { gateway, event } = createFakeGateway();
  const node = openFakeHost(results, { mode: "all" }, gateway);
  const result = { person: "person-a", model: { id: "of-tomorrow", version: "1" }, device: "strap", stream: "ecg", timeUs: 1e6, outcome };
  event("result", { ...result, pass: "final", recorded: false });
  event("result", { ...result, pass: "first", recorded: false });
  event("result", { ...result, pass: "final", recorded: true });
  event("result", { ...result, pass: "final", recorded: false, outcome: { kind: "vector", size: 216 } });
  expect(node.sent).toMatchObject([{ topic: "person-a/of-tomorrow", kind: "of-tomorrow", ...sent }]);
});
