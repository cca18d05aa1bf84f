/**
 * The way in through NATS: gateways speak MQTT to its listener, a stream keeps what they send, and any number of workers pull from it. What a worker has
 * not settled goes to another one. Alerts have a queue of their own and never wait behind the rest.
 */

import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
} from "@nats-io/jetstream";
import { type ConnectionOptions, connect } from "@nats-io/transport-node";
import { GatewayError } from "../../../device-drivers/contract/error.ts";
import { type TrafficClass, trafficClasses } from "../../../device-drivers/contract/event.ts";
import type { Log } from "../../runtime/log.ts";
import type { NatsAccounts } from "./nats-accounts.ts";
import { type OutsideBrokerOptions, openOutsideBroker } from "./outside-broker.ts";
import type { Ingest, IngestFigures, IngestHandlers } from "./port.ts";

interface JetStreamOptions extends OutsideBrokerOptions {
  /** `nats://user:password@host:port`, several with commas between. `url` is the MQTT listener of the same servers. */
  readonly stream: string;
  /** On how many of the servers a message is kept. */
  readonly replicas: number;
  /** Where the servers know accounts by tokens; then no URL has a password. */
  readonly accounts?: NatsAccounts;
}

/** The stream's name, and before its class the name of a consumer that all workers share. */
const streamName = "HEARTH_UP";
const consumerOf = (name: TrafficClass) => `hearth-${name}`;
/** Unsettled messages of each class with one worker. */
const window = 64;
const settleMs = 60_000;
const againMs = 1000;
/** Of what no worker has taken. The oldest goes first: its gateway still has it and sends it again. */
const maxBytes = 8 * 1024 ** 3;
const millisecond = 1_000_000;

/** @throws GatewayError `twin.no_stream` (world) where no server answers or JetStream is off */
export async function openJetStream(options: JetStreamOptions): Promise<Ingest> {
  const { log, accounts } = options;
  const [{ username, password } = { username: "", password: "" }] = serversOf(options.stream);
  const worker = accounts?.worker();
  const account = username === "" ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  try {
    const connection = await connect({
      ...connectTo(options.stream),
      ...(worker === undefined ? account : { authenticator: worker.authenticator }),
      ...{ name: options.clientId, maxReconnectAttempts: -1, waitOnFirstConnect: false },
    });
    const manager = await jetstreamManager(connection);
    await ensure(manager, options.replicas);
    const pulls = await pullAll(jetstream(connection), options, log);
    const url = worker === undefined ? options.url : withPassword(options.url, worker.password);
    const line = openOutsideBroker({ ...options, url, takesFrames: false });
    return {
      ...line,
      // At most once, and no more is needed: over the MQTT listener it would be stored on every server. A gateway that misses one sends its rows again.
      async acknowledge(gateway, bytes) {
        connection.publish(`hearth.v1.${gateway}.ack`, bytes);
      },
      figures: () => figuresOf(manager),
      async pause() {
        await line.pause();
        for (const pull of pulls) pull.stop();
      },
      async close() {
        await line.close();
        await connection.drain();
      },
    };
  } catch (cause) {
    throw new GatewayError("twin.no_stream", "world", "The twin's stream can't be reached, or its servers keep none (jetstream).", {
      cause,
    });
  }
}

/** Where the servers are, without who asks. */
export function connectTo(stream: string): Pick<ConnectionOptions, "servers" | "tls"> {
  const servers = serversOf(stream);
  return { servers: servers.map(({ host }) => host), ...(servers.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {}) };
}

const serversOf = (stream: string) => stream.split(",").map((each) => new URL(each));

function withPassword(url: string, password: string): string {
  const named = new URL(url);
  named.username = "twin";
  named.password = password;
  return named.href;
}

/** What waits, of each class and of all. A message leaves the stream when it is settled. */
async function figuresOf(manager: JetStreamManager): Promise<IngestFigures> {
  const { state } = await manager.streams.info(streamName);
  const classes = await Promise.all(
    trafficClasses.map(async (name) => {
      const { num_pending, num_ack_pending } = await manager.consumers.info(streamName, consumerOf(name));
      return { class: name, waiting: num_pending, unsettled: num_ack_pending };
    }),
  );
  return {
    classes,
    settledTotal: state.last_seq - state.messages,
    ...(state.messages === 0 ? {} : { oldestUs: Date.parse(`${state.first_ts}`) * 1000 }),
  };
}

/** The stream and a consumer a class, made by the first worker. */
async function ensure(manager: JetStreamManager, replicas: number): Promise<void> {
  const stream = { subjects: ["hearth.v1.*.up.*"], max_bytes: maxBytes, num_replicas: replicas };
  try {
    await manager.streams.info(streamName);
    await manager.streams.update(streamName, stream);
  } catch {
    await manager.streams.add({ name: streamName, retention: RetentionPolicy.Workqueue, ...stream });
  }
  for (const name of trafficClasses)
    await manager.consumers.add(streamName, {
      ...{ durable_name: consumerOf(name), filter_subject: `hearth.v1.*.up.${name}`, ack_policy: AckPolicy.Explicit },
      ...{ ack_wait: settleMs * millisecond, max_ack_pending: 64 * window },
    });
}

async function pullAll(js: ReturnType<typeof jetstream>, handlers: IngestHandlers, log: Log): Promise<ConsumerMessages[]> {
  return Promise.all(
    trafficClasses.map(async (name) => {
      const consumer = await js.consumers.get(streamName, consumerOf(name));
      const messages = await consumer.consume({ max_messages: window });
      void takeEach(messages, name, handlers).catch((error: unknown) =>
        log.error({ class: name, why: String(error) }, "the stream is no longer read"),
      );
      return messages;
    }),
  );
}

async function takeEach(messages: ConsumerMessages, name: TrafficClass, handlers: IngestHandlers): Promise<void> {
  for await (const message of messages) void take(message, name, handlers);
}

async function take(message: JsMsg, name: TrafficClass, { receive, refused }: IngestHandlers): Promise<void> {
  const gateway = /^hearth\.v1\.([^.]+)\.up\./.exec(message.subject)?.[1];
  if (gateway === undefined) {
    refused("topic");
    message.term();
    return;
  }
  try {
    await receive({ gateway, class: name, bytes: message.data });
    message.ack();
  } catch {
    message.nak(againMs);
  }
}
