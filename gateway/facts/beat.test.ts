import { expect, it } from "vitest";
import type { Outcome, Result } from "../../device-drivers/contract/result.ts";
import { beatOf } from "./beat.ts";

const result = (outcome: Outcome, more: Partial<Result> = {}): Result => ({
  ...{ kind: "result", pass: "first", about: [{ device: "strap", stream: "ecg" }], timeUs: 5, knownUs: 6, rrMs: 800 },
  ...{ model: { id: "ecg-beat", version: "1" }, outcome, ...more },
});

it("is a beat's class with its own probability", () => {
  expect(beatOf(result({ kind: "label", label: "V", probability: 0.4 }))).toEqual({
    ...{ pass: "first", device: "strap", stream: "ecg", timeUs: 5, knownUs: 6, rrMs: 800 },
    ...{ model: { id: "ecg-beat", version: "1" }, label: "V", confidence: 0.4 },
  });
});

it("is unknown without an answer, and for what is no class of beats", () => {
  expect(beatOf(result({ kind: "unknown", reason: "killed" }))).toMatchObject({ label: "unknown", confidence: 0, reason: "killed" });
  expect(beatOf(result({ kind: "label", label: "wide", probability: 0.9 }))).toMatchObject({ label: "unknown", reason: "unreadable" });
  expect(beatOf(result({ kind: "score", score: 1 }))).toMatchObject({ label: "unknown", reason: "unreadable" });
});

it("is none of another model's results and of no other fact", () => {
  const label: Outcome = { kind: "label", label: "N", probability: 1 };
  expect(beatOf(result(label, { model: { id: "beat-shape", version: "1" } }))).toBeUndefined();
  expect(beatOf({ kind: "qrs", device: "strap", stream: "ecg", timeUs: 5, knownUs: 6 })).toBeUndefined();
});
