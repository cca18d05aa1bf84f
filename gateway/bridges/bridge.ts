/** What a bridge is: an audience beside the page, the channels and the twin, which tells other programs of the home in their own words. */

import type { Static, TObject, TProperties } from "typebox";
import type { AlertRecord, PersonEvent } from "../../device-drivers/contract/event.ts";

export interface Bridge {
  /** Alerts that have changed, once stored, and all that are open. */
  alerts?(changed: readonly AlertRecord[], open: readonly AlertRecord[]): void;
  events?(person: string, events: readonly PersonEvent[]): void;
  close(): Promise<void>;
}

export interface BridgeContext {
  readonly site: string;
  /** The home's broker. */
  readonly broker: {
    publish(topic: string, payload: Uint8Array | string, options?: { retain?: boolean; qos?: 0 | 1 | 2 }): Promise<void>;
  };
  readonly nowUs: () => number;
  /** The device whose ECG a person wears. */
  readonly deviceOf: (person: string) => string | undefined;
  /** An alert in words, with the person's name. */
  readonly title: (alert: AlertRecord) => string;
}

export interface BridgeKind {
  readonly name: string;
  /** The keys of `bridges.<name>` in hearth.yaml: open where that is set. Without them the bridge is always open. */
  readonly options?: TProperties;
  /** Does no waiting: what cannot be reached is the bridge's own to try again. */
  open(context: BridgeContext, settings: unknown): Bridge;
}

/** A bridge of hearth.yaml: `open` is given what has been checked against `options`. */
export function defineBridge<const Options extends TProperties>(entry: {
  readonly name: string;
  readonly options: Options;
  open(context: BridgeContext, settings: Static<TObject<Options>>): Bridge;
}): BridgeKind {
  return entry as BridgeKind;
}
