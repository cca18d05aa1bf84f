/** A broker on a free port for the account of one strap, and MQTT clients of it. All of it ends with the test that opened it. */

import { type EventEmitter, once } from "node:events";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { startBroker } from "../../gateway/ingest/broker.ts";
import type { BrokerOptions, DevicePublish } from "../../gateway/ingest/broker-port.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";

export const RAW = "hearth/v1/home/strap-1/ecg/raw";

export async function openBrokerHome(more: Partial<BrokerOptions> = {}) {
  const clock = systemClock();
  const credentials = await openCredentials({ clock });
  await credentials.issue({ user: "strap-1", role: "device", site: "home" }, "secret-1");
  const stored: DevicePublish[] = [];
  const broker = await startBroker({
    ...{ port: 0, host: "127.0.0.1", credentials, clock },
    onPublish(_publisher, message, done) {
      stored.push(message);
      done();
    },
    ...more,
  });
  onTestFinished(() => broker.close());
  return { broker, credentials, stored };
}

/** The strap's client unless `options` say otherwise; it may not be in yet. */
export function clientOf({ port }: { readonly port: number }, options: IClientOptions = {}): MqttClient {
  const made = mqtt.connect({
    ...{
      host: "127.0.0.1",
      port,
      protocol: "mqtt" as const,
      clientId: "strap-1",
      username: "strap-1",
      password: "secret-1",
      reconnectPeriod: 0,
    },
    ...options,
  });
  made.on("error", () => undefined);
  onTestFinished(() => made.endAsync(true));
  return made;
}

/** Resolves once it is in. Rejects where it is refused. */
export async function connected(made: MqttClient): Promise<MqttClient> {
  await once(made as unknown as EventEmitter, "connect");
  return made;
}
