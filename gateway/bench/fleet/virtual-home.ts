/** A gateway without a house: its events, packed, numbered, signed and sent by the gateway's own packer, frames, uplink and connection. Its outbox is in memory. */

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { Clock } from "../../../device-drivers/contract/clock.ts";
import { createLog } from "../../runtime/log.ts";
import { openConnection } from "../../sync/connection.ts";
import { createMemoryOutbox } from "../../sync/memory-outbox.ts";
import type { OutboxSource } from "../../sync/outbox-source.ts";
import { createUplink, type Uplink, uplinkTopics, uplinkWill } from "../../sync/uplink.ts";
import { createHomeLife, stretchUs } from "./home-life.ts";

export interface HomeAccount {
  readonly gateway: string;
  readonly privateKeyPem: string;
  readonly password: string;
}

export interface VirtualHome {
  /** Its line ends; it lives on, and what it has to tell waits. */
  cut(): Promise<void>;
  /** It connects, or connects again. */
  connect(): void;
  /** Adds what a home that was away for so many stretches has to tell: their events and heartbeats. */
  addBacklog(stretches: number): void;
  isConnected(): boolean;
  waiting(): number;
  /** Rows that the twin makes of all that it has told of its wearer. */
  rows(): number;
}

export interface Tally {
  /** Frames that were written into outboxes, and those that the twin has acknowledged. */
  added: number;
  acknowledged: number;
  /** From the outbox to the acknowledgement, ms, of rows that were added while the line was up. */
  readonly latenciesMs: number[];
}

interface VirtualHomeOptions {
  readonly account: HomeAccount;
  readonly url: string;
  readonly twinPublicKeyPem: string;
  readonly heartbeatMs: number;
  /** Where in the five minutes its stretches end, and in the minute its heartbeats, 0 to below 1. */
  readonly phase: number;
  readonly random: () => number;
  readonly clock: Clock;
  readonly tally: Tally;
}

const log = createLog({ level: "silent" });
/** The uplink looks after its line four times a second; ten thousand of them do so less often. What is new goes at once all the same. */
const calmClock = (clock: Clock): Clock => ({ ...clock, every: (periodMs, fn) => clock.every(Math.max(periodMs, 5000), fn) });

export function createVirtualHome(options: VirtualHomeOptions): VirtualHome {
  const { account, heartbeatMs, phase, random, tally } = options;
  const clock = calmClock(options.clock);
  const life = createHomeLife(random);
  const startedUs = clock.monotonicUs();
  // Its axis is behind, so that the lines of its grid lie elsewhere than its neighbours'.
  const nowUs = () => clock.wallUs() - Math.round(phase * stretchUs);
  const epoch = createHash("sha256").update(account.gateway).update(String(clock.wallUs())).digest("hex").slice(0, 16);
  const outbox = createMemoryOutbox(epoch);
  const addedMs = new Map<number, number>();
  let uplink: Uplink | undefined;

  const add = (...items: Parameters<typeof outbox.add>) => {
    const isUp = uplink?.state().connected === true;
    for (const n of outbox.add(...items)) if (isUp) addedMs.set(n, performance.now());
    tally.added += items.length;
    uplink?.wake();
  };
  const source: OutboxSource = {
    ...outbox,
    outboxEnd(numbers) {
      tally.acknowledged += numbers.length;
      for (const n of numbers) {
        const sinceMs = addedMs.get(n);
        if (sinceMs !== undefined) tally.latenciesMs.push(performance.now() - sinceMs);
        addedMs.delete(n);
      }
      return outbox.outboxEnd(numbers);
    },
  };

  const heartbeat = (timeUs = nowUs()) => life.heartbeat(timeUs, Math.round((clock.monotonicUs() - startedUs) / 1e6), outbox.rows().length);
  const lineUs = () => Math.floor(nowUs() / stretchUs) * stretchUs;
  let toldUs = lineUs();
  const live = () => {
    add(heartbeat());
    // The line comes once in five heartbeats.
    if (lineUs() <= toldUs) return;
    toldUs = lineUs();
    add(...life.stretch(toldUs));
  };
  // Else those whose stretch ends in one minute would all tell it in twelve seconds of it.
  clock.after(((phase * 89) % 1) * heartbeatMs, () => {
    live();
    clock.every(heartbeatMs, live);
  });

  const privateKey = createPrivateKey(account.privateKeyPem);
  const twinPublicKey = createPublicKey(options.twinPublicKeyPem);
  const { gateway, password } = account;
  return {
    connect() {
      const topics = uplinkTopics(gateway);
      const line = { url: options.url, clientId: gateway, username: gateway, password, will: uplinkWill(gateway) };
      const { subscribe, alsoSubscribe } = topics;
      uplink = createUplink({
        ...{ gateway, outbox: source, twinPublicKey, clock, nowUs, log },
        sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
        open: (handlers) => openConnection({ ...line, subscribe, alsoSubscribe, clock, random, log }, handlers),
      });
    },
    async cut() {
      const leaving = uplink;
      uplink = undefined;
      addedMs.clear();
      await leaving?.close();
    },
    addBacklog(stretches) {
      const endUs = toldUs - stretches * stretchUs;
      const items = Array.from({ length: stretches }, (_, i) => {
        const toUs = endUs - (stretches - 1 - i) * stretchUs;
        const beats = Array.from({ length: 5 }, (_each, k) => heartbeat(toUs - (4 - k) * 60_000_000));
        return [...beats, ...life.stretch(toUs)];
      });
      add(...items.flat());
    },
    isConnected: () => uplink?.state().connected === true,
    waiting: () => outbox.rows().length,
    rows: life.rows,
  };
}
