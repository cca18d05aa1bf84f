/** What one settled item becomes in the store: events, alerts, rows for the twin, strips owed. */

import { describe, expect, test } from "vitest";
import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { createAlertCore } from "../alert/core.ts";
import type { Fact } from "../facts/fact.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import { partsOf } from "../semantic/payloads/window.ts";
import { createDecider, rowsOf } from "./decide.ts";
import type { Settled } from "./settle-queue.ts";

const startUs = 1_700_000_000_000_000;
const nowUs = startUs + 1_000_000;
const source = { device: "strap", stream: "ecg" };
const anchor = { bootId: "b", index: 0, timeUs: startUs };
const tick = (timeUs: number): Fact => ({ kind: "tick", timeUs });
const beat: PersonEvent = { kind: "beat", ...source, timeUs: startUs, label: "V", confidence: 0.9, rrMs: 800 };
const result: Fact = {
  ...{ kind: "result", pass: "final", about: [source], timeUs: startUs, knownUs: startUs },
  ...{ model: { id: "any", version: "1" }, outcome: { kind: "score", score: 1 } },
};
const quality = (level: "good" | "poor" | "bad", stream = "ecg"): Fact => ({
  ...{ kind: "quality", device: "strap", stream, timeUs: startUs, level, contact: "on", contactMeasured: "measured" },
  ...{ saturated: false, flat: false, noisy: false, removal: false },
});
const begin = (more: Partial<ConditionBegin> = {}): ConditionBegin => ({
  ...{ kind: "begin", rule: "rhythm.vt", ...source, priority: "high", alertKind: "physiological", quality: "good" },
  ...{ onsetUs: startUs - 3_000_000, timeUs: startUs, ...more },
});

const said = (row: { readonly payload: Uint8Array } | undefined) => partsOf(decodePayload(row?.payload ?? new Uint8Array()));

function open({ isAnchored = true, saved }: { isAnchored?: boolean; saved?: unknown } = {}) {
  let ids = 0;
  const decider = createDecider({
    ...{ person: "person-a", flushS: 10, alerts: createAlertCore({ newId: () => `alert-${++ids}`, mode: "real" }), saved },
    anchor: () => (isAnchored ? anchor : undefined),
    fresh: (event) => [event],
  });
  let ordinal = 0;
  const settle = (input: Fact, decisions: readonly RuleDecision[] = [], isHistory = false, record: readonly PersonEvent[] = []) => {
    const settled: Settled = {
      ordinal: ++ordinal,
      releasedUs: startUs + ordinal,
      ...{ input, derived: [] },
      record,
      decisions,
      watching: [] as never,
    };
    return decider.settle(settled, nowUs, isHistory);
  };
  const settleBeat = (decisions: readonly RuleDecision[] = [], isHistory = false) => settle(result, decisions, isHistory, [beat]);
  return { decider, settle, settleBeat };
}

