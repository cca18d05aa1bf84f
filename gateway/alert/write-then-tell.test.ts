/** An alert is stored first, then shown, then told; a disk that refuses or hangs keeps it from nobody. */

import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { storedWithinMs } from "../runtime/bounded-wait.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { type AlertChange, createAlertCore } from "./core.ts";
import { createAlertDesk } from "./write-then-tell.ts";

const startUs = 1_700_000_000_000_000;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const begin = (device = "strap", rule = "rhythm.vt"): ConditionBegin => ({
  ...{ kind: "begin", rule, device, stream: "ecg", priority: "high", alertKind: "physiological", quality: "good" },
  ...{ onsetUs: startUs, timeUs: startUs },
});

function open() {
  const clock = virtualClock();
  const done: string[] = [];
  const commits: { row: PersonCommit; urgent: boolean | undefined; end: (error?: Error) => void }[] = [];
  let ids = 0;
  const core = createAlertCore({ newId: () => `alert-${++ids}`, mode: "real" });
  const lines = (what: string) => (changes: readonly AlertChange[]) => void done.push(...changes.map(({ why }) => `${what} ${why}`));
  const desk = createAlertDesk({
    ...{ core, clock, nowUs: () => startUs + clock.monotonicUs() },
    store: {
      commit: (row, urgent) =>
        new Promise((resolve, reject) => commits.push({ row, urgent, end: (error) => (error === undefined ? resolve() : reject(error)) })),
      alert: async () => undefined,
    },
    show: lines("shown"),
    tell: lines("told"),
    carers: [],
    onStoreError: (error) => void done.push(error.code),
  });
  return { desk, core, clock, done, commits };
}
const refused = new GatewayError("store.disk_full", "world", "full");

test("an alert is told when its rows are stored: the record, a row for the twin and one for the audit, at once", async () => {
  const { desk, done, commits } = open();
  desk.decide("person-a", begin());
  await settled();
  expect(done).toEqual([]);
  expect(commits).toMatchObject([
    {
      urgent: true,
      row: { person: "person-a", alerts: [{ id: "alert-1" }], outbox: [{ class: "alert" }], audit: [{ what: "alert.raised" }] },
    },
  ]);
  commits[0]?.end();
  await settled();
  expect(done).toEqual(["shown raised", "told raised"]);
});

test("one that the disk refuses is told all the same, and so is the refusal", async () => {
  const { desk, done, commits } = open();
  desk.decide("person-a", begin());
  commits[0]?.end(refused);
  await settled();
  expect(done).toEqual(["store.disk_full", "shown raised", "told raised"]);
});

test("one whose disk hangs is told within three seconds, and not twice when the disk comes back", async () => {
  const { desk, done, commits, clock } = open();
  desk.decide("person-a", begin());
  clock.advance(storedWithinMs - 1);
  await settled();
  expect(done).toEqual([]);
  clock.advance(1);
  await settled();
  expect(done).toEqual(["shown raised", "told raised"]);
  commits[0]?.end();
  await settled();
  expect(done).toHaveLength(2);
});

test("a decision that changes nothing writes and tells nothing", async () => {
  const { desk, done, commits } = open();
  desk.decide("person-a", { kind: "end", rule: "rhythm.vt", device: "strap", endUs: startUs, timeUs: startUs });
  await settled();
  expect([done, commits]).toEqual([[], []]);
});

test("what a person does is stored before it is shown; a second press changes nothing", async () => {
  const { desk, done, commits } = open();
  desk.decide("person-a", begin());
  commits[0]?.end();
  await settled();
  const act = () => desk.act("alert-1", "acknowledge", { role: "caregiver", name: "Person B" }, {});
  const first = act();
  await settled();
  expect(commits[1]).toMatchObject({ urgent: true, row: { alerts: [{ state: "acknowledged", acknowledgedBy: "Person B" }] } });
  expect(done).toHaveLength(2);
  commits[1]?.end();
  expect(await first).toMatchObject({ already: false, alert: { state: "acknowledged" } });
  expect(done.slice(2)).toEqual(["shown acknowledged", "told acknowledged"]);
  expect(await act()).toMatchObject({ already: true });
  expect(commits).toHaveLength(2);
});

test("what a person does on a full disk counts all the same", async () => {
  const { desk, done, commits } = open();
  desk.decide("person-a", begin());
  commits[0]?.end();
  await settled();
  const act = desk.act("alert-1", "acknowledge", { role: "caregiver", name: "Person B" }, {});
  await settled();
  commits[1]?.end(refused);
  expect(await act).toMatchObject({ alert: { state: "acknowledged" } });
  expect(done.slice(2)).toEqual(["store.disk_full", "shown acknowledged", "told acknowledged"]);
});

test("alerts of two persons are two commits, each with its own", async () => {
  const first = open();
  for (const person of ["person-a", "person-b"]) first.desk.decide(person, begin());
  const second = open();
  second.desk.reopen(first.desk.open());
  await settled();
  expect(second.commits.map(({ row }) => [row.person, row.alerts?.length, row.audit?.length])).toEqual([
    ["person-a", 1, 1],
    ["person-b", 1, 1],
  ]);
});

test("what waits for time goes on every five seconds until the desk closes", async () => {
  const { desk, commits, clock } = open();
  desk.decide("person-a", begin());
  const before = commits.length;
  clock.advance(3_600_000);
  expect(commits.length).toBeGreaterThan(before);
  desk.close();
  const after = commits.length;
  clock.advance(24 * 3_600_000);
  expect(commits).toHaveLength(after);
});

test("an alert is open until its condition is over and somebody has seen it", async () => {
  const { desk } = open();
  desk.decide("person-a", begin());
  desk.decide("person-a", begin("clip"));
  expect(desk.open().map(({ id }) => id)).toEqual(["alert-1", "alert-2"]);
  desk.retire(
    desk.open().filter(({ id }) => id === "alert-2"),
    "gone",
  );
  expect(desk.open().map(({ id }) => id)).toEqual(["alert-1"]);
});
