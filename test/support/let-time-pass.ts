/** For what waits on a clock that only a test moves. */

import type { VirtualClock } from "../../device-drivers/contract/clock.ts";

/** Moves the clock on, 10 ms at a time, until `done` has settled. */
export async function letTimePass<T>(clock: VirtualClock, done: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = done.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ended;
}
