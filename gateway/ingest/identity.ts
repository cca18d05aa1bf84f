/** Sees two devices that fight for one client id: each connect throws the other out. Pure; time is an argument. */

/** A close this soon after CONNACK is a takeover's, three of them are an event (devices.md §4). */
const SHORT_US = 5_000_000;
const SHORT_CLOSES = 3;
/** Short closes further apart than this are unrelated. */
const FORGET_US = 60_000_000;
const MAX_IDS = 1024;

export interface IdentityWatch {
  /** A session of `clientId` that was accepted at `connackUs` ended at `closedUs`, neither by its own DISCONNECT nor by a refusal. True = report it. */
  closed(clientId: string, connackUs: number, closedUs: number): boolean;
}

/** Reports once per row of three short sessions, and again only after another three. */
export function createIdentityWatch(): IdentityWatch {
  const short = new Map<string, { count: number; lastUs: number }>();
  return {
    closed(clientId, connackUs, closedUs) {
      const before = short.get(clientId);
      short.delete(clientId);
      if (closedUs - connackUs >= SHORT_US) return false;
      const isRow = before !== undefined && closedUs - before.lastUs < FORGET_US;
      const count = isRow ? before.count + 1 : 1;
      if (count >= SHORT_CLOSES) return true;
      if (short.size >= MAX_IDS) short.clear();
      short.set(clientId, { count, lastUs: closedUs });
      return false;
    },
  };
}
