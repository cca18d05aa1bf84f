/** Over MQTT as the device itself: descriptor and status at each connection, answers on `cmd/#`, batches acknowledged one by one (QoS 1). */

import { readFileSync } from "node:fs";
import { connect } from "mqtt";
import { HearthProblem } from "../../client/problem.ts";
import type { Line, LineEvents } from "./line.ts";
import type { OutSettings } from "./settings.ts";

interface MqttLineParts extends LineEvents {
  readonly settings: Pick<OutSettings, "broker" | "caFile" | "device" | "stream" | "meta">;
  readonly site: string;
  readonly password: string;
}

const keepAliveS = 30;
const connectMs = 10_000;
const [firstPauseMs, longestPauseMs] = [1000, 30_000];
/** A wrong password stays wrong until somebody mends it. */
const refusedPauseMs = 60_000;
/** CONNACK 4 and 5 of MQTT 3.1.1: user name or password, not authorised. */
const refusals = [4, 5];
const maxAnswerBytes = 4096;
const closeMs = 2000;

/** Throws `flows.bad_settings` for an address that can't be used. */
export function openMqttLine({ settings, site, password, onUp, onDown, onAnswer }: MqttLineParts): Line {
  const { broker, caFile, device, stream, meta } = settings;
  const base = `hearth/v1/${site}/${device}`;
  const client = connect(addressOf(broker), {
    ...{ clientId: device, username: device, password, keepalive: keepAliveS, connectTimeout: connectMs, clean: true, protocolVersion: 4 },
    ...{ queueQoSZero: false, reconnectPeriod: firstPauseMs, resubscribe: false },
    ...(caFile === "" ? {} : { ca: readCa(caFile) }),
    will: { topic: `${base}/status`, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
  });
  const onTheirWay = new Set<number>();
  let failures = 0;
  let lastError = new HearthProblem("flows.unreachable", "The broker does not answer.");
  const describe = () => client.publishAsync(`${base}/${stream}/meta`, Buffer.from(meta), { qos: 1, retain: true });
  const greet = async () => {
    await client.subscribeAsync(`${base}/cmd/#`, { qos: 1 });
    await describe();
    await client.publishAsync(`${base}/status`, '{"state":"online"}', { qos: 1, retain: true });
    failures = 0;
    onUp();
  };
  client.on("connect", () => {
    // A line that breaks here is told by its close.
    greet().catch(() => {});
  });
  client.on("message", (topic, payload) => {
    if (topic === `${base}/cmd/meta`) describe().catch(() => {});
    if (topic === `${base}/cmd/error`) onAnswer({ reason: reasonIn(payload) });
  });
  client.on("error", (error) => {
    const { code } = error as { readonly code?: unknown };
    const isRefused = refusals.includes(Number(code));
    lastError = isRefused
      ? new HearthProblem("flows.account_refused", `The gateway does not know the account ${device}, or its password is another.`, 401)
      : new HearthProblem("flows.unreachable", `The broker does not answer (${String(code ?? error.message).slice(0, 80)}).`);
  });
  client.on("close", () => {
    failures++;
    // The client would send them again by itself, at each connection more: they wait in our own queue, which has a bound.
    for (const id of onTheirWay) client.removeOutgoingMessage(id);
    onTheirWay.clear();
    client.options.reconnectPeriod =
      lastError.status === 401 ? refusedPauseMs : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 8));
    onDown(lastError);
  });
  return {
    async send(bytes) {
      if (!client.connected) throw new HearthProblem("flows.unreachable", "The broker is away.");
      const sent = client.publishAsync(`${base}/${stream}/raw`, Buffer.from(bytes), { qos: 1 });
      const id = client.getLastMessageId();
      onTheirWay.add(id);
      await sent;
      onTheirWay.delete(id);
    },
    async close() {
      if (client.connected) {
        const said = client.publishAsync(`${base}/status`, '{"state":"offline"}', { qos: 1, retain: true });
        await Promise.race([said, new Promise((resolve) => setTimeout(resolve, closeMs).unref())]).catch(() => {});
      }
      await client.endAsync(true);
    },
  };
}

function addressOf(broker: string): string {
  const url = URL.parse(/^\w+:\/\//.test(broker) ? broker : `mqtt://${broker}`);
  if (url === null || !["mqtt:", "mqtts:"].includes(url.protocol) || url.hostname === "" || url.username !== "")
    throw new HearthProblem(
      "flows.bad_settings",
      `“${broker.slice(0, 80)}” is no address such as mqtt://127.0.0.1:1883 or mqtts://hearth.local:8883`,
    );
  return url.href;
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new HearthProblem("flows.bad_settings", `the authority file ${file} cannot be read`);
  }
}

/** In the gateway's own words; an empty message takes the last one back. */
function reasonIn(payload: Buffer): string | undefined {
  if (payload.length === 0) return undefined;
  try {
    const { reason, help } = JSON.parse(payload.subarray(0, maxAnswerBytes).toString()) as {
      readonly reason?: unknown;
      readonly help?: unknown;
    };
    return [reason, help].filter((each) => typeof each === "string").join("; ") || "refused";
  } catch {
    return "refused";
  }
}
