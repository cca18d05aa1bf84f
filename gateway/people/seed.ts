/**
 * What hearth.yaml asked for at the last start that read it. The store owns people, devices and wearing; the file is applied where it has changed since,
 * so that it never undoes by itself what was changed on the page (decisions/who-owns-what.md).
 */

import { isDeepStrictEqual } from "node:util";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Device, Person, Store } from "../store/store-port.ts";

export type SeededDevice = Device & { readonly wornBy?: string; readonly placement?: string };

export interface Seed {
  readonly people: readonly Person[];
  readonly devices: readonly SeededDevice[];
}

/** The link of a device that was taken out of the home. */
export const removed = "removed";

const key = "hearth-yaml";

/** Undefined in a home that no Hearth with this memory has started yet. */
export async function readSeed(store: Pick<Store, "getValue">): Promise<Seed | undefined> {
  const bytes = await store.getValue(key);
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as Seed);
}

/** What is so already is not written. A disk that refuses it keeps no home shut: the next start goes by the memory before. */
export async function keepSeed(store: Pick<Store, "putValue">, before: Seed | undefined, now: Seed): Promise<void> {
  const plain = JSON.parse(JSON.stringify(now)) as Seed;
  if (isDeepStrictEqual(before, plain)) return;
  await store.putValue(key, new TextEncoder().encode(JSON.stringify(plain))).catch((thrown) => {
    if (toGatewayError(thrown).kind !== "world") throw thrown;
  });
}
