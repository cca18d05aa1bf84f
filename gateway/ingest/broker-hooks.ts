/** The broker's questions – may this client in, publish, subscribe, be told – and their answers. Never waits except for a password and the journal. */

import type { AedesOptions, Client, ConnectPacket } from "aedes";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Cause } from "../runtime/refusals.ts";
import { type Allow, isAllowed, type Principal } from "./acl.ts";
import type { BrokerCounters, BrokerOptions, DevicePublish, Publisher } from "./broker-port.ts";
import { GuardedConnection } from "./connection.ts";
import { MAX_FILTERS } from "./packet-checks.ts";
import { createTap, type StoreMessage } from "./raw-tap.ts";
import { createRetainedBook } from "./retained-book.ts";
import { MAX_CACHED_TOPICS, routeOf, type Session, type Sessions, sessionOf } from "./session.ts";

type Hooks = Required<Pick<AedesOptions, "preConnect" | "authenticate" | "authorizePublish" | "authorizeSubscribe" | "authorizeForward">>;

/** CONNACK codes of MQTT 3.1.1 §3.2.2.3. */
const Connack = { clientId: 2, unavailable: 3, badPassword: 4, notAuthorized: 5 } as const;

export interface HooksParts {
  readonly counters: BrokerCounters;
  /** Counts a refusal and says whose it was; resolves when whoever should hear of it has. */
  readonly count: (reason: string, about: Pick<Cause, "account" | "topic" | "address">) => Promise<void>;
  /** Gets the filters that were granted: the others of their packet are not kept with a session. */
  readonly granted: WeakSet<object>;
  /** The connection has shown its account. */
  readonly admit: (connection: GuardedConnection, user: string) => void;
}

