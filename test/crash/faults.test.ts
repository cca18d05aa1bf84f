/** What a bad disk, an old copy and a wrong clock may not do to a home: lose what was acknowledged, tell twice, or fold time. */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlertRecord, BeatEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import { notKeptReason } from "../../gateway/disk/not-kept.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { type DiskFault, faultyFiles } from "../support/faulty-files.ts";
import { clockWithWall, type HomeInside, openHomeInside, people, until } from "./home-inside.ts";
import { site } from "./home-process.ts";
import { journalLane, journalledBatches, readStore, readTwin } from "./left-behind.ts";
import { seeded } from "./seeded.ts";
import { openSensors, type Sensors } from "./sensors.ts";

let home: HomeInside;
let sensors: Sensors | undefined;
beforeEach(async () => {
  home = await openHomeInside();
});
afterEach(async () => {
  await sensors?.close();
  sensors = undefined;
  await home.close();
});

const wear = async () => {
  sensors = await openSensors({ url: home.mqttUrl, site, passwords: home.passwords, random: seeded(1) });
  return sensors;
};
const measured = (by: Sensors, s: number) => until(() => by.strap.measuredS() >= s, `${s} s are measured`);
const emptied = async (by: Sensors) => {
  by.strap.stop();
  by.clip.stop();
  await until(() => by.keptCount() === 0, "everything measured is acknowledged");
};
const openAlerts = async (gateway: Gateway, rule: string): Promise<readonly AlertRecord[]> =>
  (await gateway.view.alerts({ limit: 500 })).alerts.filter((alert) => alert.rule === rule && alert.endedUs === undefined);
const allAlerts = async (gateway: Gateway, rule: string): Promise<readonly AlertRecord[]> =>
  (await gateway.view.alerts({ limit: 500 })).alerts.filter((alert) => alert.rule === rule);
const beatsOf = (events: readonly PersonEvent[]) =>
  events.filter((event): event is BeatEvent => event.kind === "beat").sort((a, b) => a.timeUs - b.timeUs);
const newestSegment = (folder: string, lane: string) => {
  const dir = join(folder, "journal", lane);
  const day = readdirSync(dir).sort().at(-1)!;
  return join(dir, day, readdirSync(join(dir, day)).sort().at(-1)!);
};
const journalledKeys = async () =>
  new Set((await Promise.all(people.map((person) => journalledBatches(home.folder, person)))).flatMap(({ keys }) => [...keys]));

/** Every acknowledged second has its beats: the recordings have none further apart than this. */
const longestRrUs = 2_500_000;

/** Stretches that the record calls judged and not kept, of one person. */
const notKeptSpans = (events: readonly PersonEvent[]) =>
  events.flatMap((event) => (event.kind === "gap" && event.reason === notKeptReason ? [{ fromUs: event.fromUs, toUs: event.toUs }] : []));

