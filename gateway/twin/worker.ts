/**
 * One of a twin's workers: what comes in through the ingest port goes into the store, what is stored is acknowledged and told to live readers. Any number
 * of workers share one store.
 */

import { type KeyObject, sign } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { PayloadCodec } from "../semantic/payload-codec.ts";
import { partsOf } from "../semantic/payloads/window.ts";
import { type Acts, createActs } from "./acts.ts";
import { countRefusal, emptyTwinCounters, type TwinCounters } from "./counters.ts";
import type { Ingest, IngestHandlers } from "./ingest/port.ts";
import { messageOf, type TwinLive } from "./live.ts";
import { createReceiver } from "./receive.ts";
import { createReports } from "./reports.ts";
import { type SilenceWatch, watchSilence } from "./silence.ts";
import type { TwinStore } from "./store/port.ts";
import { createWishes, type Wishes } from "./wishes.ts";

interface WorkerOptions {
  readonly store: TwinStore;
  readonly openIngest: (handlers: IngestHandlers) => Promise<Ingest>;
  readonly live: TwinLive;
  readonly keyOf: (gateway: string) => Promise<KeyObject | undefined>;
  /** The twin's Ed25519 key, the same for all of its workers. */
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
  /** As `watchSilence`. */
  readonly silentAfterS?: number;
  /** As for the store; the kinds that ship unless told. */
  readonly codec?: PayloadCodec;
  /** As `createWishes` takes them. */
  readonly decoders?: readonly string[];
}

export interface Worker {
  readonly ingest: Ingest;
  readonly wishes: Wishes;
  readonly acts: Acts;
  readonly counters: Readonly<TwinCounters>;
  readonly incidentGateways: SilenceWatch["incidentGateways"];
  /** Counts somebody who was kept out elsewhere than at the way in. */
  refused(reason: string): void;
  /** What has arrived is stored and acknowledged before the way in is closed. The store stays open. */
  close(): Promise<void>;
}

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { store, live, clock, log, privateKey } = options;
  const counters = emptyTwinCounters();
  const opened = Promise.withResolvers<Ingest>();
  const silence = watchSilence({
    ...{ store, clock, log, ...(options.silentAfterS && { silentAfterS: options.silentAfterS }) },
    onIncident(incident) {
      if (incident === undefined) log.warn({}, "most gateways of the incident are heard again");
      else log.error(incident, "many gateways have fallen silent together");
    },
    onChange(gateway, found, isPartOfIncident) {
      log[isPartOfIncident ? "debug" : "warn"]({ gateway, level: found?.level ?? "heard" }, "a gateway's heartbeat changed");
      live.publish(gateway, { event: "gateway", data: { silent: found ?? null } });
    },
  });
  const receiver = createReceiver({
    ...{ store, clock, log, counters, keyOf: options.keyOf, ...(options.codec && { codec: options.codec }) },
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    acknowledge: async (gateway, bytes) => (await opened.promise).acknowledge(gateway, bytes),
    onStored({ frame, payload }) {
      if (payload === undefined) return;
      if (payload.kind === "heartbeat" && frame.h !== true) silence.heard(frame.g);
      for (const part of partsOf(payload)) {
        const message = messageOf(part);
        if (message !== undefined) live.publish(frame.g, message);
      }
    },
  });
  const handlers: IngestHandlers = {
    receive: receiver.receive,
    report: createReports({ store, log, onMalformed: () => countRefusal(counters, "malformed") }),
    refused: (reason) => countRefusal(counters, reason),
  };
  const ingest = await options.openIngest(handlers).catch(async (error: unknown) => {
    await silence.close();
    throw error;
  });
  opened.resolve(ingest);
  const acts = createActs({ store, ingest, privateKey, clock, log });
  return {
    ...{ ingest, acts, incidentGateways: silence.incidentGateways },
    wishes: createWishes({ store, publish: ingest.publishDesired, privateKey, ...(options.decoders && { decoders: options.decoders }) }),
    counters,
    refused: (reason) => countRefusal(counters, reason),
    async close() {
      await ingest.pause();
      await acts.close();
      await receiver.drain();
      await ingest.close();
      await silence.close();
    },
  };
}
