/** The twin as a whole: broker, receiver, store, dead-man and HTTP, started and stopped in order. It runs in a process of its own or inside a test. */

import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { serve } from "@hono/node-server";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import type { Log } from "../ops/log.ts";
import { createMetrics } from "../ops/metrics.ts";
import { isPassword } from "../ops/password.ts";
import { maxDesiredBytes, type SignedDesired, signDesired } from "../semantic/desired.ts";
import { startTwinBroker } from "./broker.ts";
import { countRefusal, emptyTwinCounters, type TwinCounters } from "./counters.ts";
import type { EnrolledGateway } from "./enrol.ts";
import { createTwinApp, type TwinToken } from "./http.ts";
import { createTwinLive, messageOf } from "./live.ts";
import { createReceiver } from "./receive.ts";
import { watchSilence } from "./silence.ts";
import { openTwinStore } from "./store/store.ts";

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

/** What a gateway reports is a wish with its version. */
const maxReportedBytes = 2 * maxDesiredBytes;
/** Ports of contracts.md. */
const defaultPorts = { http: 8098, mqtt: 8097 };

/** Throws GatewayError `twin.port_busy`, `twin.listen_failed` (operator), `twin.io`, `twin.corrupt` (world). */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const { clock, log, host = "127.0.0.1" } = options;
  const accounts = new Map(
    options.enrolled.map((account) => [account.gateway, { ...account, key: createPublicKey(account.publicKeyPem) }]),
  );
  const privateKey = createPrivateKey(options.privateKeyPem);
  const counters = emptyTwinCounters();
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

  const receiver = createReceiver({
    store,
    clock,
    log,
    counters,
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    keyOf: (gateway): KeyObject | undefined => accounts.get(gateway)?.key,
    acknowledge: (gateway, payload) => broker.publish(gateway, "ack", payload, false),
    onStored({ frame, payload }) {
      if (payload === undefined) return;
      if (payload.kind === "heartbeat" && frame.h !== true) silence.heard(frame.g);
      live.send(frame.g, messageOf(payload));
    },
  });

  const broker = await startTwinBroker({
    host,
    port: options.mqttPort ?? defaultPorts.mqtt,
    log,
    isAllowed: async (gateway, password) => {
      const account = accounts.get(gateway);
      return account !== undefined && (await isPassword(password, account.passwordHash));
    },
    onUp: receiver.offer,
    onReported: (gateway, bytes) => {
      const reported = readJson(bytes, { maxBytes: maxReportedBytes })?.value;
      if (typeof reported !== "object" || reported === null || Array.isArray(reported)) return countRefusal(counters, "malformed");
      try {
        store.putReported(gateway, JSON.stringify(reported));
      } catch (thrown) {
        // The gateway reports again at its next connection.
        log.error({ code: toGatewayError(thrown, "twin.not_stored").code }, "what a gateway reported could not be stored");
      }
    },
    onRefused: (reason) => countRefusal(counters, reason),
  }).catch((error: unknown) => {
    silence.close();
    store.close();
    throw error;
  });

  const putDesired = (gateway: string, settings: Readonly<Record<string, unknown>>, onVersion: number | undefined): SignedDesired => {
    const stored = store.desired(gateway);
    const version = stored === undefined ? 0 : (JSON.parse(stored) as SignedDesired).version;
    if (onVersion !== undefined && onVersion !== version) {
      throw new GatewayError("desired.conflict", "operator", `The newest version is ${version}; read it before changing it.`);
    }
    const desired = signDesired(gateway, { version: version + 1, settings }, privateKey);
    const text = JSON.stringify(desired);
    store.putDesired(gateway, text);
    broker.publish(gateway, "desired", text, true);
    return desired;
  };
  // The broker's retained messages live in memory only.
  for (const gateway of accounts.keys()) {
    const text = store.desired(gateway);
    if (text !== undefined) broker.publish(gateway, "desired", text, true);
  }

  const app = createTwinApp({
    store,
    tokens: options.tokens,
    live,
    log,
    host,
    nowUs: () => clock.wallUs(),
    silenceOf: silence.of,
    isConnected: broker.isConnected,
    putDesired,
    metrics: metricsOf(counters),
  });
  const server = serve({ fetch: app.fetch, port: options.httpPort ?? defaultPorts.http, hostname: host });

  const close = async () => {
    silence.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
    // What has arrived is stored and acknowledged before the line goes.
    receiver.flush();
    await broker.close();
    store.close();
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
    await broker.close();
    store.close();
    throw error;
  });
  return { ports: { http, mqtt: broker.port }, counters, close };
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
