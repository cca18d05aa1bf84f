/** Where bytes come in: the home's broker and the serial and TCP ports, each into the river with the gateway's stamps. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Store } from "../store/store-port.ts";
import type { Broker, DevicePublish, Publisher } from "./broker-port.ts";
import { createDescriptorKeeper } from "./descriptor-keeper.ts";

export const presences = ["waiting", "online", "offline", "sleeping", "error", "silent"] as const;
type Presence = (typeof presences)[number];

interface ReceiverParts {
  readonly site: string;
  readonly clock: Clock;
  readonly stamps: () => GatewayStamps;
  readonly pipeline: Pick<Pipeline, "offer">;
  readonly store: Pick<Store, "getValue" | "putValue">;
  readonly onPresence: (device: string, presence: Presence) => void;
}

export interface Receiver {
  /** The broker's hook: `done` is the PUBACK. */
  publish(publisher: Publisher, message: DevicePublish, done: (error?: Error) => void): void;
  /** Bytes of a serial or TCP port. */
  chunk(chunk: Chunk): void;
  presence(device: string): Presence;
  /** Charge as the device said last, 0–100; undefined where it says none. */
  batteryPct(device: string): number | undefined;
  setPresence(device: string, presence: Presence): void;
  /** Sends what a driver owes its device. */
  reply(broker: Pick<Broker, "publish">, device: string, channel: string, bytes: Uint8Array): void;
  /** Says on the device's `cmd/error` what is wrong, retained; empty bytes take it back. Resolves when whoever listens has been handed it. */
  answer(broker: Pick<Broker, "publish">, device: string, bytes: Uint8Array): Promise<void>;
  /** Shows every message or read of the device as it comes, until the answer is called. */
  watch(device: string, see: (chunk: Chunk) => void): () => void;
  readonly rawBytes: number;
  /** What a device said last of one of its streams ("ecg/meta"). */
  descriptor(device: string, channel: string): Promise<Uint8Array | undefined>;
  /** Messages or reads of a device since the start and when the newest came, whether anybody wears it or not. */
  arrivals(device: string): { readonly count: number; readonly lastUs: number } | undefined;
}

/** Twice what a driver takes: the device's card says which are too many before any is refused here. */
const maxStreams = 64;

const states = new Set<Presence>(["online", "offline", "sleeping", "error"]);

export function createReceiver({ site, clock, stamps, pipeline, store, onPresence }: ReceiverParts): Receiver {
  const presenceOfDevice = new Map<string, Presence>();
  const batteryOfDevice = new Map<string, number>();
  const descriptors = createDescriptorKeeper(store, clock);
  const arrivals = new Map<string, { count: number; lastUs: number }>();
  const watching = new Map<string, Set<(chunk: Chunk) => void>>();
  const streamsOfDevice = new Map<string, Set<string>>();
  let rawBytes = 0;

  const setPresence = (device: string, presence: Presence) => {
    if (presenceOfDevice.get(device) === presence) return;
    presenceOfDevice.set(device, presence);
    onPresence(device, presence);
  };

  const status = (device: string, payload: Uint8Array) => {
    const { presence, batteryPct } = readStatus(payload);
    const isNews = batteryPct !== undefined && batteryPct !== batteryOfDevice.get(device);
    if (isNews) batteryOfDevice.set(device, batteryPct);
    if (isNews && presenceOfDevice.get(device) === presence) onPresence(device, presence);
    setPresence(device, presence);
  };

  /** Journal and broker keep something of each stream's name for ever. */
  const isOneTooMany = (device: string, stream: string) => {
    const streams = streamsOfDevice.get(device) ?? new Set();
    if (!streams.has(stream) && streams.size >= maxStreams) return true;
    streamsOfDevice.set(device, streams.add(stream));
    return false;
  };

  const offer = (chunk: Chunk, done: (error?: GatewayError) => void) => {
    rawBytes += chunk.bytes.length;
    if (watching.size > 0) for (const see of watching.get(chunk.device) ?? []) see(chunk);
    arrivals.set(chunk.device, { count: (arrivals.get(chunk.device)?.count ?? 0) + 1, lastUs: chunk.stamps.timeUs });
    pipeline.offer(chunk, done);
  };

  return {
    publish(_publisher, { device, channel, payload }, done) {
      const [stream = "", leaf] = channel.split("/");
      if (leaf === "raw" || leaf === "meta") {
        if (isOneTooMany(device, stream))
          return done(new GatewayError("ingest.too_many_streams", "operator", `the device has more than ${maxStreams} streams`));
        if (leaf === "meta") descriptors.note(device, channel, payload);
        // One that sends is there, whatever a late end of its last connection has said; a device need not publish a status.
        const known = presenceOfDevice.get(device) ?? "offline";
        if (leaf === "raw" && (known === "offline" || known === "silent")) setPresence(device, "online");
        offer({ link: "mqtt", device, channel: `${stream}/${leaf}`, bytes: payload, stamps: stamps() }, done);
        return;
      }
      if (channel === "status") status(device, payload);
      done();
    },
    chunk: (chunk) => offer(chunk, () => {}),
    presence: (device) => presenceOfDevice.get(device) ?? "waiting",
    batteryPct: (device) => batteryOfDevice.get(device),
    setPresence,
    reply(broker, device, channel, bytes) {
      broker.publish(`hearth/v1/${site}/${device}/${channel}`, bytes, { qos: 1 }).catch(() => {});
    },
    answer: (broker, device, bytes) => broker.publish(`hearth/v1/${site}/${device}/cmd/error`, bytes, { retain: true }).catch(() => {}),
    watch(device, see) {
      const seeing = watching.get(device) ?? new Set();
      watching.set(device, seeing.add(see));
      return () => {
        seeing.delete(see);
        if (seeing.size === 0) watching.delete(device);
      };
    },
    descriptor: descriptors.newest,
    arrivals: (device) => arrivals.get(device),
    get rawBytes() {
      return rawBytes;
    },
  };
}

const maxStatusBytes = 1024;

/** A charge that none can be is as good as none. */
function readStatus(payload: Uint8Array): { readonly presence: Presence; readonly batteryPct?: number } {
  const read = readJson(payload, { maxBytes: maxStatusBytes })?.value as { state?: Presence; battery_pct?: unknown } | null | undefined;
  const { state, battery_pct: pct } = read ?? {};
  const presence = state !== undefined && states.has(state) ? state : "error";
  return { presence, ...(typeof pct === "number" && pct >= 0 && pct <= 100 ? { batteryPct: Math.round(pct) } : {}) };
}
