/** Builds the total order that a person's rules would see, from a few sentences about signal and beats. Times in seconds from the start of the axis. */

import { createRules, defaultProfile } from "../index.ts";
import { type Beat, beatModel } from "../../facts/beat.ts";
import type { Fact } from "../../facts/fact.ts";
import type { Difference } from "../../../models/personal-spec.ts";
import type { RuleDecision, RuleProfile } from "../rule.ts";

type Quality = Fact & { kind: "quality" };
type Label = Beat["label"];

export const us = (s: number) => Math.round(s * 1e6);
const model = { id: beatModel, version: "1.0.0" };

interface ShapeOptions {
  readonly difference?: Difference;
  readonly likeness?: number;
  readonly rrMs?: number;
  /** Of the judgement: how far the moment alone is unusual. */
  readonly rhythm?: number;
  readonly drawn?: { readonly shown: Float32Array; readonly usual: readonly number[] };
}

const wholeVector = { residualAt: 0, shownAt: 0, fromS: -1 / 3, toS: 0.5 };

export function scenario(device = "strap", stream = "ecg") {
  const items: { atUs: number; rank: number; input: Fact }[] = [];
  const at = (atUs: number, rank: number, input: Fact) => void items.push({ atUs, rank, input });
  let previousUs: number | undefined;
  const self = {
    /** One judgement a second. */
    signal(fromS: number, toS: number, more: Partial<Quality> = {}) {
      for (let s = fromS + 1; s <= toS; s++) {
        const base = { kind: "quality", device, stream, timeUs: us(s), level: "good", contact: "on", contactMeasured: "measured" } as const;
        at(us(s), 1, { ...base, saturated: false, flat: false, noisy: false, removal: false, ...more });
      }
      return self;
    },
    beat(atS: number, label: Label = "N", more: { rrMs?: number | undefined } = {}) {
      const timeUs = us(atS);
      const rrMs = "rrMs" in more ? more.rrMs : previousUs === undefined ? undefined : (timeUs - previousUs) / 1000;
      previousUs = timeUs;
      const base = { timeUs, ...(rrMs === undefined ? {} : { rrMs }) };
      const outcome = label === "unknown" ? ({ kind: "unknown", reason: "down" } as const) : ({ kind: "label", label, probability: 0.9 } as const);
      at(timeUs + 300_000, 1, { kind: "qrs", device, stream, knownUs: timeUs + 300_000, ...base });
      at(timeUs + 500_000, 1, { kind: "result", pass: "first", about: [{ device, stream }], knownUs: timeUs + 500_000, model, outcome, ...base });
      return self;
    },
    /** Beats at `fromS`, then every `rrS`, before `toS`. */
    beats(fromS: number, toS: number, rrS: number, label: Label = "N") {
      for (let i = 0; fromS + i * rrS < toS - 1e-9; i++) self.beat(fromS + i * rrS, label);
      return self;
    },
    /** `labels` as one letter a beat, `rrS` apart. */
    row(fromS: number, rrS: number, labels: string) {
      [...labels].forEach((label, i) => void self.beat(fromS + i * rrS, (label === "?" ? "unknown" : label) as Label));
      return self;
    },
    /** What a beat is to its wearer; known with its class, half a second after R. Without a score it is still being learnt. */
    shape(atS: number, score: number | undefined, more: ShapeOptions = {}) {
      const { difference = "wider", likeness = 1, rrMs = 800, rhythm, drawn } = more;
      const timeUs = us(atS);
      const learning = { model: { id: "ecg-anomaly", version: "1" }, of: "chest", learntS: 300, neededS: 300, sinceUs: 0, normals: [] };
      const judged = score === undefined ? {} : { judged: { score, nearest: 0, distance: 1, parts: { shape: 1, ...(rhythm === undefined ? {} : { rhythm }) }, difference } };
      const evidence = { vector: drawn?.shown ?? Float32Array.of(score ?? 0, 1), timeUs, rrMs, rrBeforeMs: [800] };
      const curves = drawn === undefined ? {} : { usual: drawn.usual, curves: { ...wholeVector, points: drawn.usual.length } };
      const of = { kind: "unusual", device, stream, timeUs, knownUs: timeUs + 500_000 } as const;
      const fact = { ...of, learning, likeness, evidence, ...judged, ...curves } as const;
      at(timeUs + 500_000, 1, fact);
      return self;
    },
    /** One beat every 0.8 s from `fromS`, before `toS`. */
    shapes(fromS: number, toS: number, score: number | undefined, more: ShapeOptions = {}) {
      for (let i = 0; fromS + i * 0.8 < toS - 1e-9; i++) self.shape(fromS + i * 0.8, score, more);
      return self;
    },
    gap(fromS: number, toS: number) {
      at(us(toS), 0, { kind: "gap", device, stream, fromUs: us(fromS), timeUs: us(toS) });
      return self;
    },
    life(atS: number, sign: "pulse" | "movement", more: { device?: string; amplitude?: number } = {}) {
      const { device: band = "band", amplitude = 100 } = more;
      at(us(atS), 1, { kind: "life", device: band, stream: "ppg", timeUs: us(atS), knownUs: us(atS), sign, amplitude });
      return self;
    },
    with(other: { inputs(untilS: number): Fact[]; items: typeof items }) {
      items.push(...other.items);
      return self;
    },
    items,
    inputs(untilS: number): Fact[] {
      const all = [...items];
      for (let atUs = 250_000; atUs <= us(untilS); atUs += 250_000) all.push({ atUs, rank: 2, input: { kind: "tick", timeUs: atUs } });
      return all
        .map((item, order) => ({ ...item, order }))
        .sort((a, b) => a.atUs - b.atUs || a.rank - b.rank || a.order - b.order)
        .filter(({ atUs }) => atUs <= us(untilS))
        .map(({ input }) => input);
    },
    run(untilS: number, profile: Partial<RuleProfile> = {}): RuleDecision[] {
      const rules = createRules({ ...defaultProfile, ...profile });
      return [...self.inputs(untilS).flatMap((input) => rules.push(input)), ...rules.flush()];
    },
  };
  return self;
}

