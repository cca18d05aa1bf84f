/** A line to the twin on a clock of its own that does to messages what the internet does, both ways: loses, delays, doubles, overtakes, changes bits, and swallows all of them for a while. */

import type { VirtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Link, LinkHandlers } from "../../gateway/sync/link-port.ts";

interface FaultyLink {
  /** As `UplinkOptions.open`. */
  open(handlers: LinkHandlers): Link;
  /** Whether there is a way at all. */
  isReachable: boolean;
  /** It looks alive and carries nothing until then, µs on the clock's monotonic axis. */
  swallowUntilUs: number;
  /** From the twin to the home. */
  answer(topic: string, payload: Uint8Array): void;
  readonly did: Readonly<Record<"carried" | "lost" | "doubled" | "changed" | "swallowed" | "given up", number>>;
}

interface Faults {
  readonly clock: VirtualClock;
  /** Numbers in [0, 1) from a seed. */
  readonly random: () => number;
  /** At the twin's door. */
  readonly onFrame: (topic: string, payload: Uint8Array) => void;
}

const share = { lost: 0.04, doubled: 0.04, changed: 0.02 } as const;
/** Longest way of a message; what takes longer is overtaken. */
const slowestMs = 600;
const reconnectMs = 2000;

export function createFaultyLink({ clock, random, onFrame }: Faults): FaultyLink {
  const did = { carried: 0, lost: 0, doubled: 0, changed: 0, swallowed: 0, "given up": 0 };
  let handlers: LinkHandlers | undefined;
  let isUp = false;
  let isReachable = false;
  let swallowUntilUs = 0;

  const carry = (payload: Uint8Array, arrive: (payload: Uint8Array) => void) => {
    if (clock.monotonicUs() < swallowUntilUs) return void did.swallowed++;
    if (random() < share.lost) return void did.lost++;
    const copies = random() < share.doubled ? 2 : 1;
    if (copies === 2) did.doubled++;
    for (let i = 0; i < copies; i++) {
      const bytes = payload.slice();
      if (random() < share.changed) {
        did.changed++;
        const at = Math.floor(random() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      did.carried++;
      clock.after(Math.ceil(random() * slowestMs), () => arrive(bytes));
    }
  };
  const connect = () => {
    if (isUp || !isReachable) return;
    isUp = true;
    handlers?.onUp();
  };
  const drop = () => {
    if (!isUp) return;
    isUp = false;
    handlers?.onDown("closed");
    clock.after(reconnectMs, connect);
  };

  return {
    did,
    open(given) {
      handlers = given;
      return {
        isUp: () => isUp,
        publish(topic, payload) {
          if (!isUp) return Promise.reject(new GatewayError("sync.offline", "world", "the line is down"));
          if (typeof payload !== "string") carry(payload, (bytes) => onFrame(topic, bytes));
          return Promise.resolve();
        },
        restart() {
          did["given up"]++;
          drop();
        },
        close: () => Promise.resolve(drop()),
      };
    },
    get isReachable() {
      return isReachable;
    },
    set isReachable(can) {
      isReachable = can;
      if (can) connect();
      else drop();
    },
    get swallowUntilUs() {
      return swallowUntilUs;
    },
    set swallowUntilUs(us) {
      swallowUntilUs = us;
    },
    answer(topic, payload) {
      if (isUp) carry(payload, (bytes) => handlers?.onMessage(topic, bytes));
    },
  };
}