describe("the decider", () => {
  test("stores of a model's result what its spec puts into the record, and nothing else", () => {
    const { settle, settleBeat } = open();
    expect(settleBeat().events).toEqual([beat]);
    expect(settle(result).events).toEqual([]);
  });

  test("stores where a signal becomes noisy and where it is clean again, each stream by itself and each change once", () => {
    const { settle } = open();
    const labels = (input: Fact) => settle(input).events.flatMap((event) => (event.kind === "rhythm" ? [event.label] : []));
    expect(labels(quality("good"))).toEqual([]);
    expect(labels(quality("poor"))).toEqual(["~noise"]);
    expect(labels(quality("bad"))).toEqual([]);
    expect(labels(quality("poor", "ecg2"))).toEqual(["~noise"]);
    expect(labels(quality("good"))).toEqual(["~clean"]);
  });

  test("knows after a restart which streams were noisy", () => {
    const first = open();
    first.settle(quality("poor"));
    const again = open({ saved: structuredClone(first.decider.state()) });
    expect(again.settle(quality("poor")).events).toEqual([]);
    expect(again.settle(quality("good")).events).toHaveLength(1);
  });

  test("stores a gap, but not the part of it that is judged as past", () => {
    const { settle } = open();
    const gap = { kind: "gap", ...source, fromUs: startUs, timeUs: startUs + 9e6 } as const;
    expect(settle(gap).events).toEqual([{ kind: "gap", ...source, fromUs: startUs, toUs: startUs + 9e6 }]);
    expect(settle({ ...gap, pastFromUs: startUs + 4e6 }).events).toMatchObject([{ toUs: startUs + 4e6 }]);
    expect(settle({ ...gap, pastFromUs: startUs }).events).toEqual([]);
    expect(settle({ ...gap, pastFromUs: startUs + 10e6 }).events).toMatchObject([{ toUs: startUs + 9e6 }]);
  });

  test("stores what rules say beside alerts: a rhythm, a vital sign, watched time", () => {
    const rhythm = { kind: "rhythm", ...source, timeUs: startUs, label: "(VT" } as const;
    const vital = { kind: "vital", timeUs: startUs, code: "hr", value: 70, unit: "bpm" } as const;
    const watched = { kind: "watched", rule: "rhythm.vt", fromUs: startUs, toUs: startUs + 1 } as const;
    expect(open().settle(tick(startUs), [rhythm, vital as never, watched]).events).toEqual([rhythm, vital, watched]);
  });

  test("makes a condition that began an alert, a row for the twin before all others, an audit row and a strip of 15 s on either side", () => {
    const decided = open().settle(tick(startUs), [begin()]);
    expect(decided.changes.map(({ why }) => why)).toEqual(["raised"]);
    expect(decided.alerts).toMatchObject([{ id: "alert-1", person: "person-a", rule: "rhythm.vt", state: expect.any(String) }]);
    expect(decided.outbox[0]?.class).toBe("alert");
    expect(decodePayload(decided.outbox[0]?.payload ?? new Uint8Array())).toMatchObject({ kind: "alert" });
    expect(decided.audit).toMatchObject([{ what: "alert.raised", subject: "alert-1" }]);
    const onsetUs = startUs - 3_000_000;
    expect(decided.stripsDue).toEqual([
      {
        ...{ alertId: `alert-1@${onsetUs}`, person: "person-a", ...source, anchor },
        ...{ fromUs: onsetUs - 15_000_000, toUs: startUs + 15_000_000 },
      },
    ]);
    expect(decided).toMatchObject({ ordinal: 1, releasedUs: startUs + 1, timeUs: startUs });
  });

  test.each([
    ["of low priority", begin({ priority: "low" }), true],
    ["of a device's trouble", begin({ alertKind: "technical" }), true],
    ["of a stream without a known sample", begin(), false],
    ["covered by another", begin({ inhibitedBy: "rhythm.vf" }), true],
  ])("owes no strip for an alert %s", (_what, decision, isAnchored) => {
    expect(open({ isAnchored }).settle(tick(startUs), [decision]).stripsDue).toEqual([]);
  });

  test("owes one for medium priority, and another where the condition comes back, but none while it only goes on", () => {
    const { settle } = open();
    expect(settle(tick(startUs), [begin({ priority: "medium" })]).stripsDue).toHaveLength(1);
    const update = { kind: "update", rule: "rhythm.vt", device: "strap", timeUs: startUs + 1e6, value: 180 } as const;
    expect(settle(tick(startUs), [update]).stripsDue).toEqual([]);
    settle(tick(startUs), [{ kind: "end", rule: "rhythm.vt", device: "strap", endUs: startUs + 2e6, timeUs: startUs + 2e6 }]);
    expect(settle(tick(startUs), [begin({ onsetUs: startUs + 5e6, timeUs: startUs + 6e6 })]).stripsDue).toHaveLength(1);
  });

  test("gives nothing for what the store has already, but goes on as if it had", () => {
    const first = open();
    const history = first.settleBeat([begin()], true);
    expect(history).toMatchObject({ events: [], changes: [], alerts: [], stripsDue: [], audit: [] });
    first.settle(quality("poor"), [], true);
    expect(first.settle(quality("poor")).events).toEqual([]);
    // The frame that was open then goes to the twin with that beat.
    expect(said(first.decider.flush()[0])).toMatchObject([{ kind: "events", beats: [{ timeUs: startUs }] }]);
  });

  test("packs events for the twin until five flush times have passed, one round what is urgent, and at once where the axis was put back", () => {
    const { settle, settleBeat } = open();
    settle(tick(startUs));
    expect(settleBeat().outbox).toEqual([]);
    expect(settle(tick(startUs + 40e6)).outbox).toEqual([]);
    expect(settle(tick(startUs + 60e6)).outbox).toMatchObject([{ class: "semantic" }]);
    settleBeat([begin({ priority: "low", timeUs: startUs + 60e6 })]);
    expect(settle(tick(startUs + 80e6)).outbox).toEqual([]);
    settleBeat([begin({ priority: "medium", timeUs: startUs + 80e6 })], true);
    expect(settle(tick(startUs + 90e6)).outbox).toMatchObject([{ class: "semantic" }]);
    settleBeat();
    expect(settle(tick(startUs - 1e9)).outbox).toHaveLength(1);
  });

  test("tells a record that is gone as gaps of each stream and as one alert that is over, and sends what the store has of that time again", () => {
    const { decider } = open();
    const stretches = [
      { fromUs: startUs, toUs: startUs + 4e6 },
      { fromUs: startUs + 9e6, toUs: startUs + 11e6 },
    ];
    const stored = [{ kind: "beat", ...source, timeUs: startUs, label: "N", confidence: 1 }] as const;
    const streams = [source, { device: "clip", stream: "ppg" }];
    const decided = decider.lose({ stretches, streams, stored }, { ordinal: 7, releasedUs: startUs }, nowUs);
    expect(decided.events).toEqual(
      stretches.flatMap((lost) => streams.map((stream) => ({ kind: "gap", ...stream, ...lost, reason: "lost" }))),
    );
    expect(decided.changes.map(({ why }) => why)).toEqual(["raised", "ended"]);
    expect(decided.alerts[0]).toMatchObject({ rule: "record.lost", device: "gateway", onsetUs: startUs, value: 6, unit: "s" });
    expect(decided.outbox.map((row) => row.class)).toEqual(["alert", "alert"]);
    expect(said(decider.flush()[0])).toMatchObject([{ kind: "events", beats: [{ timeUs: startUs }] }]);
    expect(decided).toMatchObject({ ordinal: 7, releasedUs: startUs, timeUs: nowUs, stripsDue: [] });
  });

  test("keeps the order of what was decided when several become one commit", () => {
    const { settle, settleBeat } = open();
    const rows = rowsOf([settle(tick(startUs), [begin()]), settleBeat(), settle(quality("poor"))]);
    expect(rows.events.map(({ kind }) => kind)).toEqual(["beat", "rhythm"]);
    expect([rows.alerts, rows.stripsDue, rows.audit, rows.outbox].map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });
});
