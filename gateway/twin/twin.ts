/** The twin as a whole: broker, receiver, store, dead-man and HTTP, started and stopped in order. It runs in a process of its own or inside a test. */

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { serve } from "@hono/node-server";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../ops/log.ts";
import { createMetrics } from "../ops/metrics.ts";
import { isPassword } from "../ops/password.ts";
import type { TwinCounters } from "./counters.ts";
import type { EnrolledGateway } from "./enrol.ts";
import { createTwinApp, type TwinToken } from "./http.ts";
import { startEmbeddedBroker } from "./ingest/embedded-broker.ts";
import { createTwinLive } from "./live.ts";
import { watchSilence } from "./silence.ts";
import { openTwinStore } from "./store/sqlite/store.ts";
import { startWorker } from "./worker.ts";

export interface TwinOptions {
  /** Folder of the twin's database. */
  readonly dir: string;
  readonly host?: string;
  /** 0 asks for a free one. */
  readonly httpPort?: number;
  readonly mqttPort?: number;
  /** The twin's Ed25519 key: it signs what it wishes of a gateway. */
  readonly privateKeyPem: string;
  readonly enrolled: readonly EnrolledGateway[];
  /** Sentences about gateways whose files can't be used. */
  readonly refused?: readonly string[];
  readonly tokens: readonly TwinToken[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Twin {
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly counters: Readonly<TwinCounters>;
  close(): Promise<void>;
}

/** Ports of contracts.md. */
const defaultPorts = { http: 8098, mqtt: 8097 };

/** Throws GatewayError `twin.port_busy`, `twin.listen_failed` (operator), `twin.io`, `twin.corrupt` (world). */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const { clock, log, host = "127.0.0.1" } = options;
  const accounts = new Map(
    options.enrolled.map((account) => [account.gateway, { ...account, key: createPublicKey(account.publicKeyPem) }]),
  );
  const privateKey = createPrivateKey(options.privateKeyPem);
  const live = createTwinLive();
  for (const why of options.refused ?? []) log.error({ why }, "a gateway stays outside the twin");
  const store = openTwinStore(options.dir, (repair) => log.error({ repair }, "something was repaired at start"));
  const silence = watchSilence({
    gateways: [...accounts.keys()],
    clock,
    onChange(gateway, found) {
      log.warn({ gateway, level: found?.level ?? "heard" }, "a gateway's heartbeat changed");
      live.send(gateway, { event: "gateway", data: { silent: found ?? null } });
    },
  });

  let port = 0;
  const worker = await startWorker({
    ...{ store, live, silence, privateKey, clock, log },
    keyOf: async (gateway): Promise<KeyObject | undefined> => accounts.get(gateway)?.key,
    async openIngest(handlers) {
      const broker = await startEmbeddedBroker({
        ...handlers,
        ...{ host, port: options.mqttPort ?? defaultPorts.mqtt, log },
        isAllowed: async (gateway, password) => {
          const account = accounts.get(gateway);
          return account !== undefined && (await isPassword(password, account.passwordHash));
        },
      });
      port = broker.port;
      return broker;
    },
  }).catch(async (error: unknown) => {
    silence.close();
    await store.close();
    throw error;
  });
  // The broker's retained messages live in memory only.
  for (const gateway of accounts.keys()) await worker.wishes.publish(gateway);

  const app = createTwinApp({
    store,
    tokens: options.tokens,
    live,
    log,
    host,
    nowUs: () => clock.wallUs(),
    silenceOf: silence.of,
    isConnected: worker.ingest.isConnected,
    putDesired: worker.wishes.put,
    metrics: metricsOf(worker.counters),
  });
  const server = serve({ fetch: app.fetch, port: options.httpPort ?? defaultPorts.http, hostname: host });

  const close = async () => {
    silence.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
    await worker.close();
    await store.close();
  };

  const http = await new Promise<number>((resolve, reject) => {
    server.once("listening", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isBusy = cause.code === "EADDRINUSE";
      const message = isBusy
        ? `Port ${options.httpPort ?? defaultPorts.http} (twin) is in use by another program.`
        : `Cannot listen on ${host} for the twin.`;
      reject(new GatewayError(isBusy ? "twin.port_busy" : "twin.listen_failed", "operator", message, { cause }));
    });
  }).catch(async (error: unknown) => {
    silence.close();
    await worker.close();
    await store.close();
    throw error;
  });
  return { ports: { http, mqtt: port }, counters: worker.counters, close };
}

function metricsOf(counters: TwinCounters): () => string {
  const metrics = createMetrics();
  const stored = metrics.gauge("hearth_twin_frames", "Frames by what became of them since the start.");
  const refused = metrics.gauge("hearth_twin_refused", "Messages and clients refused since the start, by reason.");
  const commits = metrics.gauge("hearth_twin_commits", "Transactions since the start.");
  metrics.onCollect(() => {
    stored.set(counters.framesStoredTotal, { outcome: "stored" });
    stored.set(counters.framesRepeatedTotal, { outcome: "repeated" });
    stored.set(counters.framesOpaqueTotal, { outcome: "opaque" });
    commits.set(counters.commitsTotal);
    for (const [reason, count] of Object.entries(counters.refused)) refused.set(count, { reason });
  });
  return () => metrics.text();
}
