/** How long the twin keeps every event, and then a row a minute of numbers: whole calendar months (UTC) go at once, in every store the same. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import type { TwinStore } from "./store/port.ts";

export interface Keeping {
  /** Days for which beats, numbers, strips and waveforms are kept as they came; the rest of their month is kept with them. */
  readonly detailDays: number;
  /** Years for which a row a minute is kept of what has gone. */
  readonly minuteYears: number;
}

export const usualKeeping: Keeping = { detailDays: 400, minuteYears: 10 };

const lookMs = 3_600_000;
const dayUs = 86_400_000_000;
/** A clock that is so far ahead of the last heartbeat at a start, or has jumped so far since, deletes nothing until the next start. */
const doubtfulAfterUs = 40 * dayUs;
const jumpUs = dayUs;

interface RetentionOptions {
  readonly store: Pick<TwinStore, "forget" | "watched">;
  readonly keeping: Keeping;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks at its start and every hour; of several workers one finds something to do. Returns its end, which resolves when nothing is deleted any more. */
export function startRetention({ store, keeping: { detailDays, minuteYears }, clock, log }: RetentionOptions): () => Promise<void> {
  let looking: Promise<void> | undefined;
  let isDoubtful: boolean | undefined;
  const startUs = clock.wallUs() - clock.monotonicUs();
  const isClockDoubtful = async (): Promise<boolean> => {
    const heardUs = Math.max(...(await store.watched()).map((each) => each.heardUs ?? 0), 0);
    if (heardUs === 0) return true;
    isDoubtful ??= clock.wallUs() - heardUs > doubtfulAfterUs;
    isDoubtful ||= Math.abs(clock.wallUs() - clock.monotonicUs() - startUs) > jumpUs;
    return isDoubtful;
  };
  const forget = async () => {
    if (await isClockDoubtful()) return;
    const nowUs = clock.wallUs();
    const detailBeforeUs = beginOfMonth(nowUs - detailDays * dayUs);
    const months = await store.forget({ detailBeforeUs, minutesBeforeUs: beginOfMonth(nowUs - minuteYears * 365 * dayUs) });
    if (months > 0) log.info({ months }, "months beyond what the twin keeps are a row a minute now");
  };
  const look = () => {
    looking ??= forget()
      .catch((thrown: unknown) =>
        log.error({ code: toGatewayError(thrown).code }, "what is beyond its time could not be deleted; it is tried again"),
      )
      .finally(() => {
        looking = undefined;
      });
  };
  const cancel = clock.every(lookMs, look);
  look();
  return async () => {
    cancel();
    await looking;
  };
}

/** Of the month in which the time lies, UTC. */
export function beginOfMonth(timeUs: number): number {
  const date = new Date(timeUs / 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) * 1000;
}
