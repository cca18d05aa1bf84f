import { describe, expect, test } from "vitest";
import { createByteQueue } from "./byte-queue.ts";
import { readAtMost } from "./read-at-most.ts";
import { createRefusals } from "./refusals.ts";
import { createSeenNumbers } from "./seen-numbers.ts";
import { createTakenBatches } from "./taken-batches.ts";

describe("refusals", () => {
  test("are counted by stream, reason, field and fault, until the stream gives samples", () => {
    const refusals = createRefusals();
    expect(refusals.list()).toEqual([]);
    refusals.add("driver.bad_meta", "ecg", { field: "v", fault: "range" });
    refusals.add("driver.bad_meta", "ecg", { field: "v", fault: "range" });
    refusals.add("driver.bad_meta", "ecg", { field: "v", fault: "type" });
    refusals.add("driver.bad_meta", "ecg", { field: "w", fault: "range" });
    refusals.add("driver.no_descriptor", "ecg");
    refusals.add("driver.bad_meta", "ppg");
    const ppg = { code: "driver.bad_meta", stream: "ppg", count: 1 };
    const unknown = { code: "driver.no_descriptor", stream: "ecg", count: 1 };
    expect(refusals.list()).toEqual([
      { code: "driver.bad_meta", stream: "ecg", field: "v", fault: "range", count: 2 },
      { code: "driver.bad_meta", stream: "ecg", field: "v", fault: "type", count: 1 },
      { code: "driver.bad_meta", stream: "ecg", field: "w", fault: "range", count: 1 },
      unknown,
      ppg,
    ]);
    refusals.over("ecg", "driver.bad_meta");
    expect(refusals.list()).toEqual([unknown, ppg]);
    refusals.over("ecg");
    expect(refusals.list()).toEqual([ppg]);
  });

  test("are of 64 kinds at most; those that are known go on counting", () => {
    const refusals = createRefusals();
    for (let i = 0; i < 70; i++) refusals.add("driver.bad_meta", `s${i}`);
    refusals.add("driver.bad_meta", "s0");
    refusals.add("driver.bad_meta", "s69");
    const list = refusals.list();
    expect([list.length, list[0]?.count, list.at(-1)?.stream]).toEqual([64, 2, "s63"]);
  });
});

describe("seen numbers", () => {
  test("join where they touch, on either side and between", () => {
    const seen = createSeenNumbers();
    const add = (...numbers: number[]) => numbers.map((number) => seen.add(number));
    expect(add(5, 4, 6, 10, 8)).toEqual([true, true, true, true, true]);
    expect(seen.state()).toEqual([
      [4, 6],
      [8, 8],
      [10, 10],
    ]);
    expect(add(9, 7, 4, 10, 7)).toEqual([true, true, false, false, false]);
    expect(seen.state()).toEqual([[4, 10]]);
  });

  test("go over a restart, and a state that was given out or taken stays as it was", () => {
    const first = createSeenNumbers(256, [[1, 3]]);
    const state = first.state();
    const second = createSeenNumbers(256, state);
    expect([second.add(3), second.add(4), first.add(4)]).toEqual([false, true, true]);
    expect(state).toEqual([[1, 3]]);
  });

  test("are 256 ranges by default", () => {
    const seen = createSeenNumbers();
    for (let i = 0; i < 257; i++) seen.add(i * 2);
    expect([seen.state().length, seen.state()[0]]).toEqual([256, [0, 2]]);
  });
});

