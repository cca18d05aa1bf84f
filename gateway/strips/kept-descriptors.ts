/** The newest descriptor of each stream of a device, kept in the store apart from the journal: a strip may begin long after it was sent. */

import type { Store } from "../store/store-port.ts";

const keyOf = (device: string) => `descriptors/${device}`;

/** Texts by the channel on which they came ("ecg/meta"); empty for a device that never sent one. */
export async function readDescriptors(store: Pick<Store, "getValue">, device: string): Promise<Record<string, string>> {
  const bytes = await store.getValue(keyOf(device));
  return bytes === undefined ? {} : (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>);
}

export function writeDescriptors(store: Pick<Store, "putValue">, device: string, kept: Readonly<Record<string, string>>): Promise<void> {
  return store.putValue(keyOf(device), new TextEncoder().encode(JSON.stringify(kept)));
}
