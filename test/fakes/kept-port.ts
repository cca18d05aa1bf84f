/** A port for a server that is started more than once, and that nobody takes while it is down. */

import { randomInt } from "node:crypto";
import { claimPort } from "../../gateway/config/home-folder.ts";

/** Below those that Hearth takes where any will do, which lie below those that a system gives to connections: one of these could be gone at the next start. */
const from = 10_000;
const to = 20_000;

export async function keptPort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await claimPort(randomInt(from, to), "127.0.0.1", { name: "test", fallback: false });
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}
