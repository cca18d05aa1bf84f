/** How this browser gets in and out: by a one-time code, a token, or the session that it has kept. */

import { isCode, RequestFailed, redeem, signOut, storedToken, storeToken } from "./client.ts";

/** Why the page asks again who it is. */
export type Refusal = "token" | "code" | "ended" | "unreachable";

interface Door {
  /** Begins to show what the stored token or session opens. */
  watch(): void;
  /** Forgets everything. */
  leave(refused?: Refusal): void;
}

export function createSignIn({ watch, leave }: Door) {
  async function enter(code: string): Promise<void> {
    try {
      await redeem(code);
      watch();
    } catch (error) {
      // A code that came too late harms no session that is there already.
      if (storedToken() !== undefined) return watch();
      leave(error instanceof RequestFailed && error.status === 401 ? "code" : "unreachable");
    }
  }
  return {
    /** With what is stored, or with the one-time code of the address. */
    start: (code?: string): void => (code === undefined ? watch() : void enter(code)),
    signIn(codeOrToken: string): void {
      if (isCode(codeOrToken)) return void enter(codeOrToken);
      storeToken(codeOrToken);
      watch();
    },
    signOut(): void {
      void signOut();
      leave();
    },
  };
}
