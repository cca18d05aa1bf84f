/**
 * The way in that the twin brings along: an MQTT broker in the twin's process, one account per gateway, each within its own branch. It hands messages on
 * and stores nothing; a message that isn't settled ends its connection, and its gateway sends it again.
 */

import { createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import type { Clock } from "../../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../../device-drivers/contract/error.ts";
import { type TrafficClass, trafficClasses } from "../../../device-drivers/contract/event.ts";
import { createMqttLengths } from "../../../device-drivers/framing/mqtt-lengths.ts";
import { type Door, type DoorLimits, openDoor } from "../../runtime/door.ts";
import type { Log } from "../../runtime/log.ts";
import { packLengths } from "../../runtime/packet-lengths.ts";
import type { PasswordVerdict } from "../../runtime/password-checks.ts";
import { maxFrameBytes } from "../../semantic/frame.ts";
import type { Ingest, IngestHandlers, IngestRefusal } from "./port.ts";

interface EmbeddedBrokerOptions extends IngestHandlers {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** Whether this is the gateway's password. */
  readonly isAllowed: (gateway: string, password: Uint8Array, address: string) => Promise<PasswordVerdict>;
  /** Without a gateway whose enrolment has ended: its connection ends, too. */
  readonly enrolled: () => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
  readonly log: Log;
}

interface EmbeddedBroker extends Ingest {
  readonly port: number;
}

const settings = {
  connectTimeout: 5000,
  drainTimeout: 15_000,
  maxTopicLevels: 8,
  maxClientsIdLength: 128,
  queueLimit: 64,
  concurrency: 400,
};
/** A gateway holds one connection, and for a moment the one that it replaces. */
const twinDoorLimits: DoorLimits = { maxStrangers: 512, strangerMs: 10_000, maxKnown: 20_000, maxPerAccount: 4 };
/** Before a client is known it has nothing to say but who it is. */
const maxStrangerBytes = 4096;
/** A frame that is too large is refused and counted as such; this bounds only what is collected for it. */
const maxPacketBytes = 2 * maxFrameBytes;

/** How often those who are in are looked at. */
const lookMs = 5000;

/** Starts listening. Throws GatewayError `twin.port_busy`, `twin.listen_failed` (operator). */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  packLengths();
  const { log } = options;
  const owners = new WeakMap<Client, string>();
  const connected = new Map<string, Client>();
  const wills = new WeakMap<object, string>();
  let isPaused = false;
  let door: Door | undefined;

  const deny = (reason: IngestRefusal) => {
    options.refused(reason);
    log.warn({ reason }, "a client of the twin's broker was refused");
  };

  const authenticate = async (client: Client, gateway: string | undefined, password: Buffer | undefined): Promise<PasswordVerdict> => {
    if (gateway === undefined || password === undefined) return "wrong";
    const address = (client.conn as Socket).remoteAddress ?? "";
    const verdict = await options.isAllowed(gateway, password, address);
    if (verdict !== "right") return verdict;
    const will = wills.get(client);
    if (client.id !== gateway || (will !== undefined && mayPublish(gateway, will) === undefined)) return "wrong";
    owners.set(client, gateway);
    door?.admit(client.conn as Socket, gateway);
    return "right";
  };

  const aedes = await Aedes.createBroker({
    ...settings,
    preConnect(client, packet, callback) {
      packet.clean = true;
      if (packet.will !== undefined) wills.set(client, packet.will.topic);
      callback(null, true);
    },
    authenticate(client, user, password, callback) {
      const refuse = (returnCode: number) =>
        callback(Object.assign(new Error("connection refused"), { returnCode }) as AuthenticateError, null);
      authenticate(client, user, password).then(
        (verdict) => {
          if (verdict === "right") return callback(null, true);
          deny(verdict === "wrong" ? "password" : "password_busy");
          refuse(verdict === "wrong" ? 4 : 3);
        },
        () => refuse(3),
      );
    },
    authorizePublish(client, packet, callback) {
      const gateway = client === null ? undefined : owners.get(client);
      const leaf = gateway === undefined ? undefined : mayPublish(gateway, packet.topic);
      if (gateway === undefined || leaf === undefined) {
        deny("topic");
        return callback(new GatewayError("twin.forbidden_topic", "operator", "The gateway may not publish to this topic."));
      }
      if (leaf === "status") return callback(null);
      const bytes = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      // Neither taken nor answered: its gateway sends it again to the next one.
      if (isPaused) return;
      if (leaf === "reported") {
        settle(options.report(gateway, bytes), callback);
        return;
      }
      packet.retain = false;
      settle(options.receive({ gateway, class: leaf.up, bytes }), callback);
    },
    authorizeSubscribe(client, subscription, callback) {
      const gateway = owners.get(client);
      if (gateway !== undefined && subscription.topic.startsWith(branch(gateway))) return callback(null, subscription);
      deny("topic");
      callback(null, null);
    },
    authorizeForward(client, packet) {
      const gateway = owners.get(client);
      return gateway !== undefined && packet.topic.startsWith(branch(gateway)) ? packet : null;
    },
  });

  aedes.on("clientReady", (client) => {
    const gateway = owners.get(client);
    if (gateway !== undefined) connected.set(gateway, client);
  });
  aedes.on("clientDisconnect", (client) => {
    const gateway = owners.get(client);
    if (gateway !== undefined && connected.get(gateway) === client) connected.delete(gateway);
  });
  aedes.on("clientError", (client, error) => log.debug({ clientId: client.id, reason: error.message }, "twin client closed with an error"));
  aedes.on("connectionError", (_client, error) => log.debug({ reason: error.message }, "connection closed before it was accepted"));

  const server = createServer({ noDelay: true }, (socket) => {
    const client = aedes.handle(socket);
    // aedes collects a packet of any size before it looks at it, from anybody.
    const lengths = createMqttLengths(() => (owners.has(client) ? maxPacketBytes : maxStrangerBytes));
    socket.on("data", (bytes: Buffer) => {
      if (socket.destroyed || lengths.push(bytes)) return;
      deny("size");
      socket.destroy();
    });
  });
  const closeAedes = () => new Promise<void>((resolve) => aedes.close(resolve));
  const { host, port, clock } = options;
  door = await openDoor(server, { name: "twin_mqtt", area: "twin", host, port, clock, limits: twinDoorLimits, onRefused: deny }).catch(
    async (error: unknown) => {
      await closeAedes();
      throw error;
    },
  );

  const look = async () => {
    if (connected.size === 0) return;
    const enrolled = await options.enrolled();
    for (const [gateway, client] of [...connected]) if (!enrolled.has(gateway)) client.close();
  };
  // A database that cannot be asked now ends nobody's connection.
  const stopLooking = clock.every(lookMs, () => void look().catch(() => {}));

  lookUpRetained((aedes as unknown as { readonly persistence: RetainedStore }).persistence);

  const publish = (topic: string, payload: Uint8Array | string, retain: boolean) =>
    new Promise<void>((resolve, reject) => {
      const packet = { cmd: "publish" as const, topic, payload: Buffer.from(payload as Uint8Array), qos: 1 as const, retain, dup: false };
      aedes.publish(packet, (error) => (error == null ? resolve() : reject(error)));
    });

  return {
    port: door.port,
    acknowledge: (gateway, bytes) => publish(`${branch(gateway)}ack`, bytes, false),
    publishDesired: (gateway, text) => publish(`${branch(gateway)}desired`, text, true),
    sendAct: (gateway, text) => publish(`${branch(gateway)}act`, text, false),
    isConnected: async (gateway) => connected.has(gateway),
    async pause() {
      isPaused = true;
    },
    close() {
      stopLooking();
      return door.close(closeAedes);
    },
  };
}

