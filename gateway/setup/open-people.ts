/** Who lives here, what they wear, and the drivers of it, as a start finds them: the store's, with what hearth.yaml says otherwise than at the last start. */

import type { Kinds } from "../config/kinds.ts";
import type { Config, DeviceConfig } from "../config/schema.ts";
import { type DriverOf, type Drivers, openDrivers } from "../ingest/load-drivers.ts";
import { openRegistry, type Registry } from "../people/registry.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store-port.ts";
import { keptDevices } from "./kept-devices.ts";

export interface People {
  readonly registry: Registry;
  readonly drivers: Drivers;
  readonly driverOf: DriverOf;
  /** With their links, wherever those stand. */
  readonly devices: readonly Pick<DeviceConfig, "id" | "link">[];
}

interface PeopleParts {
  readonly config: Pick<Config, "people" | "devices">;
  readonly kinds: Kinds;
  readonly log: Log;
  readonly store: Store;
  readonly startedUs: number;
}

export async function openPeople({ config, kinds, log, store, startedUs }: PeopleParts): Promise<People> {
  const registry = await openRegistry(store);
  const declared = config.devices.map((device) => ({ ...device, title: device.title ?? device.id, link: device.link.kind }));
  for (const { id, isDone, says } of await registry.declare(config.people, declared, startedUs))
    log[isDone ? "info" : "warn"]({ id }, says);
  await registry.wornBy(startedUs);
  const isHere = ({ id }: { readonly id: string }) => registry.devices().some((each) => each.id === id);
  const devices = [...config.devices.filter(isHere), ...(await keptDevices(store, registry.devices(), config.devices))];
  const drivers = await openDrivers(devices, kinds.drivers);
  return { registry, drivers, driverOf: drivers.of, devices };
}
