import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { runs } from "../../test/runs.ts";
import { createAuditTable } from "./audit-table.ts";
import { openDatabase } from "./database.ts";
import { erasePerson } from "./erase-person.ts";
import { migrate } from "./migrations.ts";
import { openStore } from "./store.ts";
import type { PersonCommit, Store } from "./store-port.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-erase-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const canary = "zq-canary-41c";
const name = "Zq Canary 41c";
const bytesOf = (text: string) => new TextEncoder().encode(text);
const request = { class: "alert", timeUs: 9, payload: bytesOf("erase, please") } as const;
const leaving = {
  ...{ person: canary, name, request, receipt: "leaving-1", wallUs: 50 },
  isAbout: (payload: Uint8Array) => new TextDecoder().decode(payload).includes(canary),
};
const open = async () => (await openStore({ dir, clock: virtualClock() })).store;
const alert = (id: string, person: string, more: Partial<AlertRecord> = {}): AlertRecord => ({
  ...{ id, person, rule: "rhythm.vt", device: "d", priority: "high", kind: "physiological", state: "active", mode: "real" },
  ...{ onsetUs: 1, raisedUs: 2, lastSeenUs: 3, count: 1, quality: "good", snoozes: [], deliveries: [], ...more },
});
const decided = (person: string, more: Partial<AlertRecord> = {}): PersonCommit => ({
  person,
  mark: { ordinal: 1, timeUs: person === canary ? 900 : 100, position: 1 },
  snapshot: { position: 1, ordinal: 1, bytes: bytesOf(`state of ${person}`) },
  events: [
    { kind: "beat", device: `d-${person}`, stream: "ecg", timeUs: 5, label: "N", confidence: 1 },
    { kind: "gap", device: `d-${person}`, stream: "ecg", fromUs: 1, toUs: 4e9, reason: "lost" },
    { kind: "watched", rule: "rhythm.vt", fromUs: 1, toUs: 5 },
  ],
  alerts: [alert(`a-${person}`, person, { closeReason: `a note about ${person}`, ...more })],
  outbox: [{ class: "semantic", timeUs: 5, payload: bytesOf(`events of ${person}`) }],
  stripsDue: [
    {
      alertId: `a-${person}`,
      person,
      device: `d-${person}`,
      stream: "ecg",
      fromUs: 1,
      toUs: 2,
      anchor: { bootId: "b", index: 0, timeUs: 1 },
    },
  ],
  audit: [{ atUs: 1, what: "alert.raised", by: "gateway", subject: `a-${person}`, detail: { person } }],
});
async function live(store: Store): Promise<void> {
  for (const id of [canary, "p2"]) {
    await store.putPerson({ id, name: id === canary ? name : "Person B", profile: {} });
    await store.putDevice({ id: `d-${id}`, title: "Strap", driver: "x", link: "mqtt" });
    await store.wear(`d-${id}`, id, "chest", 1);
    await store.putValue(`descriptors/d-${id}`, bytesOf(`says ${id}`));
    await store.putValue(`limits/${id}`, bytesOf(`[{"by":"${id}"}]`));
    for (const kept of ["help", "presence", "consent", "modes", "sent-today", "calibration"])
      await store.putValue(`${kept}/${id}`, bytesOf(`{"by":"${id}"}`));
  }
  const said = {
    people: [{ id: canary, name, profile: {} }, { id: "p2" }],
    devices: [
      { id: "d-p2", wornBy: "p2" },
      { id: "x", wornBy: canary },
    ],
  };
  await store.putValue("hearth-yaml", bytesOf(JSON.stringify(said)));
  await store.commit(decided(canary), true);
  // The one who leaves had answered for somebody else.
  const quiet = { acknowledgedBy: name, snoozes: [{ by: name, untilUs: 7 }] };
  await store.commit(decided("p2", quiet), true);
  await store.commit(
    { person: "p2", audit: [{ atUs: 2, what: "alert.acknowledged", by: name, subject: "a-p2", detail: { person: "p2" } }] },
    true,
  );
}
const allBytes = () =>
  readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), "latin1"))
    .join("");

