/**
 * Who has left a home, so that a list which still names them does not bring them back. Nothing of them is kept but what a guess at their short name can be
 * compared with: a salted, slow hash.
 */

import { randomBytes, scryptSync } from "node:crypto";

/** Where the store keeps it. */
export const leftPeopleKey = "left-people";

interface Left {
  readonly salt: string;
  readonly hashes: readonly string[];
}

/** The oldest are forgotten beyond this: a home has room for 64 people. */
const mostKept = 500;

export function hasLeft(kept: Uint8Array | undefined, person: string): boolean {
  const { salt, hashes } = read(kept);
  return hashes.length > 0 && hashes.includes(hashOf(salt, person));
}

/** With this person among those who have left. */
export function withLeft(kept: Uint8Array | undefined, person: string): Uint8Array {
  const { salt, hashes } = read(kept);
  const hash = hashOf(salt, person);
  return write({ salt, hashes: [...hashes.filter((each) => each !== hash), hash].slice(-mostKept) });
}

/** An admin has let them in again. */
export function withoutLeft(kept: Uint8Array | undefined, person: string): Uint8Array {
  const { salt, hashes } = read(kept);
  const hash = hashOf(salt, person);
  return write({ salt, hashes: hashes.filter((each) => each !== hash) });
}

function hashOf(salt: string, person: string): string {
  return scryptSync(person, Buffer.from(salt, "base64"), 16).toString("base64");
}

function read(kept: Uint8Array | undefined): Left {
  return kept === undefined
    ? { salt: randomBytes(16).toString("base64"), hashes: [] }
    : (JSON.parse(new TextDecoder().decode(kept)) as Left);
}

function write(left: Left): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(left));
}
