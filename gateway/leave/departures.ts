/** Leaving, of a home that runs: decided at once, carried out while the house is closed for a moment, and watched until the twin has answered. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store-port.ts";
import type { ErasedHome } from "./erase-home.ts";
import { carryOutLeavings, decideLeaving, noteTwinAnswers } from "./leave.ts";
import { openReceipts, type Receipt } from "./receipts.ts";

interface DeparturesParts {
  readonly home: ErasedHome;
  readonly clock: Clock;
  readonly log: Log;
  /** The store of the house that is open now. */
  readonly store: () => Pick<Store, "outboxOwes" | "outboxFigures" | "flush" | "scrub">;
  /** Closes the house, waits for `meanwhile`, which says who is no longer there, and opens it again. */
  readonly reopen: (meanwhile: () => readonly string[]) => Promise<void>;
}

interface Departures {
  leave(person: { readonly id: string; readonly name: string }, confirmed: string): { readonly receipt: string; begin(): void };
  receipts(): readonly Receipt[];
  /** Looks after what a run before this one still owes the twin. */
  watch(): void;
  close(): void;
}

const lookMs = 1000;

export function createDepartures({ home, clock, log, store, reopen }: DeparturesParts): Departures {
  let stop: (() => void) | undefined;
  let isLooking = false;
  let reopening: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      if (await noteTwinAnswers(home, store())) return;
      stop?.();
      stop = undefined;
    } catch (thrown) {
      log.warn({ code: toGatewayError(thrown).code }, "whether the twin has erased somebody who left could not be read; it is tried again");
    } finally {
      isLooking = false;
    }
  };
  const watch = () => {
    stop ??= clock.every(lookMs, () => void look());
  };
  const onFailure = (what: string) => log.error({ what }, "somebody who left is not erased yet");
  return {
    leave(person, confirmed) {
      const receipt = decideLeaving(home, person, confirmed);
      const begin = () => {
        log.info({ receipt }, "somebody leaves this home: it closes for a moment to erase what it has of them");
        // One after the other. A house that does not open again ends the process, which is then started anew.
        reopening = reopening.then(() => reopen(() => carryOutLeavings(home, onFailure))).then(watch);
      };
      return { receipt, begin };
    },
    receipts: () => openReceipts(home.dataDir).all(),
    watch,
    close: () => stop?.(),
  };
}
