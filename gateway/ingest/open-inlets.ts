/** Opens what the outside reaches: the broker for wearables, the supervised ports, the page and REST. Opened last, closed first. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";
import type { LinkKind } from "../../device-drivers/link/link-kind.ts";
import type { Config, DeviceConfig } from "../config/schema.ts";
import { kindOf } from "../runtime/kind-of.ts";
import type { Log } from "../runtime/log.ts";
import type { Cause, Refusals } from "../runtime/refusals.ts";
import { startBroker } from "./broker.ts";
import type { Broker } from "./broker-port.ts";
import type { Credentials } from "./credentials.ts";
import type { DriverOf } from "./load-drivers.ts";
import { type Port, type PortState, startPort } from "./ports.ts";
import type { Receiver } from "./receive.ts";

interface InletsParts {
  readonly config: Pick<Config, "gateway">;
  /** Those whose ports are opened with the house. */
  readonly devices: readonly InletDevice[];
  readonly clock: Clock;
  readonly log: Log;
  readonly stamps: () => GatewayStamps;
  readonly credentials: Credentials;
  readonly receiver: Receiver;
  readonly driverOf: DriverOf;
  readonly links: readonly LinkKind[];
  readonly mqttPort: number;
  readonly room: () => Promise<void>;
  /** A port closed or fell silent (true), or bytes come from it (false). One that merely opens has shown nothing yet. */
  readonly onPortLost: (device: string, isLost: boolean) => void;
  readonly onDuplicateIdentity: (device: string) => void;
  /** An account was refused something at the broker. */
  readonly onDenied: (cause: Omit<Cause, "where">) => readonly Promise<void>[];
  readonly refusals: Pick<Refusals, "note" | "fault">;
}

type InletDevice = Pick<DeviceConfig, "id" | "link">;

export interface Inlets {
  readonly broker: Broker;
  readonly ports: ReadonlyMap<string, Port>;
  /** The port of a device that joined the home while it runs; nothing for one that comes over MQTT. Throws `config.unknown_link` (operator). */
  open(device: InletDevice): void;
  /** It left: its port is closed. */
  shut(device: string): Promise<void>;
  close(): Promise<void>;
}

export async function openInlets(parts: InletsParts): Promise<Inlets> {
  const { config, clock, log, credentials, receiver } = parts;
  const site = config.gateway.id;
  for (const { user, role, site: known } of credentials.list())
    if (known !== site)
      log.warn({ user, site: known }, `this account is of another gateway.id; 'hearth init --${role} ${user}' makes it one of "${site}"`);
  const broker = await startBroker({
    port: parts.mqttPort,
    host: "127.0.0.1",
    credentials,
    clock,
    journalRoom: parts.room,
    onPublish: (publisher, message, done) => receiver.publish(publisher, message, done),
    onPresence: ({ role, user }, isConnected) => {
      if (role === "device" && !isConnected) receiver.setPresence(user, "offline");
    },
    async onRefused(cause) {
      parts.refusals.note({ where: "mqtt", ...cause });
      await Promise.all(parts.onDenied(cause));
    },
    onDuplicateIdentity: (_client, user) => parts.onDuplicateIdentity(user),
    log: (level, message, fields) => log[level](fields, message),
  });
  const ports = new Map<string, Port>();
  const close = async () => {
    await Promise.all([...ports.values()].map((port) => port.stop()));
    await broker.close();
  };
  const open = (device: InletDevice) => {
    const port = openPort(device, parts);
    if (port !== undefined) ports.set(device.id, port);
  };
  const shut = async (device: string) => {
    const port = ports.get(device);
    ports.delete(device);
    await port?.stop();
  };
  try {
    for (const device of parts.devices) open(device);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { broker, ports, open, shut, close };
}

/** Sensors that start together with the house get so long for their first byte. */
const startUs = 10_000_000;
const lostStates: ReadonlySet<PortState> = new Set(["silent", "backing-off", "failed"]);

/** Throws `config.unknown_link` (operator). */
function openPort(device: InletDevice, parts: InletsParts): Port | undefined {
  const found = parts.driverOf(device.id);
  const { kind, ...settings } = device.link;
  const link = kindOf("link", kind, parts.links);
  if (link.create === undefined || found === undefined) return undefined;
  const { driver } = found;
  const open = link.create;
  const openedUs = parts.clock.monotonicUs();
  let isLost: boolean | undefined;
  const tell = (nowLost: boolean) => {
    if (isLost === nowLost) return;
    isLost = nowLost;
    parts.onPortLost(device.id, nowLost);
  };
  const take = (chunk: Chunk) => {
    tell(false);
    parts.receiver.chunk(chunk);
  };
  return startPort({
    link: kind,
    device: device.id,
    createLink: () => open(settings, driver.serial),
    silenceMs: driver.silenceMs,
    clock: parts.clock,
    random: Math.random,
    stamp: parts.stamps,
    sink: { room: parts.room, offer: take },
    onState: (state, error) => {
      if (error !== undefined) {
        const { place = Object.values(settings).join(":") } = error.fields as { place?: string };
        parts.refusals.fault("port", error, { device: device.id, path: place });
      }
      const isSilence = state === "silent" || error?.code === "ingest.port_silent";
      const mayStillStart = isLost === undefined && isSilence && parts.clock.monotonicUs() - openedUs < startUs;
      if (lostStates.has(state) && !mayStillStart) tell(true);
    },
  });
}