describe("taken batches", () => {
  const taking = (from?: ReturnType<ReturnType<typeof createTakenBatches<string>>["state"]>) => {
    const taken = createTakenBatches<string>(from);
    return { ...taken, add: (number: number, digest = number) => taken.add(number, digest, `${number}/${digest}`) };
  };
  /** Far more than the digests that are kept: of the first only the number is known. */
  const longAgo = () => {
    const taken = taking();
    for (let number = 0; number < 600; number++) taken.add(number);
    return taken;
  };

  test("keep the digests of the last 512: an older number with the same content is in doubt, not a repeat", () => {
    const taken = longAgo();
    expect(taken.state().recent).toHaveLength(512);
    expect(taken.state().recent?.[0]).toEqual([88, 88]);
    expect([taken.add(88, 1).isAgain, taken.add(87, 1)]).toEqual([true, { items: [], isAgain: false }]);
  });

  test("of numbers used long ago take four in a row, with holes of eight at most, and none of a row that breaks", () => {
    const rowOf = (...numbers: number[]) => {
      const taken = longAgo();
      return numbers.map((number) => taken.add(number, -1)).map(({ items, isAgain }) => [items.length, isAgain]);
    };
    const [none, all] = [
      [0, false],
      [4, true],
    ];
    expect(rowOf(1, 2, 3, 4)).toEqual([none, none, none, all]);
    expect(rowOf(1, 9, 17, 25)).toEqual([none, none, none, all]);
    expect(rowOf(1, 2, 3, 12, 13, 14, 15)).toEqual([none, none, none, none, none, none, all]);
    expect(rowOf(3, 2, 1, 2)).toEqual([none, none, none, none]);
  });

  test("after counting began again go on from there, and a new number between ends the doubt", () => {
    const taken = longAgo();
    for (const number of [1, 2, 3]) taken.add(number, -1);
    expect(taken.add(700)).toEqual({ items: ["700/700"], isAgain: false });
    expect(taken.add(4, -1)).toEqual({ items: [], isAgain: false });
    for (const number of [5, 6]) taken.add(number, -1);
    expect(taken.add(7, -1)).toEqual({ items: ["4/-1", "5/-1", "6/-1", "7/-1"], isAgain: true });
    expect(taken.state().seen).toEqual([[4, 7]]);
    expect(taken.add(8, -1)).toEqual({ items: ["8/-1"], isAgain: false });
  });

  test("go over a restart with what is in doubt", () => {
    const before = longAgo();
    for (const number of [1, 2, 3]) before.add(number, -1);
    const after = taking(structuredClone(before.state()));
    expect(after.state()).toEqual(before.state());
    expect(after.add(2, -1)).toEqual({ items: [], isAgain: false });
    expect(after.add(4, -1)).toEqual({ items: ["1/-1", "2/-1", "3/-1", "4/-1"], isAgain: true });
  });

  test("of an earlier version's state know the numbers alone", () => {
    const taken = taking({ seen: [[0, 9]] });
    expect([taken.add(5).items, taken.add(10).items]).toEqual([[], ["10/10"]]);
  });
});

describe("the byte queue", () => {
  test("reads within its bytes only, wherever they lie in the ring", () => {
    const queue = createByteQueue(300, Uint8Array.of(1, 2, 3));
    queue.skip(2);
    queue.push(new Uint8Array(255).fill(9));
    queue.push(Uint8Array.of(7, 8));
    expect([queue.length, queue.at(0), queue.at(1), queue.at(257), queue.at(258), queue.at(-1)]).toEqual([
      258,
      3,
      9,
      8,
      undefined,
      undefined,
    ]);
    expect(queue.copy(256, 2)).toEqual(Uint8Array.of(7, 8));
    for (const [from, count] of [
      [257, 2],
      [-1, 1],
      [0, -1],
    ] as const)
      expect(() => queue.copy(from, count)).toThrow(RangeError);
    queue.skip(1000);
    expect([queue.length, queue.push(new Uint8Array(400))]).toEqual([0, 300]);
  });
});

test("of a stream all is read up to the limit, and nothing of a longer one, which is given up at once", async () => {
  let given = 0;
  async function* parts() {
    for (;;) {
      given++;
      yield Uint8Array.of(given, 0);
      if (given === 3) return;
    }
  }
  expect(await readAtMost(parts(), 6)).toEqual(Buffer.from([1, 0, 2, 0, 3, 0]));
  given = 0;
  expect([await readAtMost(parts(), 3), given]).toEqual([undefined, 2]);
  expect(await readAtMost(null, 0)).toHaveLength(0);
});