test("a full disk: what comes is judged live and acknowledged as not kept, which is told and stands in the record; with room again all goes back by itself", async () => {
  const fault: DiskFault = { code: undefined, at: "write", partialBytes: 11 };
  const gateway = await home.start({ files: faultyFiles(fault) });
  const wearing = await wear();
  await measured(wearing, 5);
  await until(() => existsSync(join(home.folder, "reserve")), "the reserve is made");
  fault.code = "ENOSPC";
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 1, "the full disk is told");
  expect(existsSync(join(home.folder, "reserve"))).toBe(false);
  const fromUs = gateway.view.status().timeUs;
  expect(gateway.view.status().health.find(({ part }) => part === "journal")).toMatchObject({ ok: false });
  // The strap's ventricular run comes after 17 s: it is told while nothing can be kept.
  const runs = async () => (await gateway.view.alerts({ limit: 500 })).alerts.filter(({ rule }) => rule.startsWith("rhythm.vt"));
  await until(
    async () => (await runs()).length > 0 && home.printed.some((line) => line.includes("lower heart chambers")),
    "the run is told",
  );
  const [run] = await runs();
  expect(run!.onsetUs).toBeGreaterThan(fromUs);
  expect(wearing.keptCount()).toBeLessThan(20);
  const untilUs = gateway.view.status().timeUs;

  fault.code = undefined;
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 0, "the alert ends");
  expect(existsSync(join(home.folder, "reserve"))).toBe(true);
  await emptied(wearing);
  expect(await allAlerts(gateway, "storage.disk-full")).toHaveLength(1);
  await until(() => gateway.view.status().health.every(({ part, ok }) => part !== "journal" || ok), "the journal is well");
  const lastUs = gateway.view.status().timeUs;
  await until(() => gateway.view.status().timeUs > lastUs + 4_000_000, "the last beats are decided");
  await home.end();

  const keys = await journalledKeys();
  expect([...wearing.acknowledged].filter((key) => !keys.has(key)).length).toBeGreaterThan(24);
  const { events } = await readStore(home.folder, people);
  for (const person of people) {
    const beats = beatsOf(events[person]!);
    expect(new Set(beats.map(({ timeUs, stream }) => `${stream} ${timeUs}`)).size).toBe(beats.length);
    expect(beats.length).toBeGreaterThan(8);
    expect(beats.filter(({ timeUs }, i) => timeUs - (beats[i - 1]?.timeUs ?? timeUs) > longestRrUs)).toEqual([]);
    const spans = notKeptSpans(events[person]!);
    expect(spans.length).toBeGreaterThan(0);
    expect(Math.min(...spans.map((span) => span.fromUs))).toBeLessThan(run!.raisedUs);
    expect(Math.max(...spans.map((span) => span.toUs))).toBeGreaterThan(untilUs - 2_000_000);
  }
});

test.each(["EROFS", "EMFILE"] as const)("a disk that answers %s: live samples are judged, and it is told", async (code) => {
  const fault: DiskFault = { code: undefined, at: code === "EMFILE" ? "create" : "truncate and write", partialBytes: 0 };
  const gateway = await home.start({ files: faultyFiles(fault) });
  // A file that can't be opened hurts where a new one begins: at the start of each person's lane.
  fault.code = code;
  const wearing = await wear();
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 1, "it is told");
  await until(() => gateway.view.people().every(({ heartRateBpm }) => heartRateBpm !== undefined), "both persons' hearts are watched");
  expect(wearing.acknowledged.size).toBeGreaterThan(0);
  fault.code = undefined;
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 0, "the alert ends");
});

test("a disk that was freed while nothing ran: the alert of the last run ends", async () => {
  const fault: DiskFault = { code: "ENOSPC", at: "write", partialBytes: 0 };
  let gateway = await home.start({ files: faultyFiles(fault) });
  const wearing = await wear();
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 1, "the full disk is told");
  await until(() => wearing.acknowledged.size > 0, "what is judged is acknowledged");
  await home.end();

  gateway = await home.start();
  await measured(wearing, wearing.strap.measuredS() + 2);
  await emptied(wearing);
  await until(async () => (await openAlerts(gateway, "storage.disk-full")).length === 0, "the alert ends");
  expect(await allAlerts(gateway, "storage.disk-full")).toHaveLength(1);
  await home.end();
  expect((await journalledKeys()).size).toBeGreaterThan(0);
  const { events } = await readStore(home.folder, people);
  for (const person of people) expect(notKeptSpans(events[person]!).length).toBeGreaterThan(0);
});

