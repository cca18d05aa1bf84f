/** Notices what was done about enrolments, by whichever worker or verb: one small question every five seconds. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { TwinStore } from "./store/port.ts";

interface WatchOptions {
  readonly store: Pick<TwinStore, "enrolmentActs">;
  readonly clock: Pick<Clock, "every">;
  readonly log: Pick<Log, "warn">;
  /** Called at the start and after each change; one that fails is called again. */
  readonly onChange: () => Promise<void>;
  /** Called each minute besides: for who forgets. */
  readonly repeat: () => Promise<void>;
}

const lookMs = 5000;
const repeatMs = 60_000;

/** Resolves after the first call, which may have failed. Returns the end of it. */
export async function watchEnrolments({ store, clock, log, onChange, repeat }: WatchOptions): Promise<() => void> {
  let seen: string | undefined;
  let isLooking = false;
  const fail = (error: unknown) =>
    log.warn({ why: String(error) }, "what was done about enrolments is not in force everywhere yet; it is tried again");
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const newest = JSON.stringify(await store.enrolmentActs(1));
      if (newest === seen) return;
      await onChange();
      seen = newest;
    } catch (error) {
      fail(error);
    } finally {
      isLooking = false;
    }
  };
  await look();
  const cancels = [clock.every(lookMs, () => void look()), clock.every(repeatMs, () => void repeat().catch(fail))];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
