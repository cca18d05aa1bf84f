/** What a secret opens: a role, for everybody or for some persons, under a name of its own or a shared one. */

import { createHash } from "node:crypto";
import type { Role } from "../view/view-port.ts";

/** Whom a grant is for. */
export interface Holder {
  readonly role: Role;
  /** Signs acknowledgements; without it a request brings its own name. */
  readonly name?: string;
  /** Only these persons' alerts, streams and devices; undefined = everybody's, those who move in later too. */
  readonly persons?: readonly string[];
}

/** A token lasts until it is revoked; a session ends by itself when it is not used. Times are milliseconds since 1970. */
export interface Grant extends Holder {
  readonly id: string;
  readonly kind: "token" | "session";
  /** Undefined for a token of tokens.json. */
  readonly createdMs?: number;
  /** The token in whose right a session was opened; it ends with it. Undefined for one that the gateway's own start let in. */
  readonly of?: string;
  /** When a session was last seen, to the day. */
  readonly usedMs?: number;
}

/** Only this is kept of a secret. Secrets have 144 random bits, so that a plain hash cannot be searched. */
export function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}

export function holderOf({ role, name, persons }: Holder): Holder {
  return { role, ...(name === undefined ? {} : { name }), ...(persons === undefined ? {} : { persons }) };
}
