import { expect, test } from "vitest";
import type { BeatEvent } from "../../device-drivers/contract/event.ts";
import { createGatheredCommits } from "./gathered-commits.ts";
import type { PersonCommit } from "./store-port.ts";

const beat = (timeUs: number): BeatEvent => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1 });
const mark = (ordinal: number) => ({ mark: { ordinal, timeUs: ordinal, position: 0 } });

function gather() {
  const replaced: (readonly [number, number])[] = [];
  const gathered = createGatheredCommits((before, by) => void replaced.push([before, by]));
  let id = 0;
  const add = (commit: Omit<PersonCommit, "person">, person = "p1") => gathered.add({ id: ++id, commit: { person, ...commit } }, false);
  return { gathered, add, replaced, ids: () => gathered.take().map((each) => each.id) };
}

test("events stay as they came, and of marks in a row each person's newest is sent", () => {
  const { gathered, add, replaced } = gather();
  add(mark(1));
  add(mark(1), "p2");
  add(mark(2));
  add({ ...mark(3), events: [beat(1)] });
  add(mark(4));
  add({ ...mark(5), events: [beat(2)] });
  expect(gathered.take()).toEqual([
    { id: 4, commit: { person: "p1", ...mark(3), events: [beat(1)] } },
    { id: 2, commit: { person: "p2", ...mark(1) } },
    { id: 6, commit: { person: "p1", ...mark(5), events: [beat(2)] } },
  ]);
  expect(replaced).toEqual([
    [1, 3],
    [3, 4],
    [5, 6],
  ]);
});

test("a named value is sent at once: no mark takes its place", () => {
  const { add, ids } = gather();
  expect(add({ ...mark(1), values: [{ key: "modes/p1", value: new Uint8Array([1]) }] })).toBe(false);
  add(mark(2));
  expect(ids()).toEqual([2]);
});

test("one without a mark replaces none", () => {
  const { add, ids, replaced } = gather();
  add(mark(1));
  add({ events: [beat(1)] });
  add(mark(2));
  expect(ids()).toEqual([1, 2, 3]);
  expect(replaced).toEqual([]);
});

test("what has been taken is not touched again", () => {
  const { add, ids, replaced } = gather();
  add(mark(1));
  expect(ids()).toEqual([1]);
  add(mark(2));
  expect(ids()).toEqual([2]);
  expect(replaced).toEqual([]);
});

test("whatever somebody waits for is not gathered", () => {
  const { gathered, add } = gather();
  const row = { class: "status" as const, timeUs: 1, payload: new Uint8Array(1) };
  expect(add({ outbox: [row] })).toBe(false);
  expect(add({ snapshot: { position: 1, ordinal: 1, bytes: new Uint8Array(1) } })).toBe(false);
  expect(gathered.add({ id: 9, commit: { person: "p1", ...mark(1) } }, true)).toBe(false);
  expect(add({ ...mark(2), outbox: [], alerts: [], stripsDue: [], audit: [] })).toBe(true);
  expect(gathered.take()).toHaveLength(1);
});
