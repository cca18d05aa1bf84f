/**
 * A journal that was cut, garbled or lost before the next start, against every mark that the store may have: what is present is decided and told in time,
 * nothing is stored twice or vanishes, no old alarm is told again, and the lost stretch is told as such.
 */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BeatEvent, GapEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import type { AlertChange } from "../../gateway/alert/core.ts";
import { readJournalFolder } from "../../gateway/journal/capture-file.ts";
import type { PersonCommit } from "../../gateway/store/store-port.ts";
import { runs } from "../runs.ts";
import { type FirstLife, harm, type Kept, keep, type Life, liveFirst, openLife, segmentsOf, wearers } from "./first-life.ts";

let first: FirstLife;
beforeAll(async () => {
  first = await liveFirst();
});
afterAll(() => first.close());

const strap = wearers.strap;

interface Harm {
  readonly how: "none" | "cut" | "flipped" | "lane lost" | "all lost";
  /** 0–1: where in the lane's bytes. */
  readonly at: number;
  /** 0–1: how much of what was committed the store still has. */
  readonly stored: number;
  readonly snapshots: "kept" | "none" | "unreadable";
  /** Messages of the strap from before the fall that come once more. */
  readonly again: number;
  readonly downS: number;
  /** The second life falls too, after so many seconds, and its store has kept this share of what it had committed. */
  readonly fallsAgain: { readonly afterS: number; readonly stored: number } | undefined;
}

const harmless: Harm = { how: "none", at: 0, stored: 1, snapshots: "kept", again: 0, downS: 3, fallsAgain: undefined };

const isBeat = (event: PersonEvent): event is BeatEvent => event.kind === "beat";
const isLost = (event: PersonEvent): event is GapEvent => event.kind === "gap" && event.reason === "lost";
const share = <T>(all: readonly T[], part: number) => all.slice(0, Math.round(part * all.length));

/** Two beats of one stream nearer than this are one beat: a heart does not beat so fast. */
const oneBeatUs = 150_000;
function twice(events: readonly PersonEvent[]): number[] {
  const times = events.filter(isBeat).map(({ timeUs }) => timeUs);
  times.sort((a, b) => a - b);
  return times.filter((timeUs, i) => timeUs - (times[i - 1] ?? Number.NEGATIVE_INFINITY) < oneBeatUs);
}

/** Records that were taken in and that nobody can read any more: behind the state that the next start begins with, and any. */
async function missing(dir: string, { marks, snapshots }: Kept): Promise<{ needed: number; any: number }> {
  const readable = new Set<number>();
  if (existsSync(join(dir, "journal", strap)) && segmentsOf(dir, strap).length > 0)
    for await (const { position } of readJournalFolder(join(dir, "journal", strap), join(dir, "keys"))[0]!.read()) readable.add(position);
  const last = Math.max(0, ...readable);
  const to = Math.max(marks[strap]?.position ?? 0, snapshots[strap]?.position ?? 0, last);
  const all = Array.from({ length: to }, (_, i) => i + 1).filter((position) => !readable.has(position));
  const from = Math.min(snapshots[strap]?.position ?? 0, last);
  return { needed: all.filter((position) => position > from).length, any: all.length };
}

function harmAll(dir: string, { how, at }: Harm): void {
  if (how === "lane lost") rmSync(join(dir, "journal", strap), { recursive: true });
  if (how === "all lost") rmSync(join(dir, "journal"), { recursive: true });
  if (how === "cut" || how === "flipped") harm(dir, strap, how, at);
}

function withSnapshots(commits: readonly PersonCommit[], { snapshots }: Harm): readonly PersonCommit[] {
  if (snapshots === "kept") return commits;
  return commits.map(({ snapshot, ...rest }) => {
    if (snapshot === undefined || snapshots === "none") return rest;
    return { ...rest, snapshot: { ...snapshot, bytes: Uint8Array.from([255, 1, 2, 3]) } };
  });
}

