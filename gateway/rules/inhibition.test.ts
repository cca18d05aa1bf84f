import { expect, test } from "vitest";
import type { Priority } from "../../device-drivers/contract/event.ts";
import { createInhibition } from "./inhibition.ts";
import type { ConditionBegin, RuleDecision } from "./rule.ts";

function begin(rule: string, more: Partial<ConditionBegin> = {}): ConditionBegin {
  return {
    ...{ kind: "begin", rule, device: "strap", stream: "ecg", priority: "medium", alertKind: "physiological", quality: "good" },
    ...{ onsetUs: 1, timeUs: 2 },
    ...more,
  };
}
const end = (rule: string, timeUs = 9, device = "strap"): RuleDecision => ({ kind: "end", rule, device, endUs: timeUs - 1, timeUs });
const update = (rule: string, more: { value?: number; priority?: Priority } = {}, device = "strap"): RuleDecision => ({
  ...{ kind: "update", rule, device, timeUs: 5 },
  ...more,
});
const coverOf = (inhibition: ReturnType<typeof createInhibition>, decision: ConditionBegin) => {
  const [told] = inhibition.pass([decision]);
  return told?.kind === "begin" ? told.inhibitedBy : "not a begin";
};

const leadOff = ["rhythm.asystole", "rhythm.no-signal", "rhythm.vt", "rhythm.vt-run", "rhythm.pause"];
const covers = [
  ...["rhythm.vt-run", "hr.high"].map((rule) => ["rhythm.vt", rule, "person"] as const),
  ["rhythm.asystole", "signal.quality", "stream"] as const,
  ["rhythm.no-signal", "signal.quality", "stream"] as const,
  ...leadOff.map((rule) => ["device.lead-off", rule, "stream"] as const),
];

test.each(covers)("%s covers %s of the same %s", (by, rule, within) => {
  const after = () => {
    const inhibition = createInhibition();
    inhibition.pass([begin(by)]);
    return inhibition;
  };
  expect(coverOf(after(), begin(rule))).toBe(by);
  expect(coverOf(after(), begin(rule, { stream: "resp" }))).toBe(within === "person" ? by : undefined);
  expect(coverOf(after(), begin(rule, { device: "patch" }))).toBe(within === "person" ? by : undefined);
});

test("nothing else is covered, and nothing before its cover begins or after it has ended", () => {
  const all = ["rhythm.vt", "rhythm.asystole", "rhythm.no-signal", "device.lead-off", "hr.high", "hr.low", "rhythm.pause", "rhythm.vt-run"];
  const rules = [...all, "signal.quality", "hr.limit-high", "spo2.low", "device.rate"];
  const seen = rules.flatMap((by) =>
    rules.flatMap((rule) => {
      const inhibition = createInhibition();
      inhibition.pass([begin(by)]);
      return by !== rule && coverOf(inhibition, begin(rule)) !== undefined ? [`${by} ${rule}`] : [];
    }),
  );
  expect(seen.sort()).toEqual(covers.map(([by, rule]) => `${by} ${rule}`).sort());
  const early = createInhibition();
  early.pass([begin("hr.high"), begin("rhythm.vt")]);
  expect(early.pass([end("rhythm.vt")])).toEqual([end("rhythm.vt")]);
  const over = createInhibition();
  over.pass([begin("rhythm.vt"), end("rhythm.vt")]);
  expect(coverOf(over, begin("hr.high"))).toBeUndefined();
});

test("when the cover ends, what is still true is told now with its own onset and as bad as it has become", () => {
  const inhibition = createInhibition();
  inhibition.pass([begin("rhythm.vt"), begin("hr.high", { value: 160 }), begin("rhythm.vt-run")]);
  expect(inhibition.pass([update("hr.high", { value: 190, priority: "high" }), update("hr.high"), end("rhythm.vt-run")])).toHaveLength(3);
  expect(inhibition.pass([end("rhythm.vt", 30)])).toEqual([
    end("rhythm.vt", 30),
    begin("hr.high", { value: 190, priority: "high", timeUs: 30 }),
  ]);
  expect(inhibition.state()).toEqual([begin("hr.high", { value: 190, priority: "high", timeUs: 30 })]);
});

test("another's update or end changes nothing of it", () => {
  const inhibition = createInhibition();
  inhibition.pass([begin("rhythm.vt"), begin("hr.high", { value: 160 })]);
  inhibition.pass([
    update("hr.high", { value: 200 }, "patch"),
    update("hr.low", { value: 20 }),
    { kind: "watched", rule: "hr.high", fromUs: 1, toUs: 2 },
  ]);
  expect(inhibition.pass([end("hr.high", 7, "patch"), end("rhythm.vt", 8, "patch"), end("hr.low", 9)])).toHaveLength(3);
  expect(inhibition.pass([end("rhythm.vt", 30)])[1]).toEqual(begin("hr.high", { value: 160, timeUs: 30 }));
});

test("one that two conditions cover waits for the end of both", () => {
  const inhibition = createInhibition();
  inhibition.pass([begin("rhythm.vt", { device: "patch" }), begin("device.lead-off"), begin("rhythm.vt-run")]);
  expect(inhibition.pass([end("rhythm.vt", 20, "patch")])).toHaveLength(1);
  expect(inhibition.pass([end("device.lead-off", 30)])[1]).toMatchObject({ rule: "rhythm.vt-run", timeUs: 30 });
});

test("what goes on in its state is covered and told after a restart as before", () => {
  const before = createInhibition();
  before.pass([begin("rhythm.vt"), begin("hr.high")]);
  const after = createInhibition(structuredClone(before.state()));
  expect(coverOf(after, begin("rhythm.vt-run"))).toBe("rhythm.vt");
  expect(after.pass([end("rhythm.vt", 30)]).slice(1)).toMatchObject([{ rule: "hr.high" }, { rule: "rhythm.vt-run" }]);
});
