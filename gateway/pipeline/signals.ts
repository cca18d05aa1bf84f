/** What one part of the house says and others, which start later, listen to. */

import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { AlertChange } from "../alert/core.ts";
import { createFanOut } from "../runtime/fan-out.ts";

export type Signals = ReturnType<typeof createSignals>;

export function createSignals() {
  return {
    /** The disk refuses the journal a group; true = it may try again. */
    journalRefused: createFanOut<[GatewayError], Promise<boolean>>(),
    /** The store could not write; it keeps what was refused. */
    storeRefused: createFanOut<[unknown]>(),
    /** Changes of alerts that are stored. */
    alertsChanged: createFanOut<[readonly AlertChange[]]>(),
    /** The same, of those that the river itself decided: their rows for the twin are in the outbox. */
    riverAlerts: createFanOut<[]>(),
    events: createFanOut<[person: string, events: readonly PersonEvent[]]>(),
    /** A device came, went or fell silent. */
    presence: createFanOut<[device: string]>(),
    /** A driver owes its device these bytes. */
    reply: createFanOut<[device: string, channel: string, bytes: Uint8Array]>(),
    /** What a device is to be told of what it has sent. */
    refused: createFanOut<[device: string, refusals: readonly Refusal[]], Promise<void>>(),
    /** Something was refused at the broker, to this account where one was named. */
    denied: createFanOut<
      [denied: { readonly reason: string; readonly account?: string | undefined; readonly topic?: string | undefined }],
      Promise<void>
    >(),
  };
}
