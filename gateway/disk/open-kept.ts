/** Opens what a home keeps, store and journal, and finds the time at which its axis goes on. */

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Clock, createStamper } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { withDayBudget } from "../journal/day-budget.ts";
import { type OpenJournal, openJournal } from "../journal/journal.ts";
import type { DayBudget } from "../journal/journal-port.ts";
import type { FanOut } from "../runtime/fan-out.ts";
import type { FilePort } from "../runtime/file-port.ts";
import type { Log } from "../runtime/log.ts";
import { createReserve, type Reserve } from "../runtime/reserve.ts";
import { openStore } from "../store/store.ts";
import type { Store } from "../store/store-port.ts";

interface KeptParts {
  /** Gets the ends of journal and store. */
  readonly opened: AsyncDisposableStack;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the journal gathers a group before it writes it, ms. */
  readonly commitMs: number;
  /** What the journal keeps of one device in a day. */
  readonly maxBytesPerDeviceDay: number;
  readonly files?: FilePort;
  /** Damaged files that were set aside before. */
  readonly repairs: readonly string[];
  /** Asked where the disk refuses the journal a group; one true answer lets it try again. */
  readonly journalRefused: FanOut<[GatewayError], Promise<boolean>>;
}

export interface Kept {
  readonly store: Store;
  readonly journal: OpenJournal;
  readonly dayBudget: DayBudget;
  readonly journalDir: string;
  readonly reserve: Reserve;
  readonly stamps: ReturnType<typeof createStamper>;
  /** Now on the axis. */
  readonly nowUs: () => number;
  readonly startedUs: number;
  /** What was found damaged, one sentence each. */
  readonly damaged: readonly string[];
  onDamage(what: string): void;
}

export async function openKept({ opened, dataDir, clock, log, ...parts }: KeptParts): Promise<Kept> {
  const files = parts.files === undefined ? {} : { files: parts.files };
  const reserve = createReserve(dataDir, files);
  const { store, ...found } = await openStore({ dir: join(dataDir, "store"), clock, makeRoom: async () => void reserve.giveUp() });
  opened.defer(async () => {
    await store.flush().catch(() => {});
    const { heldAlerts } = store.figures();
    if (heldAlerts.length > 0) log.error({ alerts: heldAlerts.length }, "alerts could not be stored and go with this end");
    await store.close();
  });
  const journalDir = join(dataDir, "journal");
  const journal = await openJournal({
    ...{ dir: journalDir, clock, commitMs: parts.commitMs, ...files },
    keysDir: join(dataDir, "keys"),
    bootId: randomUUID(),
    makeRoom: async (error) => (await Promise.all(parts.journalRefused.tell(error))).includes(true),
  });
  opened.defer(journal.close);
  const dayBudget = withDayBudget(journal, parts.maxBytesPerDeviceDay);
  const damaged = [...parts.repairs, ...found.damaged, ...journal.damaged];
  const say = (repair: string) => log.warn({ repair }, "something was repaired at start");
  for (const repair of new Set([...damaged, ...found.repairs, ...journal.repairs])) say(repair);
  const lastUs = await Promise.all((await journal.lanes()).map(async (lane) => (await journal.last(lane))?.timeUs ?? 0));
  const stamps = createStamper(clock, Math.max(await store.newestTimeUs(), ...lastUs));
  const nowUs = () => stamps().timeUs;
  return {
    ...{
      store,
      journal: { ...journal, offer: dayBudget.offer },
      dayBudget,
      journalDir,
      reserve,
      stamps,
      nowUs,
      startedUs: nowUs(),
      damaged,
    },
    onDamage(what) {
      damaged.push(what);
      say(what);
    },
  };
}
