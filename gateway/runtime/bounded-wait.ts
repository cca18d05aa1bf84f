/** Waits for the disk end somewhere: one that hangs (a failing card, a lost network mount) neither takes nor refuses anything. */

import type { Clock } from "../../device-drivers/contract/clock.ts";

/** What is to be told waits so long for being stored; an alarm has 10 s from its onset to people (alerts.md §2). */
export const storedWithinMs = 3000;

/** Settles as `work` does, or resolves after `limitMs`; whatever becomes of it later is then nobody's here. */
export async function notLongerThan(clock: Clock, limitMs: number, work: Promise<void>): Promise<void> {
  let cancel = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}
