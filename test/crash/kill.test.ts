/** SIGKILL at any moment, over and over, with two persons' wearables at QoS 1 and a line to the twin that comes and goes. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BeatEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import { decodePayload } from "../../gateway/semantic/payload-codec.ts";
import type { StripPayload } from "../../gateway/semantic/payloads/strip.ts";
import { partsOf } from "../../gateway/semantic/payloads/window.ts";
import type { OutboxFigures } from "../../gateway/store/store-port.ts";
import { seedOf } from "../runs.ts";
import { flushS, people, until, worn } from "./home-inside.ts";
import { type HomeProcess, openHomeProcess, site } from "./home-process.ts";
import { journalLane, journalledBatches, readStore, readTwin, type StoreLeft, type TwinLeft } from "./left-behind.ts";
import { seeded } from "./seeded.ts";
import { openSensors, type Sensors } from "./sensors.ts";
import { runUninterrupted, type Uninterrupted } from "./uninterrupted.ts";

const kills = Number(process.env.CRASH_KILLS ?? 52);
const seed = Number(process.env.CRASH_SEED ?? seedOf(3703734026));
/** Seconds of the excerpt that the strap repeats; its runs lie at 17–22 s, so that their strips are whole before the end of a round. */
const roundS = 38.5;
const devicesOf = (person: string) => Object.entries(worn).flatMap(([device, wearer]) => (wearer === person ? [device] : []));

const random = seeded(seed);
const between = (from: number, to: number) => from + (to - from) * random();
const chance = (share: number) => random() < share;

let home: HomeProcess;
let sensors: Sensors;
let store: StoreLeft;
let twin: TwinLeft;
const expected: Record<string, Uninterrupted> = {};
const journalled: Record<string, Awaited<ReturnType<typeof journalledBatches>>> = {};
const told = { kills: 0, ends: 0, inStart: 0, twinKills: 0, cuts: 0 };
/** How long the last start took that was left alone. */
let startMs = 0;
let lives = 0;

/** The far side has its own troubles, at its own moments. */
async function troubleTheLine(): Promise<void> {
  if (chance(0.3)) {
    if (home.relay.isCut) home.relay.mend();
    else {
      home.relay.cut();
      told.cuts++;
    }
  }
  if (chance(0.2)) {
    await home.endTwin("kill");
    told.twinKills++;
  } else await home.startTwin().catch(() => {});
}

/** One life of the gateway, ended at any moment: every fourth while it starts and recovers, the others while it works. */
async function live(): Promise<void> {
  const running = home.start();
  const beganMs = performance.now();
  if (++lives % 4 === 0) {
    await sleep(between(0.1, 1.1) * startMs);
    if (!running.isReady()) told.inStart++;
  } else {
    await home.untilReady();
    startMs = performance.now() - beganMs;
    await sleep(between(0, chance(0.2) ? 4000 : 1200));
  }
  if (chance(0.12)) {
    if (running.isReady()) {
      expect(await home.end("SIGTERM")).toBe(0);
      told.ends++;
      return;
    }
  }
  await home.end("SIGKILL");
  told.kills++;
}

beforeAll(async () => {
  const startedMs = performance.now();
  home = await openHomeProcess({ devices: worn, flushS });
  await home.startTwin();
  sensors = await openSensors({ url: home.mqttUrl, site, passwords: home.passwords, random });
  while (told.kills < kills) {
    const t0 = performance.now();
    await troubleTheLine();
    const t1 = performance.now();
    await live();
    const t2 = performance.now();
    await sleep(between(0, 200));
    if (process.env.CRASH_KEEP) process.stdout.write(`${Math.round(t1 - t0)} ${Math.round(t2 - t1)}\n`);
  }
  const loopMs = performance.now() - startedMs;

  // Everything comes back: the line, the twin, the gateway; the wearables end between two runs and empty their memory.
  await home.endTwin("let go");
  await home.startTwin();
  if (home.relay.isCut) home.relay.mend();
  home.start();
  await home.untilReady();
  const phaseS = () => sensors.strap.measuredS() % roundS;
  await until(() => phaseS() > 1 && phaseS() < 12, "the strap is between two runs");
  sensors.strap.stop();
  sensors.clip.stop();
  await until(() => sensors.keptCount() === 0, "everything measured is acknowledged");
  // The stream is decided once the reorder limit has passed, strips a second later; what is not urgent is committed within 10 s.
  await sleep(14_000);
  const waitingRows = async () => {
    const { depth } = (await home.get<{ outbox: Pick<OutboxFigures, "depth"> }>("/api/v1/outbox")).outbox;
    return depth.alert + depth.raw + depth.semantic;
  };
  await until(async () => (await waitingRows()) === 0, "the outbox is empty");
  expect(await home.end("SIGTERM")).toBe(0);
  await home.endTwin("let go");

  store = await readStore(home.folder, people);
  twin = readTwin(home.twinFolder, home.folder);
  for (const person of people) {
    journalled[person] = await journalledBatches(home.folder, person);
    expected[person] = await runUninterrupted({
      person,
      records: journalLane(home.folder, person),
      devices: devicesOf(person),
      flushS,
      toOrdinal: store.marks[person]!.ordinal,
      endUs: store.marks[person]!.timeUs + 5_000_000,
    });
  }
  const figures = {
    seed,
    ...told,
    loop_s: Math.round(loopMs / 1000),
    all_s: Math.round((performance.now() - startedMs) / 1000),
    batches: sensors.published.size,
    records: people.map((person) => journalled[person]!.records),
    events: people.map((person) => store.events[person]!.length),
    alerts: store.alerts.length,
    strips: twin.strips.length,
    frames: twin.frames.length,
  };
  process.stdout.write(`crash: ${JSON.stringify(figures)}\n`);
}, 2_400_000);

