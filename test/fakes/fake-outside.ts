/** Conditions of other programs, calls for help and where people are, without a gateway: the real books over an alert core that stores nothing. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { createHelp } from "../../gateway/alert/help.ts";
import { createOutside } from "../../gateway/alert/outside.ts";
import { createPresence } from "../../gateway/alert/presence.ts";
import type { GatewayView } from "../../gateway/view/view-port.ts";

export function createFakeOutside(
  clock: Clock,
  people: () => readonly { readonly id: string }[],
): Pick<GatewayView, "outside" | "help" | "presence"> {
  const core = createAlertCore({ newId: (key) => key, mode: "demo" });
  const nowUs = () => clock.wallUs();
  const desk = {
    decideStored: async (person: string, decision: Parameters<typeof core.decide>[1]) => core.decide(person, decision, nowUs()),
    retire: (records: Parameters<typeof core.retire>[0], reason: string) => void core.retire(records, reason, nowUs()),
  };
  const values = new Map<string, Uint8Array>();
  const store = {
    commit: async () => {},
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  const parts = { clock, nowUs, desk, store, held: core.held, onStoreError: () => {} };
  const hasPerson = (id: string) => people().some((person) => person.id === id);
  return {
    outside: createOutside({ ...parts, hasPerson, mayRaiseHigh: false }),
    help: createHelp({ ...parts, people }),
    presence: createPresence({ ...parts, people, onCovered() {}, onUncovered() {}, setOverdue() {} }),
  };
}
