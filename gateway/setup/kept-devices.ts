/** Link and options of devices that were added while the house ran; those of hearth.yaml stand there. */

import type { DeviceConfig } from "../config/schema.ts";
import type { Device, Store } from "../store/store-port.ts";

type Settings = Pick<DeviceConfig, "link" | "options">;

const keyOf = (device: string) => `device-settings/${device}`;

export async function keepDevice(store: Pick<Store, "putValue">, device: string, { link, options }: Settings): Promise<void> {
  await store.putValue(keyOf(device), new TextEncoder().encode(JSON.stringify({ link, options })));
}

/** Those of the home that hearth.yaml does not name, as it would name them. */
export async function keptDevices(
  store: Pick<Store, "getValue">,
  devices: readonly Device[],
  named: readonly { readonly id: string }[],
): Promise<Pick<DeviceConfig, "id" | "driver" | "link" | "options">[]> {
  const kept: Pick<DeviceConfig, "id" | "driver" | "link" | "options">[] = [];
  for (const { id, driver } of devices) {
    if (named.some((each) => each.id === id)) continue;
    const bytes = await store.getValue(keyOf(id));
    const settings = bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as Settings);
    kept.push({ id, driver, link: settings?.link ?? { kind: "mqtt" }, options: settings?.options ?? {} });
  }
  return kept;
}
