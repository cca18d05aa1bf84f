/** Which rows are on their way, which are held back, and how many more may go. Pure: time is an argument. */

import type { TrafficClass } from "../../device-drivers/contract/event.ts";

interface InFlightOptions {
  /** Rows on their way at once (R2). */
  readonly window: number;
  readonly ackTimeoutMs: number;
}

export interface InFlight {
  readonly size: number;
  /** Rows that are not to be fetched now: on their way, or held back. */
  skip(nowUs: number): ReadonlySet<number>;
  /** Rows of this class that can go now: alerts have a few places of their own beyond the window. */
  room(name: TrafficClass): number;
  sent(n: number, nowUs: number): void;
  /** The row went out on this connection and is still to be acknowledged, late as that may be. */
  isSent(n: number): boolean;
  acknowledged(n: number): void;
  /** The line went down: everything is to be sent again. */
  clear(): void;
  /** Rows too long without an answer leave the window. "dead": nothing at all was answered since the oldest went; "late": only these, and they wait longer each time. */
  expire(nowUs: number, lastAckUs: number): "none" | "late" | "dead";
}

const alertPlaces = 4;
const longestHoldUs = 600_000_000;
const patience = 3;

export function createInFlight({ window, ackTimeoutMs }: InFlightOptions): InFlight {
  const sentAtUs = new Map<number, number>();
  /** Rows that left the window unanswered since the line came up. */
  const late = new Set<number>();
  const held = new Map<number, { untilUs: number; times: number }>();
  const timeoutUs = ackTimeoutMs * 1000;

  return {
    get size() {
      return sentAtUs.size;
    },
    skip(nowUs) {
      const skipped = new Set(sentAtUs.keys());
      for (const [n, { untilUs }] of held) if (untilUs > nowUs) skipped.add(n);
      return skipped;
    },
    room: (name) => Math.max(0, window + (name === "alert" ? alertPlaces : 0) - sentAtUs.size),
    sent: (n, nowUs) => void sentAtUs.set(n, nowUs),
    isSent: (n) => sentAtUs.has(n) || late.has(n),
    acknowledged(n) {
      sentAtUs.delete(n);
      late.delete(n);
      held.delete(n);
    },
    clear() {
      sentAtUs.clear();
      late.clear();
    },
    expire(nowUs, lastAckUs) {
      const expired = [...sentAtUs].filter(([, atUs]) => nowUs - atUs > timeoutUs);
      if (expired.length === 0) return "none";
      const isDead = expired.every(([, atUs]) => atUs > lastAckUs);
      for (const [n] of expired) {
        const times = (held.get(n)?.times ?? 0) + 1;
        // A dead line says nothing about its rows; rows that stay unanswered on one line after another do.
        const holdUs = isDead && times < patience ? 0 : Math.min(longestHoldUs, timeoutUs * 2 ** (times - 1));
        held.set(n, { untilUs: nowUs + holdUs, times });
        sentAtUs.delete(n);
        late.add(n);
      }
      return isDead ? "dead" : "late";
    },
  };
}