test.each([
  ["cut", (file: string) => truncateSync(file, statSync(file).size - 7)],
  [
    "garbled",
    (file: string) => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0xa5, bytes.length - 20));
    },
  ],
])("a last record that is %s: the gateway starts, says so, and goes on in both persons' order", async (_how, harm) => {
  await home.start();
  const wearing = await wear();
  await measured(wearing, 6);
  await home.end();
  const before = await journalledBatches(home.folder, "person-a");
  harm(newestSegment(home.folder, "person-a"));
  const atHarm = wearing.strap.measuredS();

  await home.start();
  expect(home.logged.some((line) => line.includes("repaired at start") && line.includes("person-a"))).toBe(true);
  await measured(wearing, atHarm + 5);
  await home.end();
  // A second start must find what the first wrote behind the damage.
  const gateway = await home.start();
  await emptied(wearing);
  const lastUs = gateway.view.status().timeUs;
  await until(() => gateway.view.status().timeUs > lastUs + 4_000_000, "the last beats are decided");
  await home.end();

  const after = await journalledBatches(home.folder, "person-a");
  const lost = [...before.keys].filter((key) => !after.keys.has(key));
  expect(lost.length).toBeLessThanOrEqual(4);
  const keys = await journalledKeys();
  expect([...wearing.acknowledged].filter((key) => !keys.has(key) && !lost.includes(key))).toEqual([]);
  const positions: number[] = [];
  for await (const { position } of journalLane(home.folder, "person-a")) positions.push(position);
  expect(positions.every((position, i) => i === 0 || position > positions[i - 1]!)).toBe(true);
  const { events } = await readStore(home.folder, people);
  for (const person of people) {
    const beats = beatsOf(events[person]!);
    expect(beats.filter(({ timeUs }, i) => timeUs - (beats[i - 1]?.timeUs ?? timeUs) > longestRrUs)).toEqual([]);
  }
});

test("yesterday's store put back: a new epoch, every row taken, no event twice at the twin", async () => {
  await home.startTwin();
  let gateway = await home.start();
  const wearing = await wear();
  await measured(wearing, 8);
  const drained = async () => {
    const { depth } = await gateway.view.outbox();
    return depth.alert + depth.semantic + depth.raw === 0;
  };
  await until(drained, "the first day is at the twin");
  await home.end();
  const epochBefore = (await readStore(home.folder, people)).outbox.epoch;
  cpSync(join(home.folder, "store"), join(home.folder, "yesterday"), { recursive: true });

  gateway = await home.start();
  await measured(wearing, wearing.strap.measuredS() + 8);
  await home.end();
  const newest = await readStore(home.folder, people);
  expect(newest.outbox.epoch).toBe(epochBefore);

  rmSync(join(home.folder, "store"), { recursive: true });
  cpSync(join(home.folder, "yesterday"), join(home.folder, "store"), { recursive: true });
  gateway = await home.start();
  expect(gateway.recovered).toBeGreaterThan(0);
  await measured(wearing, wearing.strap.measuredS() + 6);
  await emptied(wearing);
  const lastUs = gateway.view.status().timeUs;
  await until(() => gateway.view.status().timeUs > lastUs + 14_000_000, "the last group is committed");
  await until(drained, "all is at the twin");
  await home.end();
  await home.endTwin();

  const restored = await readStore(home.folder, people);
  expect(restored.outbox.epoch).not.toBe(epochBefore);
  const twin = readTwin(home.twinFolder, home.folder);
  expect(new Set(twin.frames.map(({ epoch }) => epoch.toLowerCase()))).toEqual(new Set([epochBefore, restored.outbox.epoch]));
  for (const person of people) {
    const key = ({ timeUs, label }: { timeUs: number; label: string }) => `${timeUs} ${label}`;
    const atTwin = twin.beats(person);
    expect(new Set(atTwin.map(({ timeUs, stream }) => `${stream} ${timeUs}`)).size).toBe(atTwin.length);
    // What was decided between copy and restore is decided again from the journal, to the microsecond.
    const atHome = beatsOf(restored.events[person]!).map(key);
    expect(
      beatsOf(newest.events[person]!)
        .map(key)
        .filter((each) => !atHome.includes(each)),
    ).toEqual([]);
    const waiting = restored.waiting.length;
    const missing = atHome.filter((each) => !new Set(atTwin.map(key)).has(each));
    expect(missing.length).toBeLessThanOrEqual(waiting === 0 ? flushTail : 6 * waiting);
    expect(atTwin.map(key).filter((each) => !atHome.includes(each))).toEqual([]);
  }
});
/** Beats of the frame that is not full at the end. */
const flushTail = 6;

