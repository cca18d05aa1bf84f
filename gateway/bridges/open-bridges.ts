/** Every bridge of the home as one audience. One that throws harms neither the alert nor another bridge. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, PersonEvent } from "../../device-drivers/contract/event.ts";
import type { FanOut } from "../runtime/fan-out.ts";
import type { Bridge, BridgeContext, BridgeKind } from "./bridge.ts";

interface BridgesParts extends BridgeContext {
  /** `bridges` of hearth.yaml, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly onFault: (name: string, error: unknown) => void;
}

interface Said {
  readonly events: Pick<FanOut<[person: string, events: readonly PersonEvent[]]>, "add">;
  readonly alertsChanged: Pick<FanOut<[changes: readonly { readonly alert: AlertRecord }[]]>, "add">;
}

/** Hands bridges the alerts that are open, and from then on all that the house says. */
export function tellBridges(bridges: Required<Bridge>, said: Said, open: () => readonly AlertRecord[]): void {
  bridges.alerts(open(), open());
  said.events.add(bridges.events);
  said.alertsChanged.add((changes) => {
    const changed = changes.map(({ alert }) => alert);
    bridges.alerts(changed, open());
  });
}

export function openBridges(kinds: readonly BridgeKind[], parts: BridgesParts): Required<Bridge> {
  const opened: { name: string; bridge: Bridge }[] = [];
  const attempt = (name: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      parts.onFault(name, error);
    }
  };
  /** What a bridge does by its own timers harms nobody else either. */
  const clockOf = (name: string): Clock => ({
    ...parts.clock,
    after: (delayMs, fn) => parts.clock.after(delayMs, () => attempt(name, fn)),
    every: (periodMs, fn) => parts.clock.every(periodMs, () => attempt(name, fn)),
  });
  for (const { name, options, open } of kinds) {
    const settings = options === undefined ? {} : parts.settings[name];
    if (settings !== undefined) attempt(name, () => opened.push({ name, bridge: open({ ...parts, clock: clockOf(name) }, settings) }));
  }
  return {
    alerts(changed, open) {
      for (const { name, bridge } of opened) attempt(name, () => bridge.alerts?.(changed, open));
    },
    events(person, events) {
      for (const { name, bridge } of opened) attempt(name, () => bridge.events?.(person, events));
    },
    async close() {
      await Promise.all(
        // What comes while the house closes is told no more: a bridge hears nothing after its end.
        opened.splice(0).map(async ({ name, bridge }) => {
          await bridge.close().catch((error: unknown) => parts.onFault(name, error));
        }),
      );
    },
  };
}
