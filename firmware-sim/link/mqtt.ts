/** A wearable's MQTT connection. It keeps every batch until the broker has acknowledged it and sends it again under the same number; the MQTT library is a dumb pipe. */

import { type MqttClient, connect as openClient } from "mqtt";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { WearableLink } from "../wearable.ts";
import { createKeptBatches } from "./kept-batches.ts";

export interface MqttLinkOptions {
  /** For example `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  readonly site: string;
  /** Also user name and client id. */
  readonly device: string;
  readonly password: string;
  readonly qos: 0 | 1;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of the pause before the next connection. */
  readonly random: () => number;
  /** What may wait for an acknowledgement; beyond it the oldest batch is given up. */
  readonly maxKeptBytes?: number;
  /** Batches sent but not yet acknowledged. */
  readonly inFlightLimit?: number;
  /** First and longest pause before connecting again; it begins anew once a batch was acknowledged. */
  readonly pauseMs?: { readonly first: number; readonly longest: number };
  /** The broker has the batch for good (QoS 1). */
  readonly onAck?: (stream: string, sequence: number) => void;
}

interface MqttLinkCounters {
  connects: number;
  /** Batches handed over by the wearable. */
  taken: number;
  /** Transmissions, repetitions included. */
  published: number;
  acked: number;
  /** Given up: memory full, or not connected at QoS 0. */
  dropped: number;
}

export interface MqttLink extends WearableLink {
  readonly counters: Readonly<MqttLinkCounters>;
  readonly isConnected: boolean;
  /** Batches waiting for their acknowledgement. */
  readonly keptCount: number;
  /** Cuts or restores the radio: while cut, nothing is connected and batches are kept. */
  setCut(isCut: boolean): void;
  /** Says `offline` and disconnects; kept batches are given up. */
  close(): Promise<void>;
}

/** About ten minutes of ECG, PPG and motion. */
const defaultKeptBytes = 4 << 20;
/** A connection whose oldest batch waits longer than this is dead or refuses: connect again, send again. */
const ackLimitMs = 10_000;
const connectLimitMs = 5000;
const closeLimitMs = 1000;
/** The library neither repeats nor keeps nor connects again. */
const plainPipe = {
  clean: true,
  keepalive: 30,
  connectTimeout: connectLimitMs,
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
} as const;

