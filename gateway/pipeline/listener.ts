/** What looks at the river without being part of it: pages, strips, technical alerts. Told after the fact; nothing here changes a decision. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { AlertChange } from "../alert/core.ts";
import type { Decided } from "./decide.ts";
import type { Settled } from "./settle-queue.ts";

export interface PipelineListener {
  /** Told after the rows are in the store. */
  onAlert(changes: readonly AlertChange[]): void;
  /** Of the present; what a device brought of an earlier time is in the store alone. */
  onEvents(person: string, events: readonly PersonEvent[]): void;
  /** Sees each settled item of the present with what was decided of it, in order; not during recovery. */
  onSettled?(person: string, settled: Settled, decided: Decided): void;
  onStripsDue(due: readonly StripDue[]): void;
  onStoreError(error: GatewayError): void;
  /** A batch was judged and the journal did not keep it; later, that it keeps what comes in this channel again. */
  onNotKept?(person: string, chunk: Chunk, error: GatewayError): void;
  onKept?(person: string, chunk: Chunk): void;
  /** A part of the river fell over a record; the river goes on with the next. */
  onFault(error: GatewayError): void;
  /** The driver wants these bytes sent to its device. */
  onReply(device: string, channel: string, bytes: Uint8Array): void;
  /** What the device is to be told of the bytes that have just come. */
  onRefused?(device: string, refusals: readonly Refusal[]): void;
}