/** Lives through the fall, the harm, one or two starts and what the present brings: messages that come once more, beats, a heart that stands still. */
async function restart(harmed: Harm) {
  const dir = first.copy();
  try {
    const stored = withSnapshots(share(first.commits, harmed.stored), harmed);
    const before = keep(stored);
    harmAll(dir, harmed);
    const gone = await missing(dir, before);
    const { clock, wearables } = await first.wearables();
    const sent = wearables.sent.slice();
    const changes: AlertChange[] = [];
    const open = async (commits: readonly PersonCommit[], downS: number) => {
      clock.advance(downS * 1000);
      const life = await openLife({ dir, clock, kept: keep(commits), driverOf: first.driverOf, specs: first.specs });
      for (const person of Object.values(wearers)) await life.pipeline.recover(person);
      for (const { device, channel, bytes } of sent) if (channel.endsWith("/meta")) life.receive(device, channel, bytes);
      wearables.to = life.receive;
      return life;
    };
    const end = async (life: Life) => {
      wearables.to = () => {};
      changes.push(...life.changes);
      await life.journal.close();
    };
    let commits = stored;
    let life = await open(commits, harmed.downS);
    const raw = sent.filter(({ device, channel }) => device === "strap" && channel.endsWith("/raw"));
    for (const { device, channel, bytes } of raw.slice(raw.length - harmed.again)) life.receive(device, channel, bytes);
    if (harmed.fallsAgain !== undefined) {
      await life.pass(harmed.fallsAgain.afterS);
      await end(life);
      commits = [...commits, ...share(life.commits, harmed.fallsAgain.stored)];
      life = await open(commits, 4);
    }
    const beatsFromUs = clock.wallUs();
    await life.pass(14);
    wearables.isStill = true;
    const stillFromUs = clock.wallUs();
    await life.pass(10);
    await end(life);
    return { before, gone, beatsFromUs, stillFromUs, after: keep([...commits, ...life.commits]), changes };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Fresh stages find no beat for so long; the recordings have none further apart than this. */
const settleUs = 1_500_000;
const longestRrUs = 2_500_000;

type Outcome = Awaited<ReturnType<typeof restart>>;

function nothingTwiceNothingVanished({ before, after }: Outcome): void {
  for (const person of Object.values(wearers)) {
    expect(twice(after.events[person]!)).toEqual([]);
    expect(after.events[person]!.slice(0, before.events[person]!.length)).toEqual(before.events[person]);
  }
}

function thePresentIsDecided({ after, changes, beatsFromUs, stillFromUs }: Outcome): void {
  for (const person of Object.values(wearers)) {
    const beats = after.events[person]!.filter(isBeat).flatMap(({ timeUs }) =>
      timeUs > beatsFromUs && timeUs < stillFromUs ? [timeUs] : [],
    );
    const times = [beatsFromUs + settleUs, ...beats.sort((a, b) => a - b), stillFromUs];
    expect(times.filter((timeUs, i) => timeUs - (times[i - 1] ?? timeUs) > longestRrUs)).toEqual([]);
  }
  const begun = changes.filter(
    ({ alert, why }) => alert.rule === "rhythm.asystole" && (why === "raised" || why === "retriggered") && alert.lastSeenUs >= stillFromUs,
  );
  expect(begun).toHaveLength(1);
  // One that comes back within a minute is the same alert and goes on as quietly as it was.
  expect(begun[0]!.notify || begun[0]!.why === "retriggered").toBe(true);
  expect(begun[0]!.alert.lastSeenUs).toBeLessThan(stillFromUs + 6e6);
}

function noOldAlarmIsToldAgain({ before, changes, stillFromUs }: Outcome): void {
  const again = changes.filter(
    ({ alert, notify }) => notify && alert.rule === "rhythm.asystole" && before.alerts.has(alert.id) && alert.lastSeenUs < stillFromUs,
  );
  expect(again).toEqual([]);
}

function theLostIsTold({ before, after, changes, gone, beatsFromUs }: Outcome): void {
  const lost = after.events[strap]!.filter(isLost);
  const told = changes.filter(({ alert, why }) => alert.rule === "record.lost" && alert.person === strap && why === "raised");
  if (gone.needed > 0) expect(told.length).toBeGreaterThan(0);
  if (gone.any === 0) expect(told).toEqual([]);
  // Where neither state nor events name a stream only the alert can tell it.
  if (before.events[strap]!.length > 0) expect(lost.length > 0).toBe(told.length > 0);
  for (const { fromUs, toUs } of lost) {
    expect(toUs).toBeGreaterThan(fromUs);
    expect(toUs).toBeLessThan(beatsFromUs);
  }
}

async function allHold(harmed: Harm): Promise<Outcome> {
  const outcome = await restart(harmed);
  nothingTwiceNothingVanished(outcome);
  thePresentIsDecided(outcome);
  noOldAlarmIsToldAgain(outcome);
  theLostIsTold(outcome);
  return outcome;
}

test("the first life told one silence, which somebody acknowledged and which ended; there are snapshots, segments and marks to choose from", () => {
  const { alerts, snapshots } = keep(first.commits);
  const silences = [...alerts.values()].filter(({ rule }) => rule === "rhythm.asystole");
  expect(silences).toHaveLength(1);
  expect(silences[0]).toMatchObject({ acknowledgedBy: "Person C", state: "resolved" });
  expect(Object.keys(snapshots)).toHaveLength(2);
  expect(first.commits.length).toBeGreaterThan(100);
});

describe("after a restart the present is decided and told, nothing is stored twice or vanishes, no old alarm is told again, and what is lost is told", () => {
  const shapes: Record<string, Partial<Harm>> = {
    "a whole journal": {},
    "a whole journal far ahead of the mark": { stored: 0.2 },
    "a whole journal and no mark": { stored: 0 },
    "a journal that ends before the mark, and messages under way that come again": { how: "cut", at: 0.9, again: 12 },
    "a journal that ends before the snapshot": { how: "cut", at: 0.3 },
    "a journal that ends in the silence that has long been told": { how: "cut", at: 0.42 },
    "a bit flipped in the first segment's header": { how: "flipped", at: 0.0001 },
    "a lane that is gone, while another is whole": { how: "lane lost", again: 8 },
    "a journal folder that is gone": { how: "all lost", again: 8 },
    "a journal folder that is gone, and no snapshot": { how: "all lost", snapshots: "none", again: 8 },
    "a snapshot that nobody can read any more": { snapshots: "unreadable" },
    "a snapshot that nobody can read any more, and half a journal": { snapshots: "unreadable", how: "cut", at: 0.5 },
    "a journal folder that is gone, and a second fall of which the store kept nothing": {
      ...{ how: "all lost", again: 4 },
      fallsAgain: { afterS: 20, stored: 0 },
    },
  };
  test.each(Object.entries(shapes))("%s", async (_name, shape) => {
    await allHold({ ...harmless, ...shape });
  });

  test("the newest segment's header, any byte of it flipped", async () => {
    for (let at = 0; at < 100; at += 24) {
      const total = first.segmentBytes.reduce((sum, bytes) => sum + bytes, 0);
      await allHold({ ...harmless, how: "flipped", at: (total - first.segmentBytes.at(-1)! + at + 0.5) / total, again: at % 5 });
    }
  });

  test("any byte cut or flipped, any mark, any second fall", async () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    const harms = fc.record<Harm>({
      how: fc.constantFrom("cut", "flipped", "cut", "flipped", "lane lost", "all lost", "none"),
      at: part,
      stored: fc.oneof(part, fc.constant(1)),
      snapshots: fc.constantFrom("kept", "kept", "none", "unreadable"),
      again: fc.nat({ max: 12 }),
      downS: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1200 })),
      fallsAgain: fc.option(fc.record({ afterS: fc.integer({ min: 1, max: 25 }), stored: part }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(harms, async (harmed) => void (await allHold(harmed))),
      runs(16),
    );
  });
});