/** Connects at once and for ever, until `close`. */
export function openMqttLink(options: MqttLinkOptions): MqttLink {
  const { clock, qos, site, device } = options;
  const { maxKeptBytes = defaultKeptBytes, inFlightLimit = 16, pauseMs = { first: 1000, longest: 60_000 } } = options;
  const base = `hearth/v1/${site}/${device}`;
  const counters: MqttLinkCounters = { connects: 0, taken: 0, published: 0, acked: 0, dropped: 0 };
  const metas = new Map<string, Uint8Array>();
  const kept = createKeptBatches(maxKeptBytes);
  let inFlight = 0;
  let client: MqttClient | undefined;
  let isConnected = false;
  let isCut = false;
  let isClosed = false;
  let failures = 0;
  let cancelPause = () => {};
  let cancelAckWatch = () => {};

  const status = (state: string) => JSON.stringify({ state, t: Math.round(clock.wallUs() / 1000) });

  const watchAcks = () => {
    cancelAckWatch();
    cancelAckWatch = inFlight === 0 ? () => {} : clock.after(ackLimitMs, () => client?.stream.destroy());
  };

  const pump = (current: MqttClient) => {
    for (const batch of kept.all()) {
      if (!isConnected || current !== client || inFlight >= inFlightLimit) break;
      if (batch.isInFlight) continue;
      batch.isInFlight = true;
      inFlight++;
      counters.published++;
      if (inFlight === 1) watchAcks();
      current.publish(`${base}/${batch.stream}/raw`, Buffer.from(batch.bytes), { qos: 1 }, (error) => {
        if (current !== client || error) return;
        inFlight--;
        kept.remove(batch);
        counters.acked++;
        failures = 0;
        options.onAck?.(batch.stream, batch.sequence);
        watchAcks();
        pump(current);
      });
    }
  };

  const declare = (current: MqttClient, stream: string, meta: Uint8Array) => {
    current.publish(`${base}/${stream}/meta`, Buffer.from(meta), { qos: 1, retain: true }, () => {});
  };

  const greet = (current: MqttClient) => {
    isConnected = true;
    counters.connects++;
    current.publish(`${base}/status`, status("online"), { qos: 1, retain: true }, () => {});
    current.subscribe(`${base}/cmd/#`, { qos: 1 }, () => {});
    for (const [stream, meta] of metas) declare(current, stream, meta);
    pump(current);
  };

  /** The gateway asks for a descriptor; every stream's is sent again. */
  const answer = (current: MqttClient, topic: string, payload: Buffer) => {
    if (topic !== `${base}/cmd/meta`) return;
    for (const [stream, meta] of metas) declare(current, stream, meta);
    current.publish(`${base}/cmd/meta/reply`, JSON.stringify({ id: correlationOf(payload), state: "done" }), { qos: 1 }, () => {});
  };

  const lost = (current: MqttClient) => {
    if (current !== client) return;
    client = undefined;
    isConnected = false;
    inFlight = 0;
    cancelAckWatch();
    for (const batch of kept.all()) batch.isInFlight = false;
    current.end(true);
    if (isClosed || isCut) return;
    const ceilingMs = Math.min(pauseMs.longest, pauseMs.first * 2 ** Math.min(failures++, 20));
    cancelPause = clock.after(options.random() * ceilingMs, connect);
  };

  const connect = () => {
    if (client !== undefined || isCut || isClosed) return;
    const current = openClient(options.url, {
      ...plainPipe,
      clientId: device,
      username: device,
      password: options.password,
      will: { topic: `${base}/status`, payload: Buffer.from(status("offline")), qos: 1, retain: true },
    });
    client = current;
    current.on("connect", () => greet(current));
    current.on("message", (topic, payload) => answer(current, topic, payload));
    // A refusal or a broken socket is followed by "close"; there is nobody else to tell.
    current.on("error", () => lost(current));
    current.on("close", () => lost(current));
  };
  connect();

  return {
    counters,
    get isConnected() {
      return isConnected;
    },
    get keptCount() {
      return kept.all().length;
    },
    declare(stream, meta) {
      metas.set(stream, meta);
      if (client !== undefined && isConnected) declare(client, stream, meta);
    },
    send(stream, sequence, bytes) {
      counters.taken++;
      if (qos === 0) {
        if (client === undefined || !isConnected) counters.dropped++;
        else {
          counters.published++;
          client.publish(`${base}/${stream}/raw`, Buffer.from(bytes), { qos: 0 });
        }
        return;
      }
      counters.dropped += kept.add({ stream, sequence, bytes, isInFlight: false });
      if (client !== undefined) pump(client);
    },
    setCut(cut) {
      isCut = cut;
      cancelPause();
      if (!cut) connect();
      else if (client !== undefined) {
        client.stream.destroy();
        lost(client);
      }
    },
    async close() {
      isClosed = true;
      cancelPause();
      cancelAckWatch();
      const current = client;
      kept.clear();
      if (current === undefined) return;
      await within(clock, closeLimitMs, async () => {
        if (isConnected) await current.publishAsync(`${base}/status`, status("offline"), { qos: 1, retain: true });
      });
      client = undefined;
      isConnected = false;
      // Forced: an orderly end would wait for acknowledgements that may never come. The will says offline as well.
      current.end(true);
    },
  };
}

/** Waits for `work` no longer than the limit; a broker that is gone is no error here. */
function within(clock: Clock, limitMs: number, work: () => Promise<void>): Promise<void> {
  return new Promise<void>((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    work()
      .catch(() => undefined)
      .finally(() => {
        cancel();
        resolve();
      });
  });
}

function correlationOf(payload: Buffer): unknown {
  try {
    return (JSON.parse(payload.toString()) as { id?: unknown }).id;
  } catch {
    return undefined;
  }
}
