/** Whole homes whose journal lost what had been decided, before or while they were killed: whoever lives there is watched from the next start on, and told. */

import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { BeatEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import { type DiskFault, faultyFiles } from "../support/faulty-files.ts";
import { type Heart, openHeart } from "./hearts.ts";
import { openHomeInside, people, until, worn } from "./home-inside.ts";
import { openHomeProcess, site } from "./home-process.ts";
import { readStore, readTwin, type StoreLeft } from "./left-behind.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Of `hearth.yaml`'s defaults: no beat for 4 s is told. */
const asystoleS = 4;
/** Order, quality by the second, models and commits on a busy machine. */
const toldWithinS = asystoleS + 6;

const isBeat = (event: PersonEvent): event is BeatEvent => event.kind === "beat";
const beatTimes = ({ events }: StoreLeft, person: string) => events[person]!.filter(isBeat).map(({ timeUs }) => timeUs);
const tooNear = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b).filter((timeUs, i, all) => timeUs - (all[i - 1] ?? 0) < 150_000);

async function wear(qos: 0 | 1, to: { mqttUrl: string; passwords: Readonly<Record<string, string>> }): Promise<Record<string, Heart>> {
  const hearts: Record<string, Heart> = {};
  for (const device of Object.keys(worn)) {
    const heart = await openHeart({ ...{ url: to.mqttUrl, site, device, qos }, password: to.passwords[device]! });
    closers.push(heart.close);
    hearts[device] = heart;
  }
  return hearts;
}

const measured = (heart: Heart, s: number) => {
  const endS = heart.measuredS() + s;
  return until(() => heart.measuredS() >= endS, `${s} s are measured`);
};

interface Told {
  readonly id: string;
  readonly rule: string;
  readonly person: string;
  /** From the onset to when it could be told. */
  readonly delayS: number;
}

/** Both hearts stand still: each is told, once, and in time. */
async function stillHeartsAreTold(hearts: Record<string, Heart>, alerts: () => Promise<readonly Told[]>): Promise<void> {
  const before = new Set((await alerts()).map(({ id }) => id));
  for (const heart of Object.values(hearts)) heart.isStill = true;
  const news = async () => (await alerts()).filter(({ id, rule }) => rule === "rhythm.asystole" && !before.has(id));
  await until(async () => (await news()).length === people.length, "both silences are told");
  for (const { delayS } of await news()) expect(delayS).toBeLessThan(toldWithinS);
}

function newestSegment(folder: string, person: string): string {
  const lane = join(folder, "journal", person);
  const day = readdirSync(lane).sort().at(-1)!;
  return join(lane, day, readdirSync(join(lane, day)).sort().at(-1)!);
}

test("SIGKILL, a bit flipped in one person's newest segment and the other's folder gone: both hearts are watched at once, nothing is stored twice or vanishes, the loss is told, and the twin has what the home has", async () => {
  const home = await openHomeProcess({ devices: worn, flushS: 2 });
  closers.push(home.close);
  await home.startTwin();
  home.start();
  await home.untilReady();
  const hearts = await wear(1, home);
  await measured(hearts.strap!, 26);
  await home.end("SIGKILL");
  const killed = await readStore(home.folder, people);
  for (const person of people) expect(beatTimes(killed, person).length).toBeGreaterThan(8);

  const segment = newestSegment(home.folder, "person-a");
  const bytes = readFileSync(segment);
  bytes[30] = (bytes[30] ?? 0) ^ 4;
  writeFileSync(segment, bytes);
  rmSync(join(home.folder, "journal", "person-b"), { recursive: true });

  home.start();
  await home.untilReady();
  type Row = Omit<Told, "delayS"> & { onset_s: number; t_s: number };
  const alerts = async (): Promise<Told[]> => {
    const { alerts: rows } = await home.get<{ alerts: Row[] }>("/api/v1/alerts?limit=500");
    return rows.map(({ onset_s, t_s, ...row }) => ({ ...row, delayS: t_s - onset_s }));
  };
  const health = await home.get<{ status: string; failing: string[] }>("/healthz");
  expect(health.status).toBe("failing");
  expect(health.failing).toContain("record");
  const lost = (await alerts()).filter(({ rule }) => rule === "record.lost");
  expect(lost.map(({ person }) => person).sort()).toEqual([...people]);
  await measured(hearts.strap!, 12);
  await stillHeartsAreTold(hearts, alerts);
  for (const heart of Object.values(hearts)) heart.stop();
  await until(() => Object.values(hearts).every(({ keptCount }) => keptCount === 0), "everything measured is acknowledged");
  await until(async () => {
    const { depth } = (await home.get<{ outbox: { depth: Record<string, number> } }>("/api/v1/outbox")).outbox;
    return (depth.alert ?? 0) + (depth.semantic ?? 0) === 0;
  }, "the outbox is empty");
  expect(await home.end("SIGTERM")).toBe(0);
  await home.endTwin("let go");

  const after = await readStore(home.folder, people);
  const twin = readTwin(home.twinFolder, home.folder);
  for (const person of people) {
    const times = beatTimes(after, person);
    expect(tooNear(times)).toEqual([]);
    expect(beatTimes(killed, person).filter((timeUs) => !times.includes(timeUs))).toEqual([]);
    const gaps = after.events[person]!.filter((event) => event.kind === "gap" && event.reason === "lost");
    expect(gaps.length).toBeGreaterThan(0);
    // All but the last frame, which a clean end keeps for the next start.
    const atTwin = new Set(twin.beats(person).map(({ timeUs }) => timeUs));
    const lastUs = Math.max(...atTwin);
    expect(times.filter((timeUs) => timeUs <= lastUs && !atTwin.has(timeUs))).toEqual([]);
  }
});

test("the journal's disk is full under senders that wait for nothing, then SIGKILL: after the next start both hearts are watched at once and no beat is there twice", async () => {
  const home = await openHomeInside();
  closers.push(home.close);
  const fault: DiskFault = { code: undefined, at: "write", partialBytes: 0 };
  let gateway = await home.start({ files: faultyFiles(fault) });
  const hearts = await wear(0, home);
  await measured(hearts.strap!, 5);
  fault.code = "ENOSPC";
  await measured(hearts.strap!, 32);
  // What a SIGKILL would leave: the folder as it is while everything runs.
  const left = `${home.folder}-killed`;
  cpSync(home.folder, left, { recursive: true });
  await home.end();
  for (const name of ["journal", "store", "keys"]) {
    rmSync(join(home.folder, name), { recursive: true });
    renameSync(join(left, name), join(home.folder, name));
  }
  rmSync(left, { recursive: true });
  const killed = await readStore(home.folder, people);
  for (const person of people) expect(beatTimes(killed, person).length).toBeGreaterThan(15);

  gateway = await home.start();
  await measured(hearts.strap!, 12);
  const alerts = async (): Promise<Told[]> => {
    const { alerts: rows } = await gateway.view.alerts({ limit: 500 });
    return rows.map(({ onsetUs, raisedUs, ...row }) => ({ ...row, delayS: (raisedUs - onsetUs) / 1e6 }));
  };
  await stillHeartsAreTold(hearts, alerts);
  await home.end();
  const after = await readStore(home.folder, people);
  for (const person of people) {
    const times = beatTimes(after, person);
    expect(tooNear(times)).toEqual([]);
    expect(beatTimes(killed, person).filter((timeUs) => !times.includes(timeUs))).toEqual([]);
  }
});
