/**
 * One-time codes that let a browser in: shown on the terminal, as a QR code or on an admin's page, and exchanged for a session once. They live in memory.
 * A code is a name (20 bits) and a secret (40 bits). Wrong secrets are counted against the name that they give, never against who asks, so that nobody's
 * guesses keep anybody else out; five of them end the code, and a guesser must know its name first.
 */

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { digestOf, type Holder } from "./grant.ts";

/** How long a code waits for its use. */
const codeLifeMs = 10 * 60_000;
/** Codes that wait at once; one more ends the oldest. */
const maxCodes = 32;
const maxWrongSecrets = 5;

/** Without 0, O, 1 and I, which are read for each other: 5 bits a letter. */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const nameLetters = 4;
const secretLetters = 8;

export interface SignIn extends Holder {
  /** The token in whose right it was made. */
  readonly of?: string;
}

interface SignInCodes {
  /** `ABCD-EFGH-JKLM`, and its end in milliseconds since 1970. */
  create(signIn: SignIn): { readonly code: string; readonly expiresMs: number };
  /** Uses a code up; undefined for one that is wrong, used, too old or ended. Case, spaces and dashes don't matter. */
  take(code: string): SignIn | undefined;
  /** Ends the codes that were made in the right of this token. */
  drop(token: string): void;
  /** Ends all. */
  clear(): void;
}

export function createSignInCodes(clock: Pick<Clock, "monotonicUs" | "wallUs">): SignInCodes {
  const waiting = new Map<string, { digest: Buffer; signIn: SignIn; untilUs: number; wrong: number }>();
  const sweep = () => {
    for (const [name, { untilUs }] of waiting) if (clock.monotonicUs() >= untilUs) waiting.delete(name);
  };
  return {
    create(signIn) {
      sweep();
      const [oldest] = waiting.keys();
      if (waiting.size >= maxCodes && oldest !== undefined) waiting.delete(oldest);
      let name = letters(nameLetters);
      while (waiting.has(name)) name = letters(nameLetters);
      const secret = letters(secretLetters);
      waiting.set(name, { digest: digestOf(secret), signIn, untilUs: clock.monotonicUs() + codeLifeMs * 1000, wrong: 0 });
      return { code: `${name}-${secret.slice(0, 4)}-${secret.slice(4)}`, expiresMs: clock.wallUs() / 1000 + codeLifeMs };
    },
    take(code) {
      sweep();
      const plain = code.toUpperCase().replaceAll(/[\s-]/g, "");
      const name = plain.slice(0, nameLetters);
      const found = waiting.get(name);
      if (found === undefined) return undefined;
      const isRight = timingSafeEqual(digestOf(plain.slice(nameLetters)), found.digest);
      found.wrong += isRight ? 0 : 1;
      if (isRight || found.wrong >= maxWrongSecrets) waiting.delete(name);
      return isRight ? found.signIn : undefined;
    },
    clear: () => waiting.clear(),
    drop(token) {
      for (const [name, { signIn }] of waiting) if (signIn.of === token) waiting.delete(name);
    },
  };
}

/** 32 letters divide a byte's 256 values evenly. */
function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => alphabet[byte % alphabet.length]).join("");
}
