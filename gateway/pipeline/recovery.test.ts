/** What a restart finds out about a record that is not whole. */

import { describe, expect, test } from "vitest";
import type { GapEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import type { JournalRecord } from "../journal/journal-port.ts";
import { afterBegin, createKnown, createRecordWatch, feedFrom, sameInFreshUs, sourcesOf, warmUpUs } from "./recovery.ts";

/** A journal whose record n came at n seconds. */
const journal = (records: number) => ({
  last: async () => (records === 0 ? undefined : { position: records, timeUs: records * 1e6 }),
  seek: async (_person: string, fromUs: number) => {
    const position = Math.max(1, Math.ceil(fromUs / 1e6));
    return position > records ? undefined : position;
  },
});
const mark = (position: number, timeUs = position * 1e6) => ({ ordinal: 1, timeUs, position });
const state = (position: number) => ({ position, timeUs: position * 1e6 });

describe("feeding begins", () => {
  test("at the first record where nothing was decided, or behind the state that was kept", async () => {
    expect(await feedFrom(journal(9), "p", { mark: undefined, state: undefined, wasKept: false })).toEqual({ position: 0, timeUs: 0 });
    expect(await feedFrom(journal(9), "p", { mark: undefined, state: state(4), wasKept: true })).toEqual(state(4));
  });

  test("behind the state, whether the mark lies before or behind it", async () => {
    expect(await feedFrom(journal(9), "p", { mark: mark(7), state: state(4), wasKept: true })).toEqual(state(4));
    expect(await feedFrom(journal(9), "p", { mark: mark(3), state: state(4), wasKept: true })).toEqual(state(4));
  });

  test("five minutes before the mark where a state was kept and can't be read, and with all of a short record where none was", async () => {
    const of = { mark: mark(1000), state: undefined };
    expect(await feedFrom(journal(1200), "p", { ...of, wasKept: true })).toEqual({ position: 699, timeUs: 1000e6 - warmUpUs });
    expect(await feedFrom(journal(1200), "p", { ...of, wasKept: false })).toEqual({ position: 0, timeUs: 1000e6 - warmUpUs });
    // Nothing of those minutes is left.
    expect(await feedFrom(journal(600), "p", { ...of, wasKept: true })).toEqual({ position: 600, timeUs: 1000e6 - warmUpUs });
    expect(await feedFrom(journal(0), "p", { ...of, wasKept: true })).toEqual({ position: 0, timeUs: 1000e6 - warmUpUs });
  });

  test("at the end of a journal that ends before the state", async () => {
    expect(await feedFrom(journal(3), "p", { mark: mark(7), state: state(5), wasKept: true })).toEqual({ position: 3, timeUs: 3e6 });
    expect(await feedFrom(journal(0), "p", { mark: mark(7), state: state(5), wasKept: true })).toMatchObject({ position: 0 });
  });

  test("with records that took the numbers of lost ones", async () => {
    // The state stands behind record 5, but record 4 came later than both state and mark.
    const renumbered = { ...journal(9), seek: async (_person: string, fromUs: number) => (fromUs === 5_000_001 ? 4 : undefined) };
    expect(await feedFrom(renumbered, "p", { mark: mark(5), state: state(5), wasKept: true })).toEqual({ position: 3, timeUs: 5e6 });
  });
});

const record = (position: number, timeUs = position * 1e6) => ({ position, chunk: { stamps: { timeUs } } }) as JournalRecord;
const watched = (records: readonly JournalRecord[], of: { from: number; mark?: ReturnType<typeof mark>; takenIn: number }) => {
  const watch = createRecordWatch(state(of.from), of.mark, of.takenIn);
  for (const each of records) watch.see(each);
  return watch.end();
};

describe("a record that is fed again", () => {
  test("has lost nothing where its numbers go on to what the mark says", () => {
    expect(watched([record(3), record(4)], { from: 2, mark: mark(4), takenIn: 4 })).toEqual([]);
    expect(watched([record(3), record(4)], { from: 2, mark: mark(2), takenIn: 2 })).toEqual([]);
    expect(watched([], { from: 2, takenIn: 2 })).toEqual([]);
  });

  test("has lost what its numbers jump over", () => {
    expect(watched([record(3), record(6)], { from: 2, mark: mark(6), takenIn: 6 })).toEqual([{ fromUs: 3e6, toUs: 6e6 }]);
    expect(watched([record(4)], { from: 2, mark: mark(4), takenIn: 4 })).toEqual([{ fromUs: 2e6, toUs: 4e6 }]);
  });

  test("has lost its end where it ends before the mark", () => {
    expect(watched([record(3)], { from: 2, mark: mark(5), takenIn: 5 })).toEqual([{ fromUs: 3e6, toUs: 5e6 }]);
    expect(watched([], { from: 2, mark: mark(5), takenIn: 5 })).toEqual([{ fromUs: 2e6, toUs: 5e6 }]);
  });

  test("has lost what had the number of a record that came only after the mark", () => {
    expect(watched([record(3), record(4, 60e6), record(5, 61e6)], { from: 2, mark: mark(5), takenIn: 5 })).toEqual([
      { fromUs: 3e6, toUs: 5e6 },
    ]);
  });

  test("tells no stretch that has no length, and takes no record back in time", () => {
    expect(watched([record(3, 9e6), record(5, 8e6)], { from: 2, mark: mark(5, 9e6), takenIn: 5 })).toEqual([]);
  });
});

const source = { device: "strap", stream: "ecg" };
const beat = (timeUs: number, more: object = {}): PersonEvent => ({ kind: "beat", ...source, timeUs, label: "N", confidence: 1, ...more });
const gap = (fromUs: number, toUs: number, more: object = {}): GapEvent => ({ kind: "gap", ...source, fromUs, toUs, ...more });

describe("what the store has already", () => {
  const known = createKnown([beat(10e6), { kind: "rhythm", ...source, timeUs: 12e6, label: "(VT" }], [], sameInFreshUs);
  const isFresh = (event: PersonEvent, of = known) => of.fresh(event).length > 0;

  test("is not stored again, even where fresh stages find it a few samples elsewhere", () => {
    expect(isFresh(beat(10e6))).toBe(false);
    expect(isFresh(beat(10_100_000))).toBe(false);
    expect(isFresh(beat(9_900_000, { label: "V" }))).toBe(false);
    expect(isFresh({ kind: "rhythm", ...source, timeUs: 12e6, label: "(VT" })).toBe(false);
  });

  test("does not hide what is new: another time, another stream, another rhythm, another kind", () => {
    expect(isFresh(beat(10_100_001))).toBe(true);
    expect(isFresh(beat(9_899_999))).toBe(true);
    expect(isFresh(beat(10e6, { device: "clip" }))).toBe(true);
    expect(isFresh(beat(10e6, { stream: "ecg2" }))).toBe(true);
    expect(isFresh({ kind: "rhythm", ...source, timeUs: 12e6, label: "(N" })).toBe(true);
    expect(isFresh(beat(12e6))).toBe(true);
    expect(isFresh(beat(20e6))).toBe(true);
    expect(isFresh({ kind: "watched", rule: "rhythm.vt", fromUs: 0, toUs: 1 })).toBe(true);
  });

  test("is found again at its very time by stages that go on from their state, so that a beat laid near another is kept", () => {
    const exactly = createKnown([beat(10e6)], [], 0);
    expect(isFresh(beat(10e6, { label: "V" }), exactly)).toBe(false);
    expect(isFresh(beat(10_026_000), exactly)).toBe(true);
    expect(isFresh(beat(9_894_000), exactly)).toBe(true);
  });

  test("knows vital signs by their code and source", () => {
    const vital = (code: "hr" | "spo2", device?: string): PersonEvent =>
      ({
        kind: "vital",
        code,
        timeUs: 5e6,
        value: 1,
        unit: "x",
        ...(device === undefined ? {} : { device, stream: "oxi" }),
      }) as PersonEvent;
    const withVital = createKnown([vital("hr", "clip"), beat(9e6)], [], sameInFreshUs);
    expect(isFresh(vital("hr", "clip"), withVital)).toBe(false);
    expect(isFresh(vital("spo2", "clip"), withVital)).toBe(true);
    expect(isFresh(vital("hr"), withVital)).toBe(true);
    expect(isFresh(beat(5e6), withVital)).toBe(true);
  });

  test("leaves of a gap what no other gap of its stream and no lost stretch tells of", () => {
    const gaps = createKnown([gap(10, 20), gap(40, 50, { stream: "ecg2" })], [{ fromUs: 60, toUs: 70 }], 0);
    const fresh = (event: GapEvent) => gaps.fresh(event).map((each) => (each.kind === "gap" ? [each.fromUs, each.toUs] : []));
    expect(fresh(gap(0, 100))).toEqual([
      [0, 10],
      [20, 60],
      [70, 100],
    ]);
    expect(fresh(gap(10, 20))).toEqual([]);
    expect(fresh(gap(12, 18))).toEqual([]);
    expect(fresh(gap(15, 30))).toEqual([[20, 30]]);
    expect(fresh(gap(0, 10))).toEqual([[0, 10]]);
    expect(fresh(gap(20, 40))).toEqual([[20, 40]]);
  });

  test("names the streams that its events tell of, each once", () => {
    const events = [beat(1), beat(2), gap(3, 4, { device: "clip" }), { kind: "watched", rule: "x", fromUs: 0, toUs: 1 } as const];
    expect(sourcesOf(events)).toEqual([source, { device: "clip", stream: "ecg" }]);
  });
});

test("nothing was lost before a person's first event", () => {
  expect(afterBegin(state(1), [beat(5e6), gap(3e6, 9e6)])).toEqual({ position: 1, timeUs: 3e6 });
  expect(afterBegin(state(4), [beat(3e6)])).toEqual(state(4));
  expect(afterBegin(state(4), [])).toEqual(state(4));
});