interface RetainedStore {
  storeRetained(packet: { readonly topic: string; readonly payload: { readonly length: number } }): unknown;
  createRetainedStreamCombi(topics: readonly string[]): Readable;
}

/** aedes holds each subscription against all that is retained, so that ten thousand gateways which come at once cost a hundred times what one thousand do. */
function lookUpRetained(kept: RetainedStore): void {
  const newest = new Map<string, object>();
  const [store, search] = [kept.storeRetained.bind(kept), kept.createRetainedStreamCombi.bind(kept)];
  kept.storeRetained = (packet) => {
    // An empty one ends what was retained (MQTT 3.1.1 §3.3.1.3).
    if (packet.payload.length === 0) newest.delete(packet.topic);
    else newest.set(packet.topic, { ...packet });
    return store(packet);
  };
  kept.createRetainedStreamCombi = (topics) =>
    topics.some((topic) => /[+#]/.test(topic)) ? search(topics) : Readable.from(topics.flatMap((topic) => newest.get(topic) ?? []));
}

/** Tells the broker how a message ended. */
function settle(done: Promise<void>, callback: (error?: Error | null) => void): void {
  done.then(
    () => callback(null),
    (error: unknown) => callback(toGatewayError(error, "twin.bug")),
  );
}

function branch(gateway: string): string {
  return `hearth/v1/${gateway}/`;
}

/** What a gateway may publish, by the last part of the topic; undefined for everything else, its own `ack` and `desired` included. */
function mayPublish(gateway: string, topic: string): { readonly up: TrafficClass } | "reported" | "status" | undefined {
  if (!topic.startsWith(branch(gateway))) return undefined;
  const leaf = topic.slice(branch(gateway).length);
  if (leaf === "reported" || leaf === "status") return leaf;
  const up = trafficClasses.find((name) => leaf === `up/${name}`);
  return up === undefined ? undefined : { up };
}
