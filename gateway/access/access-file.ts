/** access.json: tokens and sessions by the hash of their secret. It must never hold a secret. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { writePrivateFile, writePrivateFileLater } from "../runtime/private-file.ts";
import { setAside } from "../runtime/set-aside.ts";

const Entry = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 40 }),
  kind: Type.Union([Type.Literal("token"), Type.Literal("session")]),
  role: Type.Union([Type.Literal("patient"), Type.Literal("caregiver"), Type.Literal("integrator"), Type.Literal("admin")]),
  name: Type.Optional(Type.String()),
  persons: Type.Optional(Type.Array(Type.String())),
  of: Type.Optional(Type.String()),
  createdMs: Type.Number(),
  usedMs: Type.Optional(Type.Number()),
  /** SHA-256 of the secret, base64url. */
  sha256: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
});
const AccessFile = Type.Object({ v: Type.Literal(1), entries: Type.Array(Entry) });

/** In the home, or in the demo's own folder. */
export const accessFile = (folder: string): string => join(folder, "access.json");

export type AccessEntry = Static<typeof Entry>;

/** Throws `access.unreadable` (operator) for a damaged file; with `onRepair` it is set aside instead, told in one sentence. */
export function readAccess(path: string, onRepair?: (what: string) => void): AccessEntry[] {
  if (!existsSync(path)) return [];
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (Value.Check(AccessFile, parsed)) return parsed.entries;
  } catch {
    // Told below, as one that has another shape.
  }
  if (onRepair === undefined)
    throw new GatewayError(
      "access.unreadable",
      "operator",
      `${path} is not readable; remove it, and make its tokens anew (hearth token add).`,
    );
  onRepair(setAside(path, "its tokens and sessions open nothing now; make new ones (hearth token add, hearth sign-in)."));
  return [];
}

/**
 * Takes a person who has left out of a file that nobody has open: nobody stays bound to them, and who was bound to nobody else is in it no more. Returns how
 * many those were. A damaged file is set aside.
 */
export function forgetPerson(path: string, person: string): number {
  const entries = readAccess(path, () => {});
  const rest = entries.flatMap((entry) => {
    if (entry.persons?.includes(person) !== true) return [entry];
    const persons = entry.persons.filter((each) => each !== person);
    return persons.length === 0 ? [] : [{ ...entry, persons }];
  });
  if (entries.some(({ persons }) => persons?.includes(person))) writePrivateFile(path, textOf(rest));
  return entries.length - rest.length;
}

const textOf = (entries: readonly AccessEntry[]) => `${JSON.stringify({ v: 1, entries }, null, 2)}\n`;

/** One write after another. Throws `access.unwritable` (world). */
export function createAccessWriter(path: string): (entries: readonly AccessEntry[]) => Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  return (entries) => {
    const text = textOf(entries);
    writing = writing
      .catch(() => undefined)
      .then(() => writePrivateFileLater(path, text))
      .catch((cause) => {
        throw new GatewayError(
          "access.unwritable",
          "world",
          "The file of tokens and sessions cannot be written: what was changed is forgotten at the next start.",
          { cause },
        );
      });
    return writing;
  };
}
