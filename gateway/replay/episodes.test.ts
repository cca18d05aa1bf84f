import { describe, expect, test } from "vitest";
import type { Decided } from "../pipeline/decide.ts";
import type { Settled } from "../pipeline/settle-queue.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { createEpisodes } from "./episodes.ts";
import { alertLines } from "./outputs.ts";

const begin = (rule: string, atS: number, more: Partial<ConditionBegin> = {}): ConditionBegin => ({
  kind: "begin",
  rule,
  device: "recording",
  stream: "ecg",
  priority: "medium",
  alertKind: "physiological",
  onsetUs: atS * 1e6 - 2e6,
  timeUs: atS * 1e6,
  quality: "good",
  ...more,
});
const end = (rule: string, atS: number): RuleDecision => ({
  kind: "end",
  rule,
  device: "recording",
  endUs: atS * 1e6,
  timeUs: atS * 1e6 + 1e6,
});

/** Decisions one after the other; `told` are the rules of which a person got a message. */
function lines(...steps: { readonly decision: RuleDecision; readonly told?: boolean }[]) {
  const episodes = createEpisodes();
  for (const { decision, told = false } of steps) {
    const alert = "rule" in decision ? { rule: decision.rule, device: "recording" } : {};
    const settled = { decisions: [decision] } as unknown as Settled;
    episodes.settled(settled, { changes: [{ alert, notify: told }] } as unknown as Decided);
  }
  return alertLines(episodes.list, { baseUs: 0, endUs: 60e6 })
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("episodes of a condition", () => {
  test("are one line each, ended or still true at the record's end", () => {
    expect(
      lines(
        { decision: begin("rhythm.pause", 10), told: true },
        { decision: end("rhythm.pause", 12) },
        { decision: begin("rhythm.pause", 20) },
        { decision: begin("hr.high", 55), told: true },
        { decision: end("hr.high", 61) },
      ),
    ).toMatchObject([
      { rule: "rhythm.pause", onset_s: 8, t_s: 10, end_s: 12, notified: true },
      { rule: "rhythm.pause", onset_s: 18, t_s: 20, end_s: null, notified: false },
      { rule: "hr.high", end_s: null, notified: true },
    ]);
  });

  test("that were covered and are told when their cover ends stay one line, with their first onset and the time of telling", () => {
    const covered = begin("hr.high", 10, { inhibitedBy: "rhythm.vt" });
    expect(
      lines(
        { decision: covered },
        { decision: { ...begin("hr.high", 30), onsetUs: covered.onsetUs }, told: true },
        { decision: end("hr.high", 40) },
      ),
    ).toMatchObject([{ rule: "hr.high", onset_s: 8, t_s: 30, end_s: 40, notified: true }]);
  });

  test("that stayed covered are there and not notified", () => {
    expect(lines({ decision: begin("hr.high", 10, { inhibitedBy: "rhythm.vt" }) }, { decision: end("hr.high", 20) })).toMatchObject([
      { rule: "hr.high", notified: false, end_s: 20 },
    ]);
  });

  test("have their worst value and highest priority, and count as notified when they were told later", () => {
    const escalation: RuleDecision = {
      kind: "update",
      rule: "device.lead-off",
      device: "recording",
      timeUs: 50e6,
      value: 7,
      priority: "medium",
    };
    expect(lines({ decision: begin("device.lead-off", 10, { priority: "low" }) }, { decision: escalation, told: true })).toMatchObject([
      { value: 7, priority: "medium", notified: true },
    ]);
  });

  test("told only after the record's end are not told of", () => {
    expect(lines({ decision: begin("rhythm.vt", 60.5), told: true })).toEqual([]);
  });
});
