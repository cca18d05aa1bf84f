/** Starts something that is made of parts: either all of it runs, or nothing of it is left open. */

import type { Log } from "./log.ts";

/**
 * Each part puts its end on `opened` as soon as it is there: the last one ends first. Where a part does not start, those before it are ended and its
 * failure is thrown.
 */
export async function startWhole<T>(log: Pick<Log, "warn">, start: (opened: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const opened = new AsyncDisposableStack();
  try {
    return await start(opened);
  } catch (thrown) {
    // What a part says while it is closed is not why the start has failed.
    await opened.disposeAsync().catch((error: unknown) => log.warn({ err: error }, "a part did not close well after a failed start"));
    throw thrown;
  }
}