test("a wall clock set back a week, between runs and during one: time goes on, timers too, and alerts are raised", async () => {
  const weekUs = 7 * 86_400_000_000;
  const { clock, moveWall } = clockWithWall();
  let gateway = await home.start({ clock });
  const wearing = await wear();
  await measured(wearing, 4);
  const before = gateway.view.status().timeUs;
  moveWall(-weekUs);
  const acknowledged = wearing.acknowledged.size;
  await measured(wearing, 7);
  await until(() => wearing.acknowledged.size >= acknowledged + 24, "acknowledgements go on, so the journal's timer does");
  expect(gateway.view.status().timeUs).toBeGreaterThan(before + 1_000_000);
  expect(gateway.view.status().timeUs).toBeLessThan(before + 60_000_000);
  const atEnd = gateway.view.status().timeUs;
  await home.end();
  const newestUs = Math.max(
    ...(await Promise.all(people.map((person) => journalledBatches(home.folder, person)))).map(({ lastUs }) => lastUs),
  );
  expect(newestUs).toBeGreaterThan(before);

  gateway = await home.start({ clock });
  const atStart = gateway.view.status().timeUs;
  expect(atStart).toBeGreaterThanOrEqual(newestUs);
  expect(atStart).toBeLessThan(atEnd + 60_000_000);
  // The strap's ventricular run comes after 17 s.
  const vt = async () => (await gateway.view.alerts({ limit: 500 })).alerts.filter(({ rule }) => rule.startsWith("rhythm.vt"));
  await until(async () => (await vt()).length > 0, "the ventricular run is told");
  const [alert] = await vt();
  expect(alert!.onsetUs).toBeGreaterThan(atStart);
  expect(alert!.raisedUs - alert!.onsetUs).toBeLessThan(30_000_000);
  await until(() => home.printed.length > 0, "a person is told");
  // No timer took the step for a silence of a week.
  expect(await allAlerts(gateway, "data.missing")).toEqual([]);
  await emptied(wearing);
  await home.end();

  for (const person of people) {
    let lastUs = 0;
    let wallSteps = 0;
    let lastWallUs = 0;
    for await (const { chunk } of journalLane(home.folder, person)) {
      expect(chunk.stamps.timeUs).toBeGreaterThanOrEqual(lastUs);
      lastUs = chunk.stamps.timeUs;
      if (chunk.stamps.wallUs < lastWallUs) wallSteps++;
      lastWallUs = chunk.stamps.wallUs;
    }
    expect(wallSteps).toBe(1);
    const beats = beatsOf((await readStore(home.folder, people)).events[person]!);
    expect(beats.filter(({ timeUs }, i) => timeUs - (beats[i - 1]?.timeUs ?? timeUs) > longestRrUs)).toEqual([]);
  }
});

const tenYearsUs = 3652 * 86_400_000_000;

