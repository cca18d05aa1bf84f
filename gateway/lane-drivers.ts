/** The drivers of one person's devices: opened at the first byte, kept over restarts. They see bytes in the journal's order and nothing else. */

import { type Chunk, type Driver, type DriverInstance, emptyCounters } from "../device-drivers/contract/driver.ts";
import type { Block } from "../device-drivers/contract/sample-block.ts";

export interface LaneDrivers {
  /** Blocks of the chunk; none of a device that nobody knows. */
  decode(chunk: Chunk): Block[];
  /** What the device's driver wants sent to it. */
  replies(device: string): { channel: string; bytes: Uint8Array }[];
  counters(device: string): DriverInstance["counters"] | undefined;
  state(): [device: string, state: unknown][];
}

type DriverOf = (device: string) => { driver: Driver; options: unknown } | undefined;

export function createLaneDrivers(driverOf: DriverOf, saved: readonly (readonly [device: string, state: unknown])[] = []): LaneDrivers {
  const instances = new Map<string, DriverInstance>();
  /** Chunks over which a driver fell, by device: a fault of ours that must not take the house with it (law 5). */
  const faults = new Map<string, number>();

  const open = (device: string, state?: unknown) => {
    const found = driverOf(device);
    const instance = found?.driver.create(found.options, device, state);
    if (instance !== undefined) instances.set(device, instance);
    return instance;
  };
  for (const [device, state] of saved) open(device, state);

  return {
    decode(chunk) {
      try {
        return (instances.get(chunk.device) ?? open(chunk.device))?.push(chunk) ?? [];
      } catch {
        faults.set(chunk.device, (faults.get(chunk.device) ?? 0) + 1);
        return [];
      }
    },
    replies: (device) => instances.get(device)?.takeReplies?.() ?? [],
    counters(device) {
      const counters = instances.get(device)?.counters;
      const fault = faults.get(device);
      if (fault === undefined) return counters;
      return { ...(counters ?? emptyCounters()), discarded: { ...counters?.discarded, "driver.fault": fault } };
    },
    // A copy: the drivers go on before it is written.
    state: () => [...instances].map(([device, instance]) => [device, structuredClone(instance.state())]),
  };
}