/** Adds to `sessions`; the broker takes out of `live` what has ended. */
export function createHooks(options: BrokerOptions, sessions: Sessions, { counters, count, granted, admit: admitted }: HooksParts): Hooks {
  const allow: Allow = options.allow ?? isAllowed;
  const owners = new Map<string, Session>();
  const offers = new WeakMap<GuardedConnection, ConnectPacket>();
  const retained = createRetainedBook();

  const admit = (client: Client, verdict: Principal, packet: ConnectPacket): keyof typeof Connack | undefined => {
    const connection = client.conn;
    if (!(connection instanceof GuardedConnection)) return "notAuthorized";
    const { user } = verdict;
    const owner = owners.get(client.id);
    const isTaken = owner !== undefined && owner.publisher.user !== user;
    // A client may throw out its own older connection [MQTT-3.1.4-2], never another account's.
    if (isTaken || (client.id !== user && options.credentials.has(client.id))) {
      void count("client_id_taken", { account: user, address: connection.address });
      return "clientId";
    }
    if (packet.will !== undefined && !allow(verdict, "will", packet.will.topic)) {
      void count("acl_will", { account: user, topic: packet.will.topic, address: connection.address });
      return "notAuthorized";
    }
    admitted(connection, user);
    const { role, site } = verdict;
    const publisher: Publisher = { ...verdict, user, role, site, clientId: client.id, address: connection.address };
    const session: Session = {
      publisher,
      connection,
      connackUs: options.clock.monotonicUs(),
      routes: new Map(),
      forwards: new Map(),
      isPersistent: packet.clean === false,
      isReady: false,
    };
    sessions.byConnection.set(connection, session);
    sessions.live.add(session);
    if (role !== "device") sessions.readerCount++;
    if (options.allow === undefined) connection.tap = createTap(session, sessions, store);
    if (owner !== undefined && !owner.connection.destroyed) {
      counters.takeoversTotal++;
      owner.connection.endReason ??= "takeover";
    }
    owners.set(client.id, session);
    connection.once("close", () => {
      if (owners.get(client.id) === session) owners.delete(client.id);
      if (role !== "device") sessions.readerCount--;
    });
    return undefined;
  };

  /** Hands a message on and counts; an error closes the connection of whoever waits for an answer. */
  const store: StoreMessage = (session, message, done) => {
    counters.publishesTotal++;
    let isSettled = false;
    const settle = (error?: Error) => {
      if (isSettled) return;
      isSettled = true;
      if (error !== undefined) {
        counters.unstoredTotal++;
        if (message.qos > 0) session.connection.endReason = "unstored";
      }
      done(error);
    };
    // aedes publishes wills while it closes; a device is not offline because the gateway stops.
    if (sessions.isClosing) return settle(new GatewayError("ingest.closing", "world", "the broker is closing"));
    try {
      options.onPublish(session.publisher, message, settle);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      options.log?.("error", "taking a message failed", { code: error.code, reason: error.message, device: message.device });
      settle(error);
    }
  };

  return {
    preConnect(client, packet, callback) {
      if (client.conn instanceof GuardedConnection) offers.set(client.conn, packet);
      // Sessions outlive a connection only for provisioned ids; anyone else's would be kept for ever.
      if (packet.clientId !== packet.username) packet.clean = true;
      callback(null, true);
    },
    authenticate(client, user, password, callback) {
      const connection = client.conn;
      const packet = connection instanceof GuardedConnection ? offers.get(connection) : undefined;
      const refuse = (code: number) => callback(Object.assign(new Error("connection refused"), { returnCode: code }), null);
      if (packet === undefined || !(connection instanceof GuardedConnection)) return refuse(Connack.notAuthorized);
      const decide = (verdict: Awaited<ReturnType<typeof options.credentials.verify>>) => {
        if (verdict === "wrong" || verdict === "busy") {
          void count(verdict === "wrong" ? "wrong_password" : "busy", { account: user, address: connection.address });
          return refuse(verdict === "wrong" ? Connack.badPassword : Connack.unavailable);
        }
        const code = admit(client, verdict, packet);
        return code === undefined ? callback(null, true) : refuse(Connack[code]);
      };
      options.credentials.verify(user, password, connection.address).then(decide, () => refuse(Connack.unavailable));
    },
    authorizePublish(client, packet, callback) {
      const session = sessionOf(sessions, client);
      const route = session === undefined ? "denied" : routeOf(session, packet.topic, allow);
      if (session === undefined || route === "denied") {
        if (session !== undefined) session.connection.endReason = "acl_publish";
        const error = new GatewayError("ingest.forbidden_topic", "operator", "the client may not publish to this topic");
        // A client that listens on its `cmd/error` is told before its connection ends.
        return void count("acl_publish", { ...whoIs(session), topic: packet.topic }).then(() => callback(error));
      }
      const isKept = route === "free" || route.channel.endsWith("/meta") || route.channel === "status";
      // Raw and replies are never retained (devices.md §10): the broker would keep one of each topic for ever.
      if (!isKept) packet.retain = false;
      if (packet.retain && !retained.mayRetain(session.publisher.user, packet.topic, packet.payload.length)) {
        void count("retained_full", { ...whoIs(session), topic: packet.topic });
        packet.retain = false;
      }
      if (route === "free") return callback(null);
      const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      const message: DevicePublish = { device: route.device, channel: route.channel, topic: packet.topic, payload, qos: packet.qos };
      // Nobody waits for an answer to QoS 0: what holds its sender back is the journal's room, not the commit.
      if (packet.qos === 0) callback(null);
      store(session, message, packet.qos === 0 ? () => undefined : (error) => callback(error ?? null));
    },
    authorizeSubscribe(client, subscription, callback) {
      const session = sessionOf(sessions, client);
      const isFull = Object.keys((client as unknown as { subscriptions: object }).subscriptions).length >= MAX_FILTERS;
      if (session !== undefined && !isFull && allow(session.publisher, "subscribe", subscription.topic)) {
        granted.add(subscription);
        return callback(null, subscription);
      }
      void count("acl_subscribe", { ...whoIs(session), topic: subscription.topic });
      callback(null, null);
    },
    authorizeForward(client, packet) {
      const session = sessionOf(sessions, client);
      if (session === undefined) return null;
      let may = session.forwards.get(packet.topic);
      if (may === undefined) {
        may = allow(session.publisher, "forward", packet.topic);
        if (session.forwards.size >= MAX_CACHED_TOPICS) session.forwards.clear();
        session.forwards.set(packet.topic, may);
      }
      if (!may) void count("acl_forward", { ...whoIs(session), topic: packet.topic });
      else if (packet.qos > 0) session.connection.sentCount++;
      return may ? packet : null;
    },
  };
}

function whoIs(session: Session | undefined): Pick<Cause, "account" | "address"> {
  return session === undefined ? {} : { account: session.publisher.user, address: session.publisher.address };
}