/** A heart rate that a device measures itself, every two seconds. */
export function numbersOf(device: string, fromS: number, toS: number, value: number | undefined) {
  const on = scenario(device);
  for (let s = fromS + 2; s <= toS; s += 2) {
    const given = value === undefined ? { without: "absent" as const } : { value };
    const of = { kind: "vital", device, stream: "numbers", code: "hr", unit: "bpm", timeUs: us(s), freshUs: us(s) + 10_000_000 } as const;
    on.items.push({ atUs: us(s), rank: 1, input: { ...of, ...given } });
  }
  return on;
}

/** A pulse by light: strokes `ppS` apart (the next of the list, over and over), and their rate every two seconds. */
export function pulseOf(device: string, fromS: number, toS: number, ppS: number | readonly number[], quality = 0.95) {
  const on = scenario(device);
  const base = { device, stream: "ppg", quality } as const;
  const row = typeof ppS === "number" ? [ppS] : ppS;
  const strokes: { s: number; pp: number | undefined }[] = [];
  for (let s = fromS, i = 0; s < toS; i++) {
    strokes.push({ s, pp: i === 0 ? undefined : row[(i - 1) % row.length] });
    s += row[i % row.length] ?? 1;
  }
  for (const { s, pp } of strokes) {
    const knownUs = us(s + 0.6);
    on.items.push({ atUs: knownUs, rank: 1, input: { kind: "pulse", ...base, timeUs: us(s), knownUs, ...(pp === undefined ? {} : { ppMs: pp * 1000 }) } });
  }
  for (let s = fromS + 8; s <= toS; s += 2) {
    const own = strokes.flatMap(({ s: at, pp }) => (at > s - 8 && at <= s && pp !== undefined ? [pp] : []));
    const bpm = (60 * own.length) / own.reduce((sum, each) => sum + each, 0);
    const of = { channel: "ir", fromUs: us(s - 8), timeUs: us(s), knownUs: us(s + 1) };
    on.items.push({ atUs: us(s + 1), rank: 1, input: { kind: "pulse-rate", ...base, ...of, ...(own.length === 0 ? { without: "no-pulse" } : { bpm }) } });
  }
  return on;
}

/** Begins and ends of one rule (or of all), as short sentences with seconds. */
export function told(decisions: readonly RuleDecision[], ...rules: string[]): string[] {
  const s = (timeUs: number) => String(Math.round(timeUs / 10_000) / 100);
  return decisions.flatMap((decision) => {
    if (decision.kind !== "begin" && decision.kind !== "end") return [];
    if (rules.length > 0 && !rules.includes(decision.rule)) return [];
    if (decision.kind === "end") return [`${decision.rule} ended ${s(decision.endUs)} told ${s(decision.timeUs)}`];
    const { rule, priority, onsetUs, timeUs, value, inhibitedBy } = decision;
    return [`${rule} ${priority} from ${s(onsetUs)} told ${s(timeUs)}${value === undefined ? "" : ` = ${value}`}${inhibitedBy === undefined ? "" : ` (by ${inhibitedBy})`}`];
  });
}

export function watchedS(decisions: readonly RuleDecision[], rule: string): number {
  return decisions.reduce((sum, decision) => sum + (decision.kind === "watched" && decision.rule === rule ? (decision.toUs - decision.fromUs) / 1e6 : 0), 0);
}
