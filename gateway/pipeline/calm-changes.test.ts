/** What waits of an alert of low priority on its way to the twin, and what never does. */

import { expect, test } from "vitest";
import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { createAlertCore } from "../alert/core.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import { createCalmChanges } from "./calm-changes.ts";

const startUs = 1_700_000_000_000_000;
const minuteUs = 60_000_000;
const of = { rule: "anomaly.morphology", device: "strap" };
const begin = (more: Partial<ConditionBegin> = {}): ConditionBegin => ({
  ...{ kind: "begin", ...of, stream: "ecg", priority: "low", alertKind: "physiological", quality: "good" },
  ...{ onsetUs: startUs, timeUs: startUs, value: 3, ...more },
});

const alertsOf = (rows: readonly OutboxItem[]) =>
  rows.flatMap(({ payload }) => {
    const said = decodePayload(payload);
    return said.kind === "alert" ? [said.alert] : [];
  });

function open() {
  let ids = 0;
  const core = createAlertCore({ newId: () => `alert-${++ids}`, mode: "real" });
  const calm = createCalmChanges("person-a", core.held);
  const at = (minute: number) => startUs + minute * minuteUs;
  return {
    ...{ core, calm, at },
    begin: (more?: Partial<ConditionBegin>) => alertsOf(calm.push(core.decide("person-a", begin(more), startUs), startUs)),
    grow: (minute: number, value: number, rule = of.rule) => {
      const update = { kind: "update", ...of, rule, timeUs: at(minute), value } as const;
      return alertsOf(calm.push(core.decide("person-a", update, at(minute)), at(minute)));
    },
    tick: (minute: number) => alertsOf(calm.tick(at(minute))),
  };
}

test("an alert of low priority is told at once, and what it has grown to five minutes after it first grew, as one row", () => {
  const { begin, grow, tick } = open();
  expect(begin()).toMatchObject([{ value: 3 }]);
  expect([grow(1, 6), grow(2, 9), tick(5.9), grow(5.9, 12)]).toEqual([[], [], [], []]);
  expect(tick(6)).toMatchObject([{ value: 12, lastSeenUs: startUs + 5.9 * minuteUs }]);
  expect(tick(60)).toEqual([]);
  grow(61, 15);
  expect(tick(66)).toMatchObject([{ value: 15 }]);
});

test.each(["medium", "high"] as const)("what a %s one has grown to waits for nothing", (priority) => {
  const { begin, grow, tick } = open();
  begin({ rule: "rhythm.vt", priority });
  expect(grow(1, 180, "rhythm.vt")).toMatchObject([{ priority, value: 180 }]);
  expect(tick(60)).toEqual([]);
});

test("what was done meanwhile is not overtaken: the row that waited says it too, and none goes of one that is over", () => {
  const { core, begin, grow, tick, at } = open();
  begin();
  grow(1, 6);
  const { alert } = core.act("alert-1", "acknowledge", { name: "Person A", role: "caregiver" }, {}, at(2));
  expect(alert.state).toBe("acknowledged");
  expect(tick(6)).toEqual([expect.objectContaining({ state: "acknowledged", acknowledgedBy: "Person A", value: 6 })]);
  grow(7, 9);
  core.retire([...core.held()], "gone", at(8));
  expect(tick(12)).toEqual([]);
});

test("its end goes at once with everything that waited", () => {
  const { core, calm, begin, grow, tick, at } = open();
  begin();
  grow(1, 6);
  const ended = core.decide("person-a", { kind: "end", ...of, endUs: at(2), timeUs: at(2) }, at(2));
  expect(alertsOf(calm.push(ended, at(2)))).toMatchObject([{ state: "resolved", value: 6 }]);
  expect(tick(6)).toEqual([]);
});

test("what waits is still owed after a restart, and what was fed again is owed too", () => {
  const { core, calm, begin, grow, at } = open();
  begin();
  grow(1, 6);
  const again = createCalmChanges("person-a", core.held, structuredClone(calm.state()));
  expect(alertsOf(again.tick(at(6)))).toMatchObject([{ value: 6 }]);
  const bare = createCalmChanges("person-a", core.held);
  bare.past({ kind: "update", ...of, timeUs: at(1), value: 6 }, at(1));
  expect(alertsOf(bare.flush())).toMatchObject([{ value: 6 }]);
});