test("nothing is left of a person in the store's files, and others keep all that is theirs", async () => {
  const before = await open();
  await live(before);
  await before.close();
  writeFileSync(join(dir, "hearth.db.corrupt-2026"), `pages with ${canary}`);
  expect(allBytes()).toContain(canary);

  const { counts, owed } = erasePerson(dir, leaving);
  expect(counts).toMatchObject({ people: 1, alerts: 1, events: 1, "watched time": 1, states: 2, wearings: 1, descriptors: 1, strips: 1 });
  expect(counts).toMatchObject({ "rows for the twin": 1, "audit rows": 2, "alerts of others, a name in them": 1, "damaged databases": 1 });
  expect(counts).toMatchObject({ "consent to what leaves the house": 1, "how motion sensors sit": 1 });
  expect(counts).toMatchObject({ limits: 1, "call for help": 1, "where they are": 1, "name and limits as hearth.yaml had them": 1 });
  // The device stands for itself: its id is no row of the person.
  const rest = allBytes().replaceAll(`d-${canary}`, "");
  for (const trace of [canary, name]) expect(rest).not.toContain(trace);

  const store = await open();
  expect((await store.people()).map(({ id }) => id)).toEqual(["p2"]);
  expect(await store.wearings()).toEqual([{ device: "d-p2", person: "p2", placement: "chest", fromUs: 1 }]);
  expect(JSON.parse(new TextDecoder().decode(await store.getValue("hearth-yaml")))).toEqual({
    people: [{ id: "p2" }],
    devices: [{ id: "d-p2", wornBy: "p2" }, { id: "x" }],
  });
  expect(await store.getValue("limits/p2")).toBeDefined();
  const { alerts } = await store.alerts({});
  expect(alerts).toMatchObject([{ id: "a-p2", acknowledgedBy: "someone who has left", snoozes: [{ by: "someone who has left" }] }]);
  expect([await store.mark(canary), await store.events(canary, 0, 1e10), await store.coverage(canary, 0, 1e10)]).toEqual([{}, [], {}]);
  expect(await store.events("p2", 0, 1e10)).toHaveLength(3);
  expect((await store.stripsDue()).map(({ person }) => person)).toEqual(["p2"]);
  expect((await store.outboxBegin(9, new Set())).map(({ payload }) => new TextDecoder().decode(payload))).toEqual([
    "erase, please",
    "events of p2",
  ]);
  expect(await store.verifyAudit()).toEqual({ rows: 2, erased: 2 });
  // The next axis begins behind what was decided of whoever is gone.
  expect(await store.newestTimeUs()).toBe(900);
  expect([await store.outboxOwes(owed?.id ?? 0), owed?.epoch]).toEqual([true, (await store.outboxFigures()).epoch]);
  const [first] = await store.outboxBegin(1, new Set());
  await store.outboxEnd([first?.n ?? 0]);
  expect(await store.outboxOwes(owed?.id ?? 0)).toBe(false);
  await store.close();
});

test("done once more, as after a kill, it finds nothing and asks the twin once; the chain holds", async () => {
  const before = await open();
  await live(before);
  await before.close();
  erasePerson(dir, leaving);
  const again = erasePerson(dir, { ...leaving, isAbout: (payload) => Buffer.compare(payload, request.payload) === 0 });
  expect(again.counts).toMatchObject({ people: 0, alerts: 0, "audit rows": 0, "rows for the twin": 1 });
  const store = await open();
  expect(await store.verifyAudit()).toEqual({ rows: 3, erased: 2 });
  expect((await store.outboxFigures()).depth.alert).toBe(1);
  await store.close();
});

test("whichever rows are taken out, in however many leavings, the chain holds; whatever else is changed is found", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 25 }),
      fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
      fc.nat(),
      (owners, leavers, pick) => {
        const db = openDatabase(":memory:");
        migrate(db);
        const audit = createAuditTable(db);
        const half = Math.ceil(owners.length / 2);
        const add = (some: readonly number[]) =>
          audit.add(some.map((owner, i) => ({ atUs: i, what: "w", by: "b", subject: `${owner}`, detail: { i } })));
        add(owners.slice(0, half));
        const gone = leavers.map((leaver, i) => audit.erase(({ subject }) => subject === `${leaver}`, { atUs: i, subject: "leaving" }));
        add(owners.slice(half));
        const erased = gone.reduce((sum, count) => sum + count, 0);
        const rows = owners.length + leavers.length - erased;
        expect(audit.verify()).toEqual({ rows, erased });
        const numbers = db.prepare("SELECT number FROM audit ORDER BY number").pluck().all() as number[];
        const at = numbers[pick % numbers.length];
        const sql = pick % 2 === 0 ? "DELETE FROM audit WHERE number = ?" : "UPDATE audit SET at_us = at_us + 1 WHERE number = ?";
        db.prepare(sql).run(at);
        expect(audit.verify().brokenAt).toBeDefined();
        db.close();
      },
    ),
    runs(100),
  );
});

test("a row that vouches for a stretch between other hashes than the chain has vouches for nothing", () => {
  const db = openDatabase(join(dir, "x.db"));
  migrate(db);
  const audit = createAuditTable(db);
  audit.add([1, 2, 3].map((n) => ({ atUs: n, what: "w", by: "b", subject: `${n}`, detail: {} })));
  const hashes = audit
    .newest(3)
    .map(({ hash }) => hash)
    .reverse();
  audit.add([
    {
      atUs: 4,
      what: "audit.erased",
      by: "gateway",
      subject: "x",
      detail: { runs: [{ from: 2, to: 2, before: hashes[1], after: hashes[1] }] },
    },
  ]);
  db.exec("DELETE FROM audit WHERE number = 2");
  expect(audit.verify().brokenAt).toBe(2);
  db.close();
});
