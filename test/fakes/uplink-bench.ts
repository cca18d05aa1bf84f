/** An uplink between an outbox and a line in memory, on a clock that moves only when told. */

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { encodeAck } from "../../gateway/semantic/acknowledgement.ts";
import { type Frame, parseFrame } from "../../gateway/semantic/frame.ts";
import { createMemoryLink, type MemoryLink, type Published } from "../../gateway/sync/memory-link.ts";
import { createMemoryOutbox, type MemoryOutbox } from "../../gateway/sync/memory-outbox.ts";
import { createUplink, type Uplink, type UplinkOptions, uplinkTopics } from "../../gateway/sync/uplink.ts";

export const gateway = "home-a";
export const topics = uplinkTopics(gateway);
export const epoch = "00112233445566aa";
export const epochBytes = new Uint8Array(Buffer.from(epoch, "hex"));
export const startUs = 1_700_000_000_000_000;
export const twinKey = generateKeyPairSync("ed25519");
export const ownKey = generateKeyPairSync("ed25519");
export const signAs = (key: { privateKey: KeyObject }) => (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, key.privateKey));

export interface Bench {
  readonly clock: VirtualClock;
  readonly outbox: MemoryOutbox;
  readonly uplink: Uplink;
  readonly line: MemoryLink;
  readonly restarts: readonly string[];
  /** Everything that was logged: level, fields, sentence. */
  readonly logged: readonly [level: string, fields: object, sentence: string][];
  /** What was published that is no frame. */
  said(): Published[];
  /** Frames since the last call. */
  frames(): Frame[];
  up(): Promise<void>;
  down(): Promise<void>;
  hear(payload: Uint8Array, topic?: string): Promise<void>;
  ack(numbers: readonly number[]): Promise<void>;
  /** Time passes in steps of the pump. */
  pass(seconds: number): Promise<void>;
}

/** Promises of a fake store and a fake line settle within a few turns. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** `count` rows of one class that are `ageS` old. */
export function rows(count: number, ageS = 0, name: OutboxItem["class"] = "semantic"): OutboxItem[] {
  return Array.from({ length: count }, () => ({ class: name, timeUs: startUs - ageS * 1e6, payload: Uint8Array.of(1) }));
}

export function bench(items: readonly OutboxItem[], more: Partial<UplinkOptions> = {}): Bench {
  const clock = virtualClock(startUs);
  const outbox = createMemoryOutbox(epoch, items);
  const line = createMemoryLink();
  const logged: [string, object, string][] = [];
  const note = (level: string) => (fields: object, sentence: string) => void logged.push([level, fields, sentence]);
  let read = 0;
  const uplink = createUplink({
    gateway,
    outbox,
    sign: signAs(ownKey),
    twinPublicKey: twinKey.publicKey,
    open: (handlers) => line.open(handlers),
    clock,
    nowUs: () => clock.wallUs(),
    log: { warn: note("warn"), info: note("info"), debug: note("debug") },
    ...more,
  });
  const hear = async (payload: Uint8Array, topic = topics.ack) => {
    line.hear(topic, payload);
    await turn();
  };
  return {
    clock,
    outbox,
    uplink,
    line,
    restarts: line.restarts,
    logged,
    said: () => line.published.filter(({ payload }) => typeof payload === "string"),
    frames() {
      const taken = line.published.slice(read);
      read = line.published.length;
      return taken.flatMap(({ payload }) => (typeof payload === "string" ? [] : [parseFrame(payload)]));
    },
    async up() {
      line.up();
      await turn();
    },
    async down() {
      line.down();
      await turn();
    },
    hear,
    ack: (numbers) => hear(encodeAck(gateway, { epoch: epochBytes, numbers }, signAs(twinKey))),
    async pass(seconds) {
      for (let i = 0; i < seconds * 4; i++) {
        clock.advance(250);
        await turn();
      }
    },
  };
}
