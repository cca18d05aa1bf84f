/**
 * An MQTT client that stays connected: one mqtt.js client per attempt, full-jitter back-off between them. It keeps no message: what was not sent is
 * the outbox's affair.
 */

import { Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createMqttLengths } from "../../device-drivers/framing/mqtt-lengths.ts";
import { createBackoff, STEADY_MS } from "../runtime/backoff.ts";
import type { Log } from "../runtime/log.ts";
import { maxDesiredBytes } from "../semantic/desired.ts";
import type { Link, LinkHandlers } from "./link-port.ts";

export interface ConnectionOptions {
  /** mqtt:// or mqtts:// */
  readonly url: string;
  /** The provisioned id (R29). */
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Whom to believe with mqtts:// besides the machine's own list (PEM). */
  readonly ca?: string | undefined;
  /** Topics wanted at QoS 1. */
  readonly subscribe: readonly string[];
  /** Wanted too where the broker grants it: one that knows nothing of such a topic ends nothing. */
  readonly alsoSubscribe?: readonly string[];
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean };
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  readonly log: Pick<Log, "warn" | "info" | "debug">;
  /** Thrown out soon after CONNACK three times in a row: somebody else uses this id (R28). */
  readonly onDuplicateIdentity?: () => void;
  /** Why an attempt or a connection failed, as the library says it. */
  readonly onError?: (error: Error) => void;
  /** What the line is called in the log. */
  readonly called?: string;
  /** A longer packet ends the connection; by default twice the largest wish of a twin. */
  readonly maxPacketBytes?: number;
  /** The longest pause between two attempts; 5 min by default. */
  readonly longestPauseMs?: number;
}

const kickedMs = 5000;
const kicksToTell = 3;
const connectTimeoutMs = 10_000;
const keepaliveS = 30;
/** A wish is the largest that the twin sends. */
const wishPacketBytes = 2 * maxDesiredBytes;

/** Connects at once and again after every loss until closed. */
export function openConnection(options: ConnectionOptions, handlers: LinkHandlers): Link {
  const { clock, log, called = "uplink", maxPacketBytes = wishPacketBytes } = options;
  let client: MqttClient | undefined;
  let isUp = false;
  let isClosed = false;
  const backoff = createBackoff(options.random, options.longestPauseMs);
  let kickCount = 0;
  let connackUs: number | undefined;
  let cancelRetry: () => void = () => undefined;
  let cancelSteady: () => void = () => undefined;

  const attempt = () => {
    const settings: IClientOptions = {
      clientId: options.clientId,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(options.ca === undefined ? {} : { ca: [...rootCertificates, options.ca] }),
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...(options.will === undefined ? {} : { will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1 as const } }),
    };
    const own = connect(options.url, settings);
    client = own;
    // The client collects a packet of any size before it hands it on.
    const lengths = createMqttLengths(() => maxPacketBytes);
    own.stream.on("data", (bytes: Buffer) => {
      if (client !== own || lengths.push(bytes)) return;
      options.onError?.(new Error(`a packet of more than ${maxPacketBytes} bytes`));
      lose(own, "too large a packet");
    });
    own.on("connect", () => {
      if (client !== own) return;
      // Small packets wait for each other's acknowledgement otherwise: 40 ms per window of frames.
      if (own.stream instanceof Socket) own.stream.setNoDelay(true);
      connackUs = clock.monotonicUs();
      own.subscribe([...options.subscribe], { qos: 1 }, (error) => {
        if (client !== own) return;
        if (error != null) {
          options.onError?.(new Error("the broker refuses the subscription", { cause: error }));
          return lose(own, "subscription refused");
        }
        for (const topic of options.alsoSubscribe ?? [])
          own.subscribe(topic, { qos: 1 }, (refusal) => {
            if (refusal != null && client === own) log.info({ topic }, `${called}: the broker does not grant a topic`);
          });
        isUp = true;
        cancelSteady = clock.after(STEADY_MS, () => {
          backoff.reset();
          kickCount = 0;
        });
        handlers.onUp();
      });
    });
    own.on("message", (topic, payload, { retain }) => {
      if (client === own) handlers.onMessage(topic, payload, retain);
    });
    own.on("error", (error) => {
      if (client !== own) return;
      log.debug({ reason: error.message }, `${called} connection error`);
      options.onError?.(error);
      lose(own, "error");
    });
    own.on("close", () => lose(own, "closed"));
  };

  /** Forgets the attempt and plans the next one; once per attempt, whatever ended it. */
  const lose = (own: MqttClient, reason: string) => {
    if (client !== own) return;
    client = undefined;
    const wasUp = isUp;
    isUp = false;
    cancelSteady();
    countKick(reason);
    own.end(true);
    if (isClosed) return;
    const waitMs = backoff.nextMs();
    log.info({ reason, waitMs: Math.round(waitMs) }, `${called} is down, next try after a pause`);
    cancelRetry = clock.after(waitMs, attempt);
    if (wasUp) handlers.onDown(reason);
  };

  const countKick = (reason: string) => {
    const isKick = reason === "closed" && connackUs !== undefined && clock.monotonicUs() - connackUs < kickedMs * 1000;
    connackUs = undefined;
    kickCount = isKick ? kickCount + 1 : 0;
    if (kickCount !== kicksToTell) return;
    log.warn({ clientId: options.clientId }, "thrown out three times right after connecting: the identity is in use elsewhere");
    options.onDuplicateIdentity?.();
  };

  attempt();
  return {
    isUp: () => isUp,
    publish(topic, payload, { retain = false } = {}) {
      const own = client;
      if (own === undefined || !isUp) return Promise.reject(offline());
      const bytes = typeof payload === "string" ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      return own.publishAsync(topic, bytes, { qos: 1, retain }).then(
        () => undefined,
        (cause: unknown) => {
          throw offline(cause);
        },
      );
    },
    restart(reason) {
      if (client !== undefined) lose(client, reason);
    },
    async close() {
      isClosed = true;
      cancelRetry();
      cancelSteady();
      const own = client;
      client = undefined;
      isUp = false;
      // A connection that is not answering must not hold up the end.
      if (own?.connected === true) await Promise.race([own.endAsync().catch(() => undefined), closeGrace(own)]);
      else own?.end(true);
    },
  };

  function closeGrace(own: MqttClient): Promise<void> {
    return new Promise((resolve) => {
      clock.after(1000, () => {
        own.end(true);
        resolve();
      });
    });
  }
}

function offline(cause?: unknown): GatewayError {
  return new GatewayError("sync.offline", "world", "The line to the twin is down.", { cause });
}
