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

export interface Drivers {
  readonly of: DriverOf;
  /** From now on the device has this driver; loaded before its first byte. Throws `config.unknown_driver` (operator). */
  add(device: Wanted): Promise<void>;
}

/** Throws `config.unknown_driver` (operator). */
export async function openDrivers(devices: readonly Wanted[], registry: DriverRegistry = driverRegistry): Promise<Drivers> {
  const loaded = new Map<string, Driver>([[profileOfStrangers, await loadDriver(profileOfStrangers, registry)]]);
  const byDevice = new Map<string, Wanted>();
  const add = async (device: Wanted) => {
    if (!loaded.has(device.driver)) loaded.set(device.driver, await loadDriver(device.driver, registry));
    byDevice.set(device.id, device);
  };
  for (const device of devices) await add(device);
  return {
    add,
    of(device) {
      const wanted = byDevice.get(device);
      const driver = loaded.get(wanted?.driver ?? profileOfStrangers);
      return driver === undefined ? undefined : { driver, options: wanted?.options ?? {} };
    },
  };
}

/** The same for devices that stay as they are. */
export async function loadDrivers(devices: readonly Wanted[], registry?: DriverRegistry): Promise<DriverOf> {
  return (await openDrivers(devices, registry)).of;
}

export async function loadDriver(name: string, registry: DriverRegistry = driverRegistry): Promise<Driver> {
  const load = registry[name];
  if (load !== undefined) return load();
  const known = Object.keys(registry).join(", ");
  throw new GatewayError("config.unknown_driver", "operator", `There is no driver "${name}"; there are ${known}.`, {
    fields: { driver: name },
  });
}
