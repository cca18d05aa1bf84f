/** A house for tests of bridges, whose people, wearables and alerts a test changes as it likes. */

import { type VirtualClock, virtualClock } from "../../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../../device-drivers/contract/event.ts";
import type { Cause } from "../../runtime/refusals.ts";
import type { Wearing } from "../../store/store-port.ts";
import type { BridgeContext, DeviceNow, HouseNow, PersonNow, StreamNow } from "../bridge.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const startUs = 1_767_225_600_000_000;

export function alert(id: string, more: Partial<AlertRecord> = {}): AlertRecord {
  const times = { onsetUs: startUs, raisedUs: startUs, lastSeenUs: startUs };
  const base = { person: "person-a", device: "strap", rule: "rhythm.vt", priority: "high", kind: "physiological", state: "notified" } as const;
  return { id, ...base, mode: "real", ...times, count: 1, quality: "good", value: 182, unit: "bpm", snoozes: [], deliveries: [], ...more };
}

/** Person A wears a chest strap that is well. */
export function openHouse() {
  const clock: VirtualClock = virtualClock(startUs);
  const people: Writable<PersonNow>[] = [
    { id: "person-a", name: "Person A", heartRateBpm: 72, heartRateAgeS: 1, vitals: [], devices: ["strap"], watchedS: { "rhythm.vt": 10 }, presence: { state: "home", isOverdue: false } },
    { id: "person-b", name: "Person B", vitals: [], devices: [], watchedS: {}, presence: { state: "home", isOverdue: false } },
  ];
  const devices: Writable<DeviceNow>[] = [
    { id: "strap", title: "Chest strap", driver: "hearth-stream", person: "person-a", state: "online" },
  ];
  const streams: Writable<StreamNow>[] = [{ device: "strap", quality: "good", contact: "on", lastSampleUs: startUs }];
  const wearings: Wearing[] = [{ device: "strap", person: "person-a", placement: "chest", fromUs: 0 }];
  const values = new Map<string, Uint8Array>();
  const causes: Cause[] = [];
  const acknowledged: string[] = [];
  const calls: string[] = [];
  const presences: string[] = [];
  const house: HouseNow = {
    people: () => people,
    devices: () => devices,
    streams: () => streams,
    wearings: () => wearings,
    missingAfterS: () => 120,
  };
  const context: BridgeContext = {
    ...{ site: "home", version: "1.2.3", clock, random: () => 0.5, nowUs: clock.wallUs, house, deviceOf: () => "strap" },
    broker: { publish: async () => {} },
    log: { warn: () => {}, info: () => {}, debug: () => {} },
    title: ({ value }) => `Person A: fast rhythm, ${value} bpm`,
    lock: () => "Hearth: urgent – open to see",
    acknowledge: async (id, by) => void acknowledged.push(`${id} ${by}`),
    callForHelp: async (person, by) => void calls.push(`${person} ${by}`),
    sayPresence: async (person, state, untilUs, by) => {
      presences.push(`${person} ${state} ${untilUs === undefined ? "-" : (untilUs - clock.wallUs()) / 3.6e9} h ${by}`);
    },
    store: { getValue: async (key) => values.get(key), putValue: async (key, bytes) => void values.set(key, bytes) },
    refusals: { note: (cause) => void causes.push(cause) },
  };
  return { clock, context, people, devices, streams, wearings, values, causes, acknowledged, calls, presences };
}