test("one run in a year far ahead: the next has the right time, watches the same wearables and tells what they show", async () => {
  const { clock, moveWall } = clockWithWall();
  moveWall(tenYearsUs);
  let gateway = await home.start({ clock });
  const wearing = await wear();
  await measured(wearing, 4);
  const ahead = gateway.view.status().timeUs;
  await home.end();

  moveWall(-tenYearsUs);
  gateway = await home.start({ clock });
  expect(Math.abs(gateway.view.status().timeUs - clock.wallUs())).toBeLessThan(1_000_000);
  const vt = async () => (await gateway.view.alerts({ limit: 500 })).alerts.filter(({ rule }) => rule.startsWith("rhythm.vt"));
  await until(async () => (await vt()).length > 0, "the ventricular run is told");
  expect(Math.abs((await vt())[0]!.raisedUs - clock.wallUs())).toBeLessThan(60_000_000);
  await until(() => home.printed.length > 0, "a person is told");
  for (const rule of ["data.missing", "device.clock", "gateway.clock"]) expect(await allAlerts(gateway, rule)).toEqual([]);
  await emptied(wearing);
  const lastUs = gateway.view.status().timeUs;
  await until(() => gateway.view.status().timeUs > lastUs + 4_000_000, "the last beats are decided");
  await home.end();
  await home.start({ clock });
  await home.end();

  expect((await journalledKeys()).size).toBe(wearing.published.size);
  const { events } = await readStore(home.folder, people);
  for (const person of people) {
    const beats = beatsOf(events[person]!);
    expect(new Set(beats.map(({ timeUs, stream }) => `${stream} ${timeUs}`)).size).toBe(beats.length);
    expect(beats.filter(({ timeUs }) => timeUs > ahead - 60_000_000).length).toBeGreaterThan(0);
    expect(beats.filter(({ timeUs }) => timeUs < ahead - 60_000_000).length).toBeGreaterThan(8);
  }
});

test("a time server that puts the clock right by years while the gateway runs: within a minute all times are right, without a new start", async () => {
  const { clock: wrong, moveWall } = clockWithWall();
  const every: typeof wrong.every = (periodMs, fn) => wrong.every(periodMs === 60_000 ? 200 : periodMs, fn);
  const clock = { ...wrong, every, wallQuality: () => "ntp" as const };
  moveWall(tenYearsUs);
  const gateway = await home.start({ clock });
  const wearing = await wear();
  await measured(wearing, 4);
  moveWall(-tenYearsUs);
  await until(() => Math.abs(gateway.view.status().timeUs - clock.wallUs()) < 1_000_000, "times are right");
  await until(
    async () => (await allAlerts(gateway, "gateway.clock")).some(({ endedUs }) => endedUs !== undefined),
    "the clock was told, and is over",
  );
  const vt = async () => (await gateway.view.alerts({ limit: 500 })).alerts.filter(({ rule }) => rule.startsWith("rhythm.vt"));
  await until(async () => (await vt()).length > 0, "the ventricular run is told");
  expect(Math.abs((await vt())[0]!.raisedUs - clock.wallUs())).toBeLessThan(60_000_000);
  expect(await allAlerts(gateway, "data.missing")).toEqual([]);
  await emptied(wearing);
  await home.end();
  expect((await journalledKeys()).size).toBe(wearing.published.size);
});

test("a wall clock that was put right after the start is told, and the next start has the right time; what the device measured is not lost", async () => {
  const hoursUs = 3 * 3_600_000_000;
  const { clock: slow, moveWall } = clockWithWall();
  // What is looked at once a minute is looked at five times a second.
  const clock = { ...slow, every: (periodMs: number, fn: () => void) => slow.every(periodMs === 60_000 ? 200 : periodMs, fn) };
  moveWall(-hoursUs);
  let gateway = await home.start({ clock });
  const wearing = await wear();
  await measured(wearing, 4);
  expect(await allAlerts(gateway, "gateway.clock")).toEqual([]);
  moveWall(hoursUs);
  await until(async () => (await openAlerts(gateway, "gateway.clock")).length === 1, "a low alert tells it");
  await home.end();

  gateway = await home.start({ clock });
  await until(async () => (await openAlerts(gateway, "gateway.clock")).length === 0, "the alert ends");
  expect(Math.abs(gateway.view.status().timeUs - clock.wallUs())).toBeLessThan(1_000_000);
  await measured(wearing, 8);
  await emptied(wearing);
  for (const rule of ["data.missing", "rhythm.no-signal", "rhythm.asystole"]) expect(await allAlerts(gateway, rule)).toEqual([]);
  await home.end();
  expect((await journalledKeys()).size).toBe(wearing.published.size);
});
