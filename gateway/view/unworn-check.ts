/** Reads along what a device sends that nobody wears, only to tell it what would be wrong: whoever sets a sensor up hears it before somebody wears it. Keeps nothing. */

import type { DriverInstance } from "../../device-drivers/contract/driver.ts";
import type { DriverOf } from "../ingest/load-drivers.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { Store } from "../store/store-port.ts";
import { readDescriptors } from "../strips/kept-descriptors.ts";
import type { DeviceAnswers } from "./device-answers.ts";

interface UnwornCheckParts {
  readonly driverOf: DriverOf;
  readonly store: Pick<Store, "getValue">;
  readonly receiver: Pick<Receiver, "watch">;
  readonly refused: DeviceAnswers["refused"];
}

interface UnwornCheck {
  /** The device sends and nobody wears it. */
  begin(device: string): void;
  /** Somebody wears it, or it sends no more. */
  end(device: string): void;
}

const stamps = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "unsynced" } as const;

export function createUnwornCheck({ driverOf, store, receiver, refused }: UnwornCheckParts): UnwornCheck {
  const stops = new Map<string, () => void>();

  const read = async (device: string, create: () => DriverInstance, isOver: () => boolean): Promise<() => void> => {
    const kept = Object.entries(await readDescriptors(store, device));
    if (isOver()) return () => {};
    const instance = create();
    const push = (chunk: Parameters<DriverInstance["push"]>[0]) => {
      try {
        instance.push(chunk);
      } catch {
        // A driver that falls over a record is told of where somebody wears the device.
      }
      // What is said of it passes with the next minute: there is no sample yet that could take it back.
      return (instance.takeRefused?.() ?? []).map((refusal) => ({ ...refusal, isTaken: true as const }));
    };
    for (const [channel, text] of kept) push({ link: "store", device, channel, bytes: new TextEncoder().encode(text), stamps });
    return receiver.watch(device, (chunk) => {
      const mistakes = push(chunk);
      if (mistakes.length > 0) void refused(device, mistakes);
    });
  };

  return {
    begin(device) {
      const found = driverOf(device);
      if (found === undefined || stops.has(device)) return;
      let isOver = false;
      let stop = () => {};
      stops.set(device, () => {
        isOver = true;
        stop();
      });
      void read(
        device,
        () => found.driver.create(found.options, device),
        () => isOver,
      ).then(
        (stopReading) => {
          if (isOver) stopReading();
          else stop = stopReading;
        },
        // A store that cannot be read is told elsewhere; the next look begins anew.
        () => void stops.delete(device),
      );
    },
    end(device) {
      stops.get(device)?.();
      stops.delete(device);
    },
  };
}
