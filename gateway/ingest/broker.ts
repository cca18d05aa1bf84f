/** The home's MQTT broker: aedes in process, behind the guard, the accounts and the journal. It stores nothing of value: the journal is the truth. */

import type { Socket } from "node:net";
import { Aedes, type Client } from "aedes";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { DoorLimits } from "../runtime/door.ts";
import { packLengths } from "../runtime/packet-lengths.ts";
import { createBrokerDoors } from "./broker-doors.ts";
import { createHooks, type HooksParts } from "./broker-hooks.ts";
import type { Broker, BrokerClient, BrokerCounters, BrokerOptions } from "./broker-port.ts";
import { GuardedConnection } from "./connection.ts";
import { createIdentityWatch } from "./identity.ts";
import { createKeptSessions, keptLimits, type Persistence } from "./kept-sessions.ts";
import { MAX_PACKET_BYTES } from "./packet-guard.ts";
import { createGate, defaultRates } from "./pressure.ts";
import { type Session, type Sessions, sessionOf } from "./session.ts";
import { createSessionExpiry } from "./session-expiry.ts";
import { watchTakenOver } from "./taken-over.ts";

/** aedes's defaults that do not fit a home, and why, are listed in devices.md §9. */
const SETTINGS = { connectTimeout: 5000, drainTimeout: 15_000, maxTopicLevels: 8, maxClientsIdLength: 128, queueLimit: 64 };
/** A client of one account may connect under other ids, and one that lost its radio comes back before its last connection is found dead. */
const DOOR: DoorLimits = { maxStrangers: 512, strangerMs: 10_000, maxKnown: 512, maxPerAccount: 32 };
const EXPIRY_CHECK_MS = 3_600_000;
/** One log line a reason in this time; the counters count all. */

/** Part of aedes 1.2.0 that its types leave out. */
type WithPersistence = { readonly persistence: Persistence };

