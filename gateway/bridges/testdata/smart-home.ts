/** A smart home for tests: a broker that keeps what is retained and can refuse, end and come back, and what Home Assistant would make of it. */

import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Aedes } from "aedes";
import { type Discovered, readDiscovery } from "./home-assistant-schema.ts";

export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** What Home Assistant would show of what is retained. */
interface Hub {
  /** Devices as Home Assistant would list them, by name. */
  devices(): Record<string, Discovered>;
  /** Names of a device's entities that are not removed. */
  entities(device: string): string[];
  /** What an entity shows, by the names of device and entity. */
  state(device: string, entity: string): string | undefined;
}

export interface SmartHome extends Hub {
  readonly url: string;
  /** All that was published, in order. */
  readonly messages: Message[];
  readonly retained: Map<string, string>;
  publish(topic: string, payload: string, retain?: boolean): Promise<void>;
  /** Logins that are refused from now on. */
  refuse(isRefused: boolean): void;
  /** The broker is gone; `forgets` also what it had retained. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export function hubOf(retained: ReadonlyMap<string, string>): Hub {
  const devices = () => {
    const configs = [...retained].filter(([topic]) => topic.endsWith("/config")).map(([topic, text]) => readDiscovery(topic, text));
    return Object.fromEntries(configs.flatMap((found) => (found === undefined ? [] : [[found.device.name, found]])));
  };
  return {
    devices,
    entities: (device) => Object.values(devices()[device]?.components ?? {}).flatMap(({ name }) => name ?? []),
    state(device, entity) {
      const component = Object.values(devices()[device]?.components ?? {}).find(({ name }) => name === entity);
      const available = (component?.availability ?? []) as { topic: string }[];
      if (available.some(({ topic }) => retained.get(topic) !== "online")) return "unavailable";
      return retained.get(String(component?.state_topic));
    },
  };
}

export async function openSmartHome(): Promise<SmartHome> {
  let broker: Aedes;
  let server: Server | undefined;
  let port = 0;
  let isRefused = false;
  const sockets = new Set<Socket>();
  const messages: Message[] = [];
  const retained = new Map<string, string>();

  const start = async () => {
    broker = await Aedes.createBroker({
      authenticate: (_client, _user, _password, done) =>
        isRefused ? done(Object.assign(new Error("no"), { returnCode: 5 as const }), false) : done(null, true),
    });
    retained.clear();
    broker.on("publish", ({ topic, payload, retain }) => {
      if (topic.startsWith("$SYS")) return;
      const text = payload.toString();
      messages.push({ topic, payload: text, retain });
      if (!retain) return;
      if (text === "") retained.delete(topic);
      else retained.set(topic, text);
    });
    server = createServer((socket) => {
      sockets.add(socket.on("close", () => sockets.delete(socket)));
      broker.handle(socket);
    });
    await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
    port = (server.address() as { port: number }).port;
  };
  await start();

  return {
    get url() {
      return `mqtt://127.0.0.1:${port}`;
    },
    ...{ messages, retained, start, ...hubOf(retained) },
    publish: (topic, payload, retain = false) =>
      new Promise((resolve, reject) =>
        broker.publish({ cmd: "publish", topic, payload, retain, qos: 1, dup: false }, (error) =>
          error == null ? resolve() : reject(error),
        ),
      ),
    refuse(next) {
      isRefused = next;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => broker.close(resolve));
      await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    },
  };
}

/** Waits for what can be seen, never for a time. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await sleep(2);
  }
}