afterAll(async () => {
  await sensors?.close();
  if (process.env.CRASH_KEEP === undefined) await home?.close();
});

const beatKey = ({ device, stream, timeUs, label }: Pick<BeatEvent, "device" | "stream" | "timeUs" | "label">) =>
  `${device}/${stream} ${timeUs} ${label}`;
const isBeat = (event: PersonEvent): event is BeatEvent => event.kind === "beat";
const keyOf = (event: PersonEvent): string => {
  switch (event.kind) {
    case "beat":
      return `beat ${beatKey(event)}`;
    case "rhythm":
      return `rhythm ${event.timeUs} ${event.label}`;
    case "vital":
      return `vital ${event.timeUs} ${event.value}`;
    case "gap":
      return `gap ${event.device}/${event.stream} ${event.fromUs} ${event.toUs}`;
    case "watched":
      return `watched ${event.rule}`;
  }
};
const keysOf = (events: readonly PersonEvent[]) =>
  events
    .filter(({ kind }) => kind !== "watched")
    .map(keyOf)
    .sort();

describe("after every kill, from the seed told above", () => {
  test("the gateway was killed often enough, at work and at its start, and the line had its troubles", () => {
    expect(told.kills).toBeGreaterThanOrEqual(kills);
    expect(told.inStart).toBeGreaterThan(0);
    expect(told.cuts + told.twinKills).toBeGreaterThan(0);
  });

  test("acknowledged ⊆ journalled ⊆ published", () => {
    const all = new Set(people.flatMap((person) => [...journalled[person]!.keys]));
    expect([...sensors.acknowledged].filter((key) => !all.has(key))).toEqual([]);
    expect([...all].filter((key) => !sensors.published.has(key))).toEqual([]);
    expect(sensors.acknowledged.size).toBe(sensors.published.size);
  });

  test.each(people)("the store has every event of %s once, as an uninterrupted run of the same journal makes them", (person) => {
    const events = store.events[person]!;
    expect(keysOf(events)).toEqual(keysOf(expected[person]!.events));
    expect(events.filter(isBeat).length).toBeGreaterThan(50);
  });

  test.each(people)("%s was watched as long as without the kills", (person) => {
    const spans = Map.groupBy(
      expected[person]!.events.filter((event) => event.kind === "watched"),
      ({ rule }) => rule,
    );
    const seconds = [...spans].map(
      ([rule, list]) => [rule, list.reduce((sum, { fromUs, toUs }) => sum + (toUs - fromUs) / 1e6, 0)] as const,
    );
    for (const [rule, s] of seconds) expect([rule, store.coverage[person]![rule]]).toEqual([rule, expect.closeTo(s, 3)]);
  });

  test.each(people)("the twin has every event of %s once", (person) => {
    // What was packed in the last seconds may still wait at home; the rest is there, and none of what waits.
    const waiting = new Set(store.waiting.map(({ payload }) => Buffer.from(payload).toString("base64")));
    const frames = expected[person]!.frames.filter(({ payload }) => !waiting.has(Buffer.from(payload).toString("base64")));
    expect(expected[person]!.frames.length - frames.length).toBeLessThan(20);
    const payloads = frames.flatMap(({ payload }) =>
      partsOf(decodePayload(payload)).flatMap((part) => (part.kind === "events" ? [part] : [])),
    );
    const sorted = (keys: string[]) => keys.sort();
    expect(sorted(twin.beats(person).map(({ timeUs, label }) => `${timeUs} ${label}`))).toEqual(
      sorted(payloads.flatMap(({ beats }) => beats.map(({ timeUs, label }) => `${timeUs} ${label}`))),
    );
    expect(sorted(twin.rhythms(person).map(({ timeUs, label }) => `${timeUs} ${label}`))).toEqual(
      sorted(payloads.flatMap(({ rhythms }) => rhythms.map(({ timeUs, label }) => `${timeUs} ${label}`))),
    );
    expect(sorted(twin.vitals(person).map(({ timeUs, value }) => `${timeUs} ${value}`))).toEqual(
      sorted(payloads.flatMap(({ vitals }) => vitals.map(({ timeUs, value }) => `${timeUs} ${value}`))),
    );
    expect(sorted(twin.gaps(person).map(({ fromUs, toUs }) => `${fromUs} ${toUs}`))).toEqual(
      sorted(payloads.flatMap(({ gaps }) => gaps.map(({ fromUs, toUs }) => `${fromUs} ${toUs}`))),
    );
  });

  test("each frame of events went to the twin once, in one epoch, in each person's order", () => {
    expect(new Set(twin.frames.map(({ epoch }) => epoch))).toEqual(new Set([store.outbox.epoch.toUpperCase()]));
    const frames = twin.frames.filter((frame) => frame.class === "semantic").sort((a, b) => a.n - b.n);
    const sent = [...frames, ...store.waiting.filter((row) => row.class === "semantic")].map(({ timeUs }) => timeUs);
    const [a, b] = people.map((person) => expected[person]!.frames.map(({ timeUs }) => timeUs));
    expect(sent.length).toBe(a!.length + b!.length);
    expect(isInterleaved(sent, a!, b!)).toBe(true);
  });

  test("conditions became alerts once, and the twin has the same records", () => {
    const ofRiver = store.alerts.filter(({ rule }) =>
      people.some((person) => expected[person]!.begins.some((begin) => begin.rule === rule)),
    );
    expect(ofRiver.some(({ rule }) => rule.startsWith("rhythm.vt"))).toBe(true);
    const keys = ofRiver.map(({ person, rule, device, onsetUs }) => `${person} ${rule} ${device} ${onsetUs}`);
    expect(keys.length).toBe(new Set(keys).size);
    for (const person of people) {
      const { begins } = expected[person]!;
      const onsets = new Set(begins.map(({ rule, onsetUs }) => `${rule} ${onsetUs}`));
      const own = ofRiver.filter((alert) => alert.person === person);
      expect(own.map(({ rule, onsetUs }) => `${rule} ${onsetUs}`).filter((key) => !onsets.has(key))).toEqual([]);
      // A condition that came back is counted on its alert, so all counts together are all beginnings.
      for (const rule of new Set(begins.map((begin) => begin.rule))) {
        const counted = own.filter((alert) => alert.rule === rule).reduce((sum, { count }) => sum + count, 0);
        expect([person, rule, counted]).toEqual([person, rule, begins.filter((begin) => begin.rule === rule).length]);
      }
    }
    const atTwin = new Map(twin.alerts.map((alert) => [alert.id, alert]));
    for (const alert of ofRiver)
      expect(atTwin.get(alert.id)).toMatchObject({ rule: alert.rule, onsetUs: alert.onsetUs, count: alert.count });
  });

  test("every strip that was owed is at the twin once, whole", () => {
    expect(store.stripsDue).toEqual([]);
    const due = people.flatMap((person) => expected[person]!.stripsDue);
    expect(due.length).toBeGreaterThan(0);
    const endOf = (strip: StripPayload) => strip.startUs + (strip.samples.length * 1e6) / strip.rateHz;
    for (const { person, device, stream, fromUs, toUs } of due) {
      const near = twin.strips.filter(
        (strip) =>
          strip.person === person && strip.device === device && strip.stream === stream && strip.startUs < toUs && endOf(strip) > fromUs,
      );
      const holders = near.filter((strip) => strip.startUs <= Math.max(fromUs + 10_000, firstUs(person)) && endOf(strip) >= toUs - 10_000);
      const misfitMs = near.map((strip) => [strip.startUs - fromUs, endOf(strip) - toUs].map((us) => Math.round(us / 1000)));
      expect(holders.length, `whole strips for ${JSON.stringify({ person, fromUs, toUs, misfitMs })}`).toBe(1);
      expect(holders[0]!.samples.includes(-2147483648)).toBe(false);
    }
  });

  test("nobody tore a page out of the audit", () => {
    expect(store.brokenAudit).toBeUndefined();
  });
});

/** True where `all` is `a` and `b` shuffled into each other, each in its own order. */
function isInterleaved(all: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  let takenFromA = new Set([0]);
  all.forEach((value, taken) => {
    const next = new Set<number>();
    for (const i of takenFromA) {
      if (a[i] === value) next.add(i + 1);
      if (b[taken - i] === value) next.add(i);
    }
    takenFromA = next;
  });
  return takenFromA.has(a.length);
}

/** A strip cannot begin before the first sample; a second for the clock to settle. */
function firstUs(person: string): number {
  const beats = store.events[person]!.filter(isBeat);
  return (beats[0]?.timeUs ?? 0) + 1_000_000;
}
