/** Sees two devices that fight for one client id: each connect throws the other out. Pure; time is an argument. */

/** So many takeovers in a row of a connection whose device was still there are an event (devices.md §4). */
const FIGHTS = 3;
/** Takeovers further apart than this are unrelated. */
const FORGET_US = 60_000_000;
const MAX_IDS = 1024;

interface IdentityWatch {
  /** A newer connection of `clientId` replaced one behind which a device was still there, or none was. True = report it. */
  takenOver(clientId: string, wasAlive: boolean, atUs: number): boolean;
}

/** Reports once per row of three fights, and again only after another three. */
export function createIdentityWatch(): IdentityWatch {
  const fights = new Map<string, { count: number; lastUs: number }>();
  return {
    takenOver(clientId, wasAlive, atUs) {
      const before = fights.get(clientId);
      fights.delete(clientId);
      if (!wasAlive) return false;
      const isRow = before !== undefined && atUs - before.lastUs < FORGET_US;
      const count = isRow ? before.count + 1 : 1;
      if (count >= FIGHTS) return true;
      if (fights.size >= MAX_IDS) fights.clear();
      fights.set(clientId, { count, lastUs: atUs });
      return false;
    },
  };
}