/** Starts listening. @throws GatewayError `ingest.port_busy`, `ingest.listen_failed` */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  packLengths();
  const log = options.log ?? (() => undefined);
  const sessions: Sessions = { byConnection: new WeakMap(), live: new Set(), readerCount: 0, isClosing: false };
  const connections = new Set<GuardedConnection>();
  const counters: BrokerCounters = {
    connectionsTotal: 0,
    packetsTotal: 0,
    bytesTotal: 0,
    publishesTotal: 0,
    unstoredTotal: 0,
    takeoversTotal: 0,
    refusals: {},
  };
  const count: HooksParts["count"] = async (reason, about) => {
    counters.refusals[reason] = (counters.refusals[reason] ?? 0) + 1;
    await options.onRefused?.({ reason, ...about });
  };
  const limits = { ...DOOR, ...options.door };
  const granted = new WeakSet<object>();
  const hooks = createHooks(options, sessions, { counters, count, granted, admit: ({ socket }, user) => doors.admit(socket, user) });
  const aedes = await Aedes.createBroker({ ...SETTINGS, ...hooks, concurrency: 4 * limits.maxKnown });
  const end = (reason: string, isMeant: (session: Session) => boolean) => {
    const meant = [...sessions.live].filter(isMeant);
    for (const { connection } of meant) {
      connection.endReason = reason;
      connection.destroy();
    }
    return meant.length;
  };
  const { persistence } = aedes as unknown as WithPersistence;
  const kept = createKeptSessions(persistence, {
    limits: { ...keptLimits, ...options.kept },
    mayKeep: (filter) => granted.has(filter),
    onForgotten(clientId) {
      void count("queue_full", { account: clientId });
      end("queue_full", ({ publisher }) => publisher.clientId === clientId);
    },
  });
  const gate = createGate(options.journalRoom ?? (() => Promise.resolve()));
  const expiry = createSessionExpiry();

  const ended = (connection: GuardedConnection) => {
    connections.delete(connection);
    counters.packetsTotal += connection.packetCount;
    counters.bytesTotal += connection.byteCount;
    const session = sessions.byConnection.get(connection);
    if (session === undefined) return;
    sessions.live.delete(session);
    const { clientId } = session.publisher;
    if (session.isPersistent) expiry.left(clientId, options.clock.monotonicUs());
    else if (![...sessions.live].some(({ publisher }) => publisher.clientId === clientId)) void persistence.cleanIncoming({ id: clientId });
    if (session.isReady) options.onPresence?.(session.publisher, false);
  };

  const takeovers = createTakeovers(options, sessions, log);

  aedes.on("connackSent", (packet, client: Client) => {
    const session = sessionOf(sessions, client);
    if (packet.returnCode !== 0 || session === undefined) return;
    session.connackUs = options.clock.monotonicUs();
    session.isReady = true;
    expiry.returned(session.publisher.clientId);
    session.connection.release();
    options.onPresence?.(session.publisher, true);
  });
  aedes.on("clientError", (client, error) => log("debug", "client closed with an error", { clientId: client.id, reason: error.message }));
  aedes.on("connectionError", (_client, error) => log("debug", "connection closed before it was accepted", { reason: error.message }));
  // Raised by aedes's memory persistence only; the broker goes on without that one packet.
  (aedes as NodeJS.EventEmitter).on("error", (error: Error) => log("error", "broker error", { reason: error.message }));

  const refused = (reason: string, address: string) => void count(reason, { address });
  const enter = (socket: Socket) => {
    counters.connectionsTotal++;
    const connection = new GuardedConnection(socket, {
      clock: options.clock,
      gate,
      rates: options.rates ?? defaultRates,
      maxPacketBytes: options.maxPacketBytes ?? MAX_PACKET_BYTES,
      onRefusal(reason) {
        const { user } = sessions.byConnection.get(connection)?.publisher ?? {};
        void count(reason, { account: user, address: connection.address });
      },
      onTakenOver: (left) => takeovers.watch(connection, left),
    });
    connections.add(connection);
    connection.once("close", () => ended(connection));
    aedes.handle(connection);
  };
  const { host, port, clock } = options;
  const doors = createBrokerDoors({ clock, limits, enter, onRefused: refused });
  const closeAedes = () => new Promise<void>((resolve) => aedes.close(resolve));
  const first = await doors.open({ name: "mqtt", host, port }).catch(async (error: unknown) => {
    await closeAedes();
    throw error;
  });
  const stopExpiry = options.clock.every(EXPIRY_CHECK_MS, () => {
    for (const id of expiry.expired(options.clock.monotonicUs())) kept.forget(id);
  });

  const kick = (name: string) => end("kicked", ({ publisher }) => publisher.user === name || publisher.clientId === name);
  const stopRevokes = options.credentials.onRevoke(kick);

  const close = async () => {
    stopRevokes();
    stopExpiry();
    sessions.isClosing = true;
    await doors.close(async () => {
      await closeAedes();
      for (const connection of connections) connection.destroy();
      takeovers.cut();
    });
  };

  return {
    port: first.port,
    open: doors.open,
    publish(topic, payload, { retain = false, qos = 0 } = {}) {
      return new Promise((resolve, reject) => {
        const packet = { cmd: "publish" as const, topic, payload: Buffer.from(payload), retain, qos, dup: false };
        aedes.publish(packet, (error) => {
          if (error == null) resolve();
          else reject(new GatewayError("ingest.publish_failed", "bug", error.message, { cause: error, fields: { topic } }));
        });
      });
    },
    clients: () => [...sessions.live].map(describe),
    kick,
    get counters() {
      const live = { ...counters, refusals: { ...counters.refusals } };
      for (const connection of connections) {
        live.packetsTotal += connection.packetCount;
        live.bytesTotal += connection.byteCount;
      }
      return live;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Looks who was behind connections that newer ones replaced. */
function createTakeovers({ clock, onDuplicateIdentity }: BrokerOptions, sessions: Sessions, log: NonNullable<BrokerOptions["log"]>) {
  const identity = createIdentityWatch();
  /** One a client id: a client that connects again and again holds no more than two sockets. */
  const watches = new Map<string, () => void>();
  return {
    watch(connection: GuardedConnection, socket: Socket) {
      const session = sessions.byConnection.get(connection);
      if (session === undefined || sessions.isClosing) return void socket.destroy();
      const { clientId, user } = session.publisher;
      watches.get(clientId)?.();
      const cut = watchTakenOver(socket, clock, (wasAlive) => {
        if (watches.get(clientId) === cut) watches.delete(clientId);
        if (!identity.takenOver(clientId, wasAlive, clock.monotonicUs())) return;
        log("warn", "two clients use one identity", { clientId, user });
        onDuplicateIdentity?.(clientId, user);
      });
      watches.set(clientId, cut);
    },
    cut() {
      for (const cut of watches.values()) cut();
    },
  };
}

function describe({ publisher, connection, connackUs }: Session): BrokerClient {
  return { ...publisher, sinceUs: connackUs, packetCount: connection.packetCount, byteCount: connection.byteCount };
}
