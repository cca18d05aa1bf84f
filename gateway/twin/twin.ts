/** The twin beside a gateway: one worker between its own broker and its store, and HTTP, started and stopped in order. It runs in a process of its own or inside a test. */

import { createPrivateKey, randomUUID } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { createHttpBounds } from "../api/bounds.ts";
import { httpDoorLimits } from "../api/door-limits.ts";
import { createHttpServer } from "../api/http-server.ts";
import { type Door, openDoor } from "../runtime/door.ts";
import type { Log } from "../runtime/log.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { startWhole } from "../runtime/start-whole.ts";
import { productVersion } from "../runtime/version.ts";
import { codecs } from "../semantic/codecs/index.ts";
import { createPages } from "../web/bundle.ts";
import { createAccounts, takeOverAccounts } from "./accounts.ts";
import type { TwinCounters } from "./counters.ts";
import type { TwinEnrolment } from "./enrol.ts";
import { watchEnrolments } from "./enrolment-watch.ts";
import { createEnrolments } from "./enrolments.ts";
import { createHomeNames, type HomeNames, type NamePair } from "./home-names.ts";
import { createTwinApp } from "./http.ts";
import type { TwinToken } from "./http-options.ts";
import { startEmbeddedBroker } from "./ingest/embedded-broker.ts";
import type { NatsAccounts } from "./ingest/nats-accounts.ts";
import { openOutsideBroker } from "./ingest/outside-broker.ts";
import type { Ingest, IngestHandlers } from "./ingest/port.ts";
import { createLocalLive } from "./live.ts";
import { type Keeping, startRetention, usualKeeping } from "./retention.ts";
import { openStoreAt, type StorePlace } from "./store/open.ts";
import type { TwinStore } from "./store/port.ts";
import { type StreamFigures, watchStream } from "./stream-figures.ts";
import { startWorker, type Worker } from "./worker.ts";

