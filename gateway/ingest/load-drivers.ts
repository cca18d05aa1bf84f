/** Loads the drivers that this home's devices need, before the first byte; a name that nobody knows is the operator's error. */

import type { Driver } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type DriverRegistry, driverRegistry } from "../../device-drivers/index.ts";

export type DriverOf = (device: string) => { driver: Driver; options: unknown } | undefined;

interface Wanted {
  readonly id: string;
  readonly driver: string;
  readonly options?: unknown;
}

/** A device that only has an account speaks the house's own profile. */
const profileOfStrangers = "hearth-stream";

/** Throws `config.unknown_driver` (operator). */
export async function loadDrivers(devices: readonly Wanted[], registry: DriverRegistry = driverRegistry): Promise<DriverOf> {
  const loaded = new Map<string, Driver>();
  for (const name of new Set([...devices.map(({ driver }) => driver), profileOfStrangers]))
    loaded.set(name, await loadDriver(name, registry));
  const byDevice = new Map(devices.map((device) => [device.id, device]));
  return (device) => {
    const wanted = byDevice.get(device);
    const driver = loaded.get(wanted?.driver ?? profileOfStrangers);
    return driver === undefined ? undefined : { driver, options: wanted?.options ?? {} };
  };
}

export async function loadDriver(name: string, registry: DriverRegistry = driverRegistry): Promise<Driver> {
  const load = registry[name];
  if (load !== undefined) return load();
  const known = Object.keys(registry).join(", ");
  throw new GatewayError("config.unknown_driver", "operator", `There is no driver "${name}"; there are ${known}.`, {
    fields: { driver: name },
  });
}
