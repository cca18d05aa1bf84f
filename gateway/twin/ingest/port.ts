/**
 * The way in for what gateways send, and the way out to them: an embedded broker, or the client of an engine that runs elsewhere. The twin's workers
 * know nothing else of it.
 */

import type { TrafficClass } from "../../../device-drivers/contract/event.ts";
import type { DoorRefusal } from "../../runtime/door.ts";

/** A message on `up/<class>`, from a gateway whose account was checked on the way. */
export interface UpMessage {
  readonly gateway: string;
  readonly class: TrafficClass;
  readonly bytes: Uint8Array;
}

export type IngestRefusal = "topic" | "password" | "password_busy" | "size" | DoorRefusal;

/** What a worker does with what comes in. */
export interface IngestHandlers {
  /**
   * Resolves when the message is settled, stored or refused, and the way in may forget it. Rejects where it is neither: the way in gives it again, to
   * any worker, or lets its sender do so. Messages may be given before the last one is settled, up to a bound that the way in keeps.
   */
  receive(message: UpMessage): Promise<void>;
  /** What a gateway reports as in force, as it came. */
  report(gateway: string, bytes: Uint8Array): Promise<void>;
  /** A client or a message was kept out before it came this far. */
  refused(reason: IngestRefusal): void;
}

/** What a way in that keeps messages knows of them, for all workers together. */
export interface IngestFigures {
  /** `waiting` with no worker yet, `unsettled` with one. */
  readonly classes: readonly { readonly class: TrafficClass; readonly waiting: number; readonly unsettled: number }[];
  /** Messages that are no longer kept, since the stream was made. */
  readonly settledTotal: number;
  /** When the oldest that is kept came, wall time of the servers. */
  readonly oldestUs?: number;
}

export interface Ingest {
  /** Only of a way in that keeps what comes until a worker has settled it. */
  figures?(): Promise<IngestFigures>;
  /** Sends `ack` home; called after the commit and at no other time. */
  acknowledge(gateway: string, bytes: Uint8Array): Promise<void>;
  /** The newest wish: sent now, and again at each of the gateway's connections. */
  publishDesired(gateway: string, text: string): Promise<void>;
  /** Something that was done with an alert: reaches the gateway where it has a line now. */
  sendAct(gateway: string, text: string): Promise<void>;
  /** True while the gateway has a line to any of the workers. */
  isConnected(gateway: string): Promise<boolean>;
  /** Hands on no message that comes from now on; what was handed on may still be settled and acknowledged. */
  pause(): Promise<void>;
  /** What is not settled by then comes again, to another worker or at the next start. */
  close(): Promise<void>;
}
