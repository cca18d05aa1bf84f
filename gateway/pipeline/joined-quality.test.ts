import { expect, test } from "vitest";
import type { Fact } from "../facts/fact.ts";
import { createJoinedQuality, qualityModel } from "./joined-quality.ts";

const strap = { device: "strap", stream: "ecg" };

function second(atS: number, more: Partial<Fact & { kind: "quality" }> = {}): Fact {
  const base = { kind: "quality", ...strap, timeUs: atS * 1e6, level: "good", contact: "on", contactMeasured: "measured" } as const;
  return { ...base, saturated: false, flat: false, noisy: false, removal: false, ...more };
}

function answer(atS: number, label: "noise" | "readable" | undefined, more: { id?: string; device?: string } = {}): Fact {
  const { id = qualityModel, device = "strap" } = more;
  const outcome =
    label === undefined ? ({ kind: "unknown", reason: "timeout" } as const) : ({ kind: "label", label, probability: 0.9 } as const);
  const about = [{ device, stream: "ecg" }] as const;
  return { kind: "result", model: { id, version: "1" }, pass: "final", about, timeUs: atS * 1e6, knownUs: atS * 1e6, outcome };
}

const heard = (...facts: Fact[]) => {
  const quality = createJoinedQuality();
  return facts.map((fact) => quality.join(fact)).flatMap((fact) => (fact.kind === "quality" ? [[fact.level, fact.signalLevel]] : []));
};

test("good seconds behind a window of noise are poor, and it is kept that they were good", () => {
  expect(heard(second(8), answer(8, "noise"), second(9), second(10), answer(10, "readable"), second(11))).toEqual([
    ["good", undefined],
    ["poor", "good"],
    ["poor", "good"],
    ["good", undefined],
  ]);
});

test("no window makes a second better than its measures", () => {
  const [poor, bad] = [second(9, { level: "poor", noisy: true }), second(10, { level: "bad" })];
  for (const label of ["noise", "readable"] as const) {
    const quality = createJoinedQuality();
    quality.join(answer(8, label));
    expect([quality.join(poor), quality.join(bad)]).toEqual([poor, bad]);
  }
});

test("without an answer the measures stand alone: unknown, too old, of another stream or another model", () => {
  const good = ["good", undefined];
  expect(heard(answer(8, "noise"), answer(10, undefined), second(11))).toEqual([good]);
  expect(heard(answer(8, "noise"), second(12), second(13))).toEqual([["poor", "good"], good]);
  expect(heard(answer(8, "noise", { device: "other" }), second(9))).toEqual([good]);
  expect(heard(answer(8, "noise", { id: "ecg-beat" }), second(9))).toEqual([good]);
});

test("it goes on behind a restart where it was", () => {
  const before = createJoinedQuality();
  before.join(answer(8, "noise"));
  const after = createJoinedQuality(structuredClone(before.state()));
  expect(after.join(second(9))).toMatchObject({ level: "poor", signalLevel: "good" });
  expect(createJoinedQuality().join(second(9))).toMatchObject({ level: "good" });
});
