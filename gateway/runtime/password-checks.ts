/** Checks of passwords that strangers ask for: each costs little, or waits its turn among few. Nobody's guesses keep the owner of an account out. */

import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { hashSecret, isPassword, isSecret, newSecret } from "./password.ts";

/** "busy": too many wrong passwords or too many checks at once; nothing was checked. */
export type PasswordVerdict = "right" | "wrong" | "busy";

interface PasswordChecks {
  /** @param stored hash of the account; undefined where there is no such account. Never rejects. */
  check(user: string, stored: string | undefined, password: Uint8Array, address: string): Promise<PasswordVerdict>;
}

/** Wrong passwords for one name from one address before it has to wait, how long, and how many such pairs are remembered. */
const FREE_FAILURES = 5;
const WAIT_MS = 30_000;
const MAX_REMEMBERED = 4096;
/** Stretched checks are slow on purpose; after a power cut a whole home connects at once and waits its turn. */
const MAX_CHECKS_AT_ONCE = 2;
const MAX_CHECKS_WAITING = 256;

export function createPasswordChecks(clock: Clock): PasswordChecks {
  const processKey = randomBytes(32);
  /** The last right password of an account, as a proof that is worth nothing outside this process. */
  const proven = new Map<string, string>();
  /** The same password, asked for again meanwhile, waits for the same check. */
  const checking = new Map<string, Promise<boolean | undefined>>();
  const failures = createFailureWatch(clock);
  const decoy = hashSecret(newSecret());
  const turns = createTurns();

  return {
    async check(user, stored, password, address) {
      // An unknown name costs the same time as a wrong secret.
      const isRightSecret = isSecret(password, stored ?? decoy);
      if (stored === undefined) proven.delete(user);
      if (stored === undefined || isRightSecret !== undefined) return isRightSecret === true && stored !== undefined ? "right" : "wrong";
      const proof = createHmac("sha256", processKey).update(`${user}\0${stored}\0`).update(password).digest("base64");
      if (proven.get(user) === proof) return "right";
      const asker = `${address} ${user}`;
      const known = checking.get(proof);
      if (known === undefined && !failures.mayTry(asker)) return "busy";
      if (known === undefined) failures.begin(asker);
      const check = known ?? turns.take(() => isPassword(password, stored)).finally(() => failures.end(asker));
      checking.set(proof, check);
      const isRight = await check;
      checking.delete(proof);
      if (isRight === undefined) return "busy";
      if (isRight) proven.set(user, proof);
      else failures.note(asker);
      return isRight ? "right" : "wrong";
    },
  };
}

/** Runs few checks at once and lets the rest wait; undefined = too many wait already. A check that breaks counts as wrong. */
function createTurns() {
  const waiting: (() => void)[] = [];
  let runningCount = 0;
  return {
    async take(check: () => Promise<boolean>): Promise<boolean | undefined> {
      if (runningCount >= MAX_CHECKS_AT_ONCE) {
        if (waiting.length >= MAX_CHECKS_WAITING) return undefined;
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else runningCount++;
      try {
        return await check().catch(() => false);
      } finally {
        const next = waiting.shift();
        if (next === undefined) runningCount--;
        else next();
      }
    },
  };
}

/** Wrong passwords per asker, and those that are being checked; after the free ones it waits, and time forgets. */
function createFailureWatch(clock: Clock) {
  /** The one that failed longest ago comes first. */
  const byAsker = new Map<string, { count: number; lastUs: number }>();
  const begun = new Map<string, number>();
  const fresh = (asker: string) => {
    const entry = byAsker.get(asker);
    if (entry !== undefined && clock.monotonicUs() - entry.lastUs >= WAIT_MS * 1000) byAsker.delete(asker);
    return byAsker.get(asker);
  };
  return {
    mayTry: (asker: string) => (fresh(asker)?.count ?? 0) + (begun.get(asker) ?? 0) < FREE_FAILURES,
    begin: (asker: string) => void begun.set(asker, (begun.get(asker) ?? 0) + 1),
    end(asker: string) {
      const left = (begun.get(asker) ?? 0) - 1;
      if (left > 0) begun.set(asker, left);
      else begun.delete(asker);
    },
    note(asker: string) {
      const count = (fresh(asker)?.count ?? 0) + 1;
      byAsker.delete(asker);
      const [oldest] = byAsker.keys();
      if (byAsker.size >= MAX_REMEMBERED && oldest !== undefined) byAsker.delete(oldest);
      byAsker.set(asker, { count, lastUs: clock.monotonicUs() });
    },
  };
}