interface TwinOptions extends TwinEnrolment, StorePlace {
  readonly host?: string;
  /** A broker elsewhere, `mqtts://user:password@host:port`; without it the twin has one of its own. */
  readonly broker?: string;
  /** A NATS stream that keeps what comes to that broker, which then is the MQTT listener of the same servers. */
  readonly stream?: string;
  /** On how many of its servers. */
  readonly streamReplicas?: number;
  /** Folder of the keys of accounts at these servers. */
  readonly accounts?: string;
  /** Where its HTTP is to be reached, if elsewhere than its broker: under which names, and with TLS by these PEM texts. */
  readonly reach?: {
    readonly host: string;
    readonly names: readonly string[];
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** 0 asks for a free one. */
  readonly httpPort?: number;
  readonly mqttPort?: number;
  /** For how long what has come is kept; as `usualKeeping` unless told. */
  readonly keeping?: Keeping;
  /** Seconds without a heartbeat after which a gateway is told as silent; 900 unless told. */
  readonly silentAfterS?: number;
  readonly tokens: readonly TwinToken[];
  /** Those of gateways that enrol while it runs; asked again whenever somebody has. */
  readonly tokensOf?: (gateways: readonly string[]) => readonly TwinToken[];
  /** Hashes of the waveform decoders that it lists to its gateways: none unless told, and then none sends waveform. */
  readonly decoders?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Twin {
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly counters: Readonly<TwinCounters>;
  /** From now on these open something, and no others: open live streams end and come again. */
  setTokens(tokens: readonly TwinToken[]): void;
  /** What the home calls its people from now on. */
  setNames(names: readonly NamePair[]): void;
  close(): Promise<void>;
}

/** Hashes of the decoders that this version has. */
export const ownDecoders = codecs.map(({ hash }) => hash);

/** Ports of contracts.md. */
const defaultPorts = { http: 8098, mqtt: 8097 };

/** Throws GatewayError `twin.port_busy`, `twin.listen_failed`, `twin.bad_store` (operator), `twin.io`, `twin.corrupt` (world). */
export function startTwin(options: TwinOptions): Promise<Twin> {
  return startWhole(options.log, (opened) => startParts(options, opened));
}

async function startParts(options: TwinOptions, opened: AsyncDisposableStack): Promise<Twin> {
  const { clock, log, reach = { host: options.host ?? "127.0.0.1", names: [] } } = options;
  const { host } = reach;
  const privateKey = createPrivateKey(options.privateKeyPem);
  const live = createLocalLive();
  for (const why of options.refused) log.error({ why }, "a gateway's files can't be used; the twin knows it as before or not at all");
  const store = await openStoreAt(options, (repair) => log.error({ repair }, "something was repaired at start"));
  opened.defer(store.close);
  await takeOverAccounts(store, options, clock.wallUs());
  const accounts = createAccounts(store, clock);
  const nats = options.accounts === undefined ? undefined : (await import("./ingest/nats-accounts.ts")).openNatsAccounts(options.accounts);
  const way = wayIn(options, store, accounts, nats);
  const worker = await startWorker({
    ...{ store, live, privateKey, clock, log, ...(options.decoders && { decoders: options.decoders }) },
    ...(options.silentAfterS && { silentAfterS: options.silentAfterS }),
    keyOf: accounts.keyOf,
    openIngest: way.open,
  });
  opened.defer(worker.close);
  const streamFigures = watchStream(worker.ingest, clock, log);
  opened.defer(streamFigures.close);
  opened.defer(startRetention({ store, keeping: options.keeping ?? usualKeeping, clock, log }));
  // The retained messages of a broker of its own live in memory only.
  for (const { gateway } of await store.enrolled()) {
    await worker.wishes.listDecoders(gateway);
    await worker.wishes.publish(gateway);
  }

  const bounds = createHttpBounds();
  let door: Door | undefined;
  let { tokens } = options;
  let names: HomeNames | undefined;
  const readers = new Set<() => void>();
  const app = createTwinApp({
    ...{ store, tokens: () => tokens, live, log, host, hosts: reach.names, bounds },
    onEnd(end) {
      readers.add(end);
      return () => void readers.delete(end);
    },
    nowUs: () => clock.wallUs(),
    isConnected: worker.ingest.isConnected,
    stream: streamFigures.read,
    enrolments: createEnrolments({
      ...{ store, privateKey, clock, log, onRefused: () => worker.refused("claim") },
      ...(nats && { passwordFor: nats.gatewayPassword }),
    }),
    putDesired: worker.wishes.put,
    putAct: worker.acts.put,
    names: () => names,
    metrics: metricsOf(worker, streamFigures),
    version: productVersion(),
    pages: createPages("twin"),
    admit: (peer, account) => door?.admit(peer, account),
  });
  const server = createHttpServer(app.fetch, { clock, counters: bounds.counters, ...(reach.tls && { tls: reach.tls }) });
  const port = options.httpPort ?? defaultPorts.http;
  door = await openDoor(server, {
    name: "twin",
    area: "twin",
    host,
    port,
    clock,
    limits: httpDoorLimits,
    onRefused: bounds.counters.refuse,
  });
  opened.defer(() => door.close());
  const setTokens = (newest: readonly TwinToken[]) => {
    tokens = newest;
    for (const end of [...readers]) end();
  };
  const { tokensOf, stream } = options;
  const tellEnded = async () => {
    if (nats === undefined || stream === undefined) return;
    const keys = (await store.endedKeys()).map(({ publicKeyPem }) => publicKeyPem);
    await nats.tellEnded((await import("./ingest/jetstream.ts")).connectTo(stream), keys);
  };
  const onChange = async () => {
    if (tokensOf !== undefined) setTokens(tokensOf((await store.enrolled()).map(({ gateway }) => gateway)));
    await tellEnded();
  };
  opened.defer(await watchEnrolments({ store, clock, log, onChange, repeat: tellEnded }));
  return {
    ports: { http: door.port, mqtt: way.port() },
    counters: worker.counters,
    setTokens,
    setNames(pairs) {
      names = createHomeNames(pairs);
    },
    close: () => opened.disposeAsync(),
  };
}

/** A broker of the twin's own on a port of this machine, or a line to one elsewhere (then the port is 0). */
function wayIn(
  { broker: url, stream, streamReplicas: replicas = 1, mqttPort, host = "127.0.0.1", clock, log }: TwinOptions,
  store: TwinStore,
  accounts: ReturnType<typeof createAccounts>,
  nats: NatsAccounts | undefined,
) {
  let port = 0;
  const open = async (handlers: IngestHandlers): Promise<Ingest> => {
    if (url !== undefined) {
      const line = { ...handlers, url, clientId: `hearth-twin-${randomUUID()}`, clock, random: Math.random, log };
      if (stream === undefined) return openOutsideBroker(line);
      return (await import("./ingest/jetstream.ts")).openJetStream({ ...line, stream, replicas, ...(nats && { accounts: nats }) });
    }
    const broker = await startEmbeddedBroker({
      ...{ ...handlers, host, port: mqttPort ?? defaultPorts.mqtt, clock, log },
      isAllowed: accounts.isAllowed,
      enrolled: async () => new Set((await store.enrolled()).map(({ gateway }) => gateway)),
    });
    port = broker.port;
    return broker;
  };
  return { open, port: () => port };
}

function metricsOf({ counters, incidentGateways }: Worker, stream: StreamFigures): () => string {
  const metrics = createMetrics();
  const stored = metrics.gauge("hearth_twin_frames", "Frames by what became of them since the start.");
  const refused = metrics.gauge("hearth_twin_refused", "Messages and clients refused since the start, by reason.");
  const commits = metrics.gauge("hearth_twin_commits", "Transactions since the start.");
  const incident = metrics.gauge(
    "hearth_twin_incident_gateways",
    "Gateways that have fallen silent together; 0 where there is no incident.",
  );
  const waiting = metrics.gauge("hearth_twin_stream_waiting", "Messages in the stream that no worker has settled, by class.");
  metrics.onCollect(() => {
    for (const { class: name, count } of stream.waiting()) waiting.set(count, { class: name });
    incident.set(incidentGateways());
    stored.set(counters.framesStoredTotal, { outcome: "stored" });
    stored.set(counters.framesRepeatedTotal, { outcome: "repeated" });
    stored.set(counters.framesOpaqueTotal, { outcome: "opaque" });
    commits.set(counters.commitsTotal);
    for (const [reason, count] of Object.entries(counters.refused)) refused.set(count, { reason });
  });
  return () => metrics.text();
}
