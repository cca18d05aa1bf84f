/** The drivers of one person's devices: opened at the first byte, kept over restarts. They see bytes in the journal's order and nothing else. */

import { type Chunk, type Driver, type DriverInstance, emptyCounters } from "../../device-drivers/contract/driver.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { Block } from "../../device-drivers/contract/sample-block.ts";

import type { PipelineListener } from "./listener.ts";
import { createReception, type Reception } from "./reception.ts";

export interface PersonDrivers {
  /** Blocks of the chunk; none of a device that nobody knows. */
  decode(chunk: Chunk): Block[];
  /** Hands on what the device's driver wants sent to it, and what the device is to be told of its bytes. While old bytes are fed again nobody is told. */
  answer(device: string, listener: Pick<PipelineListener, "onReply" | "onRefused"> | undefined): void;
  counters(device: string): DriverInstance["counters"] | undefined;
  /** What became of the device's bytes since the gateway began with this person. */
  reception(device: string): Reception | undefined;
  state(): [device: string, state: unknown][];
}

const none: readonly Refusal[] = [];

type DriverOf = (device: string) => { driver: Driver; options: unknown } | undefined;

export function createPersonDrivers(driverOf: DriverOf, saved: readonly (readonly [device: string, state: unknown])[] = []): PersonDrivers {
  const instances = new Map<string, DriverInstance>();
  /** Chunks over which a driver fell, by device: a fault of ours that must not take the house with it (law 5). */
  const faults = new Map<string, number>();
  /** The same since the device last gave samples. */
  const faultsInARow = new Map<string, number>();
  const receptions = new Map<string, Reception>();

  const open = (device: string, state?: unknown) => {
    const found = driverOf(device);
    const instance = found?.driver.create(found.options, device, state);
    if (instance !== undefined) instances.set(device, instance);
    return instance;
  };
  for (const [device, state] of saved) open(device, state);

  const receptionOf = (device: string) => {
    const known = receptions.get(device) ?? createReception();
    receptions.set(device, known);
    return known;
  };

  const push = (chunk: Chunk): Block[] => {
    const { device } = chunk;
    try {
      const blocks = (instances.get(device) ?? open(device))?.push(chunk) ?? [];
      if (blocks.length > 0) faultsInARow.delete(device);
      return blocks;
    } catch {
      faults.set(device, (faults.get(device) ?? 0) + 1);
      faultsInARow.set(device, (faultsInARow.get(device) ?? 0) + 1);
      return [];
    }
  };

  const refusalsOf = (device: string): readonly Refusal[] => {
    const refusals = instances.get(device)?.refusals() ?? [];
    const count = faultsInARow.get(device);
    return count === undefined ? refusals : [...refusals, { code: "driver.fault", stream: "", count }];
  };

  return {
    decode(chunk) {
      const blocks = push(chunk);
      receptionOf(chunk.device).take(chunk.stamps.timeUs, blocks, refusalsOf(chunk.device));
      return blocks;
    },
    answer(device, listener) {
      const instance = instances.get(device);
      const refused = instance?.takeRefused?.() ?? none;
      if (listener === undefined) return;
      if (refused.length > 0) listener.onRefused?.(device, refused);
      for (const { channel, bytes } of instance?.takeReplies?.() ?? []) listener.onReply(device, channel, bytes);
    },
    counters(device) {
      const counters = instances.get(device)?.counters;
      const fault = faults.get(device);
      if (fault === undefined) return counters;
      return { ...(counters ?? emptyCounters()), discarded: { ...counters?.discarded, "driver.fault": fault } };
    },
    reception: (device) => receptions.get(device),
    // A copy: the drivers go on before it is written.
    state: () => [...instances].map(([device, instance]) => [device, structuredClone(instance.state())]),
  };
}
