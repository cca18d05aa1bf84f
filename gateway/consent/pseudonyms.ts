/**
 * Names under which the twin knows people: HMAC-SHA256 (RFC 2104) under a key that never leaves the house, so that nobody who has what was sent can tell whose
 * it is, or try ids on it. A person has one name for as long as the home keeps its key.
 */

import { createHmac } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { Store } from "../store/store-port.ts";

export interface Pseudonyms {
  /** Of a person's id; as an id is written. */
  person(id: string): string;
  /** Stands for what people call the person with this id. */
  name(id: string): string;
  /** Of anything that must not be guessed from what it is made of. */
  hash(text: string): string;
  /** Up to here the twin was told of people under their own ids; 0 in a home that never did so. */
  readonly plainUntilUs: number;
}

/** As the store keeps it, JSON under this key. */
export const pseudonymsKey = "pseudonyms";

interface Kept {
  /** Base64. */
  readonly key: string;
  readonly plainUntilUs: number;
}

interface PseudonymsParts {
  readonly store: Pick<Store, "getValue" | "commit">;
  readonly nowUs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Of whom the twin has been told under their own ids: those of a home that an older Hearth has run. */
  readonly toldPlain: readonly string[];
  /** The house itself, which keeps its name. */
  readonly house: string;
}

const keyBytes = 32;
/** 64 bits: two of the 64 people of a home are alike once in 10^16 homes. */
const hexDigits = 16;

/** Makes the key at the first start, and owes the twin the new name of each whom it knows under another. */
export async function openPseudonyms({ store, nowUs, randomBytes, toldPlain, house }: PseudonymsParts): Promise<Pseudonyms> {
  const kept = await store.getValue(pseudonymsKey);
  if (kept !== undefined) return pseudonymsOf(JSON.parse(new TextDecoder().decode(kept)) as Kept, house);
  const timeUs = nowUs();
  const made: Kept = { key: Buffer.from(randomBytes(keyBytes)).toString("base64"), plainUntilUs: toldPlain.length === 0 ? 0 : timeUs };
  const names = pseudonymsOf(made, house);
  const outbox = toldPlain.map((before) => shippedPayloads.toOutbox({ kind: "renamed", before, person: names.person(before), timeUs }));
  const value = new TextEncoder().encode(JSON.stringify(made));
  // On a full disk a home opens all the same: the commit waits, and goes before all that is sent under the new names is forgotten.
  await store.commit({ person: house, values: [{ key: pseudonymsKey, value }], outbox }, true).catch((thrown: unknown) => {
    if (!(thrown instanceof GatewayError) || thrown.kind !== "world") throw thrown;
  });
  return names;
}

/** Those of a home whose key is at hand. */
export function pseudonymsOf({ key, plainUntilUs }: Kept, house: string): Pseudonyms {
  const known = new Map<string, string>();
  const secret = Buffer.from(key, "base64");
  const hash = (text: string) => createHmac("sha256", secret).update(text).digest("hex");
  const of = (letter: "p" | "n", id: string) => {
    const alias = known.get(letter + id) ?? `${letter}-${hash(`${letter}\n${id}`).slice(0, hexDigits)}`;
    known.set(letter + id, alias);
    return alias;
  };
  return { person: (id) => (id === house ? id : of("p", id)), name: (id) => of("n", id), hash, plainUntilUs };
}
