/** The gateway's side of desired and reported: takes a wish only if the twin signed it and it is newer. What a wish changes is decided elsewhere. */

import type { KeyObject } from "node:crypto";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { openDesired, type SignedDesired } from "../semantic/desired.ts";

interface DesiredOptions {
  readonly gateway: string;
  readonly twinPublicKey: KeyObject;
  /** Newest document that was stored before. */
  readonly stored?: SignedDesired;
  /** Stores it; only then it counts as taken. */
  readonly onAccepted: (desired: SignedDesired) => Promise<void>;
  /** What of the newest wish is followed; unless told, nothing. */
  readonly followed?: () => Followed;
  readonly log: Pick<Log, "warn" | "info" | "debug">;
}

export interface Followed {
  /** What is in force. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names of settings that were wished and are not known here, or not as they were wished. */
  readonly ignored: readonly string[];
  /** What would send more than somebody at home has allowed, and waits for that. */
  readonly waiting: Readonly<Record<string, unknown>>;
}

export interface DesiredPart {
  /** A retained document arrived. True if it is taken (or was already). */
  receive(bytes: Uint8Array): Promise<boolean>;
  /** Retained JSON: the newest wish's `version`, the `settings` in force, the names of those that were wished and are `ignored`, and what is `waiting`. */
  reported(): string;
  /** Refused documents by reason: `desired.forged`, `desired.malformed`, `desired.old`. */
  readonly refused: Readonly<Record<string, number>>;
}

export function createDesiredPart({ gateway, twinPublicKey, stored, onAccepted, followed, log }: DesiredOptions): DesiredPart {
  let newest = stored;
  let turn: Promise<unknown> = Promise.resolve();
  const refused: Record<string, number> = {};

  const take = async (bytes: Uint8Array): Promise<boolean> => {
    try {
      const desired = openDesired(gateway, bytes, twinPublicKey);
      // The retained document comes again at every connection.
      if (desired.version === newest?.version && desired.signature === newest.signature) return true;
      if (desired.version <= (newest?.version ?? 0)) throw new GatewayError("desired.old", "world", "The desired document is not newer.");
      await onAccepted(desired);
      newest = desired;
      return true;
    } catch (thrown) {
      const { code } = toGatewayError(thrown, "desired.not_stored");
      refused[code] = (refused[code] ?? 0) + 1;
      log.warn({ code }, "a desired document was refused");
      return false;
    }
  };

  return {
    receive(bytes) {
      const taken = turn.then(() => take(bytes));
      turn = taken;
      return taken;
    },
    reported() {
      const nothing = { settings: {}, ignored: Object.keys(newest?.settings ?? {}).sort() };
      return JSON.stringify({ version: newest?.version ?? 0, ...(followed?.() ?? nothing) });
    },
    refused,
  };
}
