/** What a bridge is: an audience beside the page, the channels and the twin, which tells other programs of the home in their own words. */

import type { Static, TObject, TProperties } from "typebox";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, PersonEvent, VitalCode } from "../../device-drivers/contract/event.ts";
import type { Presence, PresenceState } from "../alert/presence-port.ts";
import type { Log } from "../runtime/log.ts";
import type { Refusals } from "../runtime/refusals.ts";
import type { Store, Wearing } from "../store/store-port.ts";

export interface Bridge {
  /** Alerts that have changed, once stored, and all that are open. */
  alerts?(changed: readonly AlertRecord[], open: readonly AlertRecord[]): void;
  events?(person: string, events: readonly PersonEvent[]): void;
  close(): Promise<void>;
}

/** Who lives here, what they wear and how it all stands now; asked whenever a bridge wants to know. */
export interface HouseNow {
  people(): readonly PersonNow[];
  devices(): readonly DeviceNow[];
  streams(): readonly StreamNow[];
  /** Who wore what and when, the newest last. */
  wearings(): readonly Wearing[];
  /** Seconds without a usable sample of this device after which somebody is told. */
  missingAfterS(device: string): number;
}

export interface PersonNow {
  readonly id: string;
  readonly name: string;
  /** One of all that they wear. */
  readonly heartRateBpm?: number;
  readonly heartRateAgeS?: number;
  readonly heartRateSource?: { readonly quality: "good" | "poor" };
  /** There while good sensors contradict each other: without a number none of theirs is to be taken for it. */
  readonly heartRateDisagreement?: unknown;
  /** What devices measure themselves. */
  readonly vitals: readonly VitalNow[];
  /** Wearables that this person wears. */
  readonly devices: readonly string[];
  /** Seconds watched per rule; a sum that grows while the rule could raise its alert. */
  readonly watchedS: Readonly<Record<string, number>>;
  readonly presence: Omit<Presence, "person">;
}

interface VitalNow {
  readonly code: VitalCode;
  readonly device: string;
  readonly unit: string;
  /** Absent where the device says that there is none. */
  readonly value?: number;
  readonly timeUs: number;
  /** Later than this the value is no longer the present's. */
  readonly freshUs: number;
}

export interface DeviceNow {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly person?: string;
  /** As DeviceView has them. */
  readonly state: string;
  readonly batteryPct?: number;
}

export interface StreamNow {
  readonly device: string;
  readonly quality: "good" | "poor" | "bad" | "unknown";
  readonly contact: "on" | "off" | "unknown";
  readonly lastSampleUs?: number;
}

export interface BridgeContext {
  readonly site: string;
  /** Of Hearth. */
  readonly version: string;
  /** The home's broker. */
  readonly broker: {
    publish(topic: string, payload: Uint8Array | string, options?: { retain?: boolean; qos?: 0 | 1 | 2 }): Promise<void>;
  };
  readonly nowUs: () => number;
  /** The device whose ECG a person wears. */
  readonly deviceOf: (person: string) => string | undefined;
  /** An alert in words, with the person's name. */
  readonly title: (alert: AlertRecord) => string;
  /** The same for a locked screen: no name, no value. */
  readonly lock: (alert: AlertRecord) => string;
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  readonly log: Pick<Log, "warn" | "info" | "debug">;
  readonly house: HouseNow;
  /** Takes responsibility for an alert in this name; rejects as the verb does. */
  readonly acknowledge: (alert: string, by: string) => Promise<unknown>;
  /** Begins the countdown of a call for help for a person in this name; rejects as Help does. */
  readonly callForHelp: (person: string, by: string) => Promise<unknown>;
  /** Says where a person is in this name, with a program's right (alert/presence-port.ts); rejects as its `say` does. */
  readonly sayPresence: (person: string, state: PresenceState, untilUs: number | undefined, by: string) => Promise<unknown>;
  /** Keeps a small value of the bridge's own over restarts. */
  readonly store: Pick<Store, "getValue" | "putValue">;
  /** Tells whoever looks after the home what was refused or failed. */
  readonly refusals: Pick<Refusals, "note">;
}

export interface BridgeKind {
  readonly name: string;
  /** The keys of `bridges.<name>` in hearth.yaml: open where that is set. Without them the bridge is always open. */
  readonly options?: TProperties;
  /** What it is, for whoever reads hearth.yaml. */
  readonly description?: string;
  /** Does no waiting: what cannot be reached is the bridge's own to try again. */
  open(context: BridgeContext, settings: unknown): Bridge;
}

/** A bridge of hearth.yaml: `open` is given what has been checked against `options`. */
export function defineBridge<const Options extends TProperties>(entry: {
  readonly name: string;
  readonly description?: string;
  readonly options: Options;
  open(context: BridgeContext, settings: Static<TObject<Options>>): Bridge;
}): BridgeKind {
  return entry as BridgeKind;
}
