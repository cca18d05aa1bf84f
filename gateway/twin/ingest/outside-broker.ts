/**
 * The way in through an MQTT broker that runs elsewhere (mosquitto, say), with accounts and an access list of its operator's: one gateway an account, each
 * within its own branch. The broker is a wire and no store: a message that isn't settled is sent again by its gateway, which waits for the twin's word.
 */

import type { Clock } from "../../../device-drivers/contract/clock.ts";
import { type TrafficClass, trafficClasses } from "../../../device-drivers/contract/event.ts";
import type { Log } from "../../runtime/log.ts";
import { maxFrameBytes } from "../../semantic/frame.ts";
import { openConnection } from "../../sync/connection.ts";
import type { Link } from "../../sync/link-port.ts";
import type { Ingest, IngestHandlers } from "./port.ts";

export interface OutsideBrokerOptions extends IngestHandlers {
  /** `mqtts://user:password@host:port`; the account may read and write `hearth/v1/#`. */
  readonly url: string;
  /** Another one for each worker. */
  readonly clientId: string;
  /** False where frames come another way; then the line is for what goes home, and for who is there. */
  readonly takesFrames?: boolean;
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** Workers of one name share what comes up (MQTT 5 §4.8.2; brokers do it for 3.1.1 too); each of them sees who is there and what is in force. */
const frames = "$share/hearth-twin/hearth/v1/+/up/+";
const words = ["hearth/v1/+/reported", "hearth/v1/+/status"];
/** A frame that is too large is refused and counted; a message twice as large ends the line. */
const maxMessageBytes = 2 * maxFrameBytes;
/** Of gateways whose state is remembered. */
const maxGateways = 100_000;
const longestPauseMs = 30_000;

export function openOutsideBroker(options: OutsideBrokerOptions): Ingest {
  const { log } = options;
  const wishes = new Map<string, string>();
  const online = new Set<string>();
  let isPaused = false;

  const send = (topic: string, payload: Uint8Array | string, retain = false) => line.publish(topic, payload, { retain });
  const sendWish = async (gateway: string) => send(`hearth/v1/${gateway}/desired`, wishes.get(gateway) ?? "", true);

  const take = (topic: string, bytes: Uint8Array): void => {
    const { gateway, up, leaf } = partsOf(topic);
    if (gateway === undefined || (up === undefined && leaf === undefined)) {
      options.refused("topic");
      return;
    }
    if (leaf === "status") {
      if (isOnline(bytes) && online.size < maxGateways) online.add(gateway);
      else online.delete(gateway);
      return;
    }
    // Neither taken nor answered: its gateway sends it again.
    if (isPaused) return;
    if (bytes.length > maxMessageBytes) {
      options.refused("size");
      return;
    }
    const settled = up === undefined ? options.report(gateway, bytes) : options.receive({ gateway, class: up, bytes });
    settled.catch((error: unknown) =>
      log.debug({ gateway, reason: String(error) }, "a message was not settled; its gateway sends it again"),
    );
  };

  const { protocol, hostname, port, username, password } = new URL(options.url);
  const line: Link = openConnection(
    {
      url: `${protocol}//${hostname}${port === "" ? "" : `:${port}`}`,
      ...{ clientId: options.clientId, username: decodeURIComponent(username), password: decodeURIComponent(password) },
      ...{
        subscribe: options.takesFrames === false ? words : [frames, ...words],
        clock: options.clock,
        random: options.random,
        log,
        called: "the twin's broker",
      },
      ...{ maxPacketBytes: 2 * maxMessageBytes, longestPauseMs },
      onError: (error) => log.warn({ why: error.message }, "the twin's broker can't be reached; what gateways have waits with them"),
    },
    {
      // A broker that has forgotten what was retained is told again.
      onUp: () => void Promise.allSettled([...wishes.keys()].map(sendWish)),
      onDown: () => online.clear(),
      onMessage: take,
    },
  );

  return {
    acknowledge: (gateway, bytes) => send(`hearth/v1/${gateway}/ack`, bytes),
    async publishDesired(gateway, text) {
      wishes.set(gateway, text);
      if (line.isUp()) await sendWish(gateway);
    },
    sendAct: (gateway, text) => send(`hearth/v1/${gateway}/act`, text),
    isConnected: async (gateway) => online.has(gateway),
    async pause() {
      isPaused = true;
    },
    close: line.close,
  };
}

/** Whose it is, and the class of frames or the other word at its end. */
function partsOf(topic: string): { readonly gateway?: string; readonly up?: TrafficClass; readonly leaf?: string } {
  const [, gateway, name, leaf] = /^hearth\/v1\/([^/+#]+)\/(?:up\/([a-z]+)|(reported|status))$/.exec(topic) ?? [];
  const up = trafficClasses.find((each) => each === name);
  return { ...(gateway && { gateway }), ...(up && { up }), ...(leaf && { leaf }) };
}

function isOnline(bytes: Uint8Array): boolean {
  try {
    return (JSON.parse(Buffer.from(bytes).toString()) as { state?: unknown }).state === "online";
  } catch {
    return false;
  }
}
