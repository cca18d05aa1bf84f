/**
 * Many gateways that fall silent together are one incident of the operator's (a provider, a broker, a release), not thousands of messages. What is
 * open is the store's, so that one of all workers tells it.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { TwinStore, WatchedGateway } from "./store/port.ts";

/** Fewer are homes of their own accord, or too small a share of all. */
const leastGateways = 20;
const leastShare = 0.02;
/** Over when fewer than half as many are left, so that it is not told again and again. */
const endShare = 0.5;
const togetherUs = 300_000_000;
/** Of its gateways the last ones come back after it is over. */
const returnUs = 900_000_000;

/** Most gateways whose last words lie within five minutes. `lastHeardUs` are those of gateways that are silent now. */
export function silentTogether(lastHeardUs: readonly number[]): number {
  const times = [...lastHeardUs].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  times.forEach((timeUs, last) => {
    while (timeUs - (times[first] ?? timeUs) > togetherUs) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** @param of how many gateways are enrolled */
export function isIncident(together: number, of: number, isOpen: boolean): boolean {
  const [least, share] = isOpen ? [leastGateways * endShare, leastShare * endShare] : [leastGateways, leastShare];
  return together >= least && together > of * share;
}

export interface Together {
  /**
   * @param silent gateways that are silent now
   * @param of how many gateways are enrolled
   */
  look(silent: readonly Pick<WatchedGateway, "heardUs">[], of: number): Promise<void>;
  /** Whether what a gateway does now is part of an incident: its silence while one is open, its return for a while longer. */
  isPart(isHeardAgain: boolean): boolean;
  /** How many have fallen silent together, as of the last look; 0 where that is no incident. */
  gateways(): number;
}

interface TogetherOptions {
  readonly store: Pick<TwinStore, "openIncident" | "endIncident" | "incidents">;
  readonly clock: Pick<Clock, "wallUs">;
  /** Told when many fall silent together and when that is over (undefined), by one worker of all. */
  readonly onIncident: (incident: { readonly gateways: number; readonly of: number } | undefined) => void;
}

export function createTogether({ store, clock, onIncident }: TogetherOptions): Together {
  let isOpen = false;
  let isReturning = false;
  let gateways = 0;
  return {
    async look(silent, of) {
      const together = silentTogether(silent.flatMap(({ heardUs }) => heardUs ?? []));
      const [newest] = await store.incidents(1);
      const wasOpen = newest !== undefined && newest.endedUs === undefined;
      const is = isIncident(together, of, wasOpen);
      const nowUs = Math.round(clock.wallUs());
      if (is && (!wasOpen || together > newest.gateways)) {
        if (await store.openIncident({ openedUs: nowUs, gateways: together, of })) onIncident({ gateways: together, of });
      } else if (!is && wasOpen && (await store.endIncident(nowUs))) onIncident(undefined);
      gateways = is ? together : 0;
      isOpen = is || wasOpen;
      isReturning = isOpen || (newest?.endedUs !== undefined && Math.abs(nowUs - newest.endedUs) < returnUs);
    },
    isPart: (isHeardAgain) => (isHeardAgain ? isReturning : isOpen),
    gateways: () => gateways,
  };
}
