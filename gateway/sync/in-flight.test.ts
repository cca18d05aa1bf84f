import { expect, test } from "vitest";
import { createInFlight } from "./in-flight.ts";

const second = 1_000_000;
const create = () => createInFlight({ window: 3, ackTimeoutMs: 10_000 });

test("the window holds its number of rows, and alerts have places beyond it", () => {
  const flight = create();
  for (const n of [1, 2, 3]) flight.sent(n, 0);
  expect([flight.room("semantic"), flight.room("raw"), flight.room("alert")]).toEqual([0, 0, 4]);
  flight.acknowledged(2);
  expect([flight.room("semantic"), [...flight.skip(0)]]).toEqual([1, [1, 3]]);
  for (const n of [4, 5, 6, 7]) flight.sent(n, 0);
  expect([flight.size, flight.room("semantic"), flight.room("alert")]).toEqual([6, 0, 1]);
});

test("a line on which nothing is answered is dead; its rows may go again at once", () => {
  const flight = create();
  flight.sent(1, 5 * second);
  expect(flight.expire(15 * second, 4 * second)).toBe("none");
  expect(flight.expire(16 * second, 4 * second)).toBe("dead");
  expect([flight.size, [...flight.skip(16 * second)]]).toEqual([0, []]);
});

test("a row that alone stays unanswered is held back, longer each time, and never for good", () => {
  const flight = create();
  const heldS: number[] = [];
  let nowUs = 0;
  for (let time = 0; time < 9; time++) {
    flight.sent(7, nowUs);
    nowUs += 11 * second;
    expect(flight.expire(nowUs, nowUs - second)).toBe("late");
    const fromUs = nowUs;
    while (flight.skip(nowUs).has(7)) nowUs += second;
    heldS.push((nowUs - fromUs) / second);
  }
  expect(heldS).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
});

test("rows that no line ever answers leave room for others", () => {
  const flight = create();
  for (let time = 0; time < 3; time++) {
    for (const n of [1, 2, 3]) flight.sent(n, time * 20 * second);
    expect(flight.expire(time * 20 * second + 11 * second, -1)).toBe("dead");
    flight.clear();
  }
  expect([...flight.skip(52 * second)].sort()).toEqual([1, 2, 3]);
  expect(flight.room("semantic")).toBe(3);
});

test("a row counts as sent until it is acknowledged or its line ends, in the window or late", () => {
  const flight = create();
  flight.sent(1, 0);
  flight.sent(2, 0);
  expect(flight.expire(11 * second, second)).toBe("late");
  flight.sent(3, 11 * second);
  flight.acknowledged(2);
  expect([1, 2, 3, 4].map(flight.isSent)).toEqual([true, false, true, false]);
  flight.clear();
  expect([1, 2, 3, 4].map(flight.isSent)).toEqual([false, false, false, false]);
});

test("a line that answered anything since the oldest unanswered row went is alive", () => {
  for (const [lastAckUs, verdict] of [
    [3 * second, "late"],
    [2 * second, "late"],
    [2 * second - 1, "dead"],
  ] as const) {
    const flight = create();
    flight.sent(1, 2 * second);
    flight.sent(2, 4 * second);
    expect(flight.expire(15 * second, lastAckUs)).toBe(verdict);
  }
});

test("a row that was acknowledged while it was held back is no longer one to leave out", () => {
  const flight = create();
  flight.sent(1, 0);
  expect(flight.expire(11 * second, second)).toBe("late");
  expect([...flight.skip(12 * second)]).toEqual([1]);
  flight.acknowledged(1);
  expect([...flight.skip(12 * second)]).toEqual([]);
});
