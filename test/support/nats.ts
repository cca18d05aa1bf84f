/** NATS servers of Debian's package with a stream on disk and an MQTT listener, alone or as a cluster; each can be killed and started again. Absent where it is not installed. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "@nats-io/transport-node";
import { authorization, isOpen, natsProgram } from "../../gateway/bench/fleet/servers.ts";
import { keptPort } from "../fakes/kept-port.ts";

export const hasNats = natsProgram !== undefined;

export interface TestNats {
  readonly mqttPort: number;
  readonly port: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Passwords are `pw-` and the name. */
const accounts = (gateways: readonly string[]) => authorization(new Map(gateways.map((name) => [name, `pw-${name}`])));

export async function openTestNats(gateways: readonly string[]): Promise<TestNats> {
  const [server] = await openServers(gateways, 1);
  return server as TestNats;
}

/** Three that keep each message on all of them. Resolves when they have chosen who leads. */
export async function openTestCluster(gateways: readonly string[]): Promise<readonly TestNats[]> {
  const servers = await openServers(gateways, 3);
  const [first] = servers as [TestNats];
  const connection = await connectNats({ servers: `127.0.0.1:${first.port}`, user: "twin", pass: "pw-twin" });
  for (;;) {
    try {
      await (await jetstreamManager(connection, { timeout: 1000 })).getAccountInfo();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await connection.close();
  return servers;
}

async function openServers(gateways: readonly string[], count: number): Promise<readonly TestNats[]> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-nats-"));
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      name: `n${i}`,
      port: await keptPort(),
      mqttPort: await keptPort(),
      route: await keptPort(),
    })),
  );
  const routes = nodes.map(({ route }) => `"nats://127.0.0.1:${route}"`).join(", ");
  const servers = nodes.map(({ name, port, mqttPort, route }) => {
    const file = join(folder, `${name}.conf`);
    const cluster = count === 1 ? [] : [`cluster { name: hearth, listen: "127.0.0.1:${route}", routes: [${routes}] }`];
    writeFileSync(
      file,
      [
        ...[`server_name: ${name}`, `listen: "127.0.0.1:${port}"`, `jetstream { store_dir: "${folder}/${name}" }`],
        ...[`mqtt { listen: "127.0.0.1:${mqttPort}"${count === 1 ? "" : `, stream_replicas: ${count}`} }`, ...cluster, accounts(gateways)],
      ].join("\n"),
    );
    return { port, mqttPort, ...startedBy(file, mqttPort) };
  });
  await Promise.all(servers.map(({ start }) => start()));
  return servers.map((server) => ({
    ...server,
    async close() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  }));
}

/** One server, by its file of settings. */
function startedBy(file: string, mqttPort: number) {
  let child: ChildProcess | undefined;
  return {
    async start() {
      child = spawn(natsProgram as string, ["-c", file], { stdio: "ignore" });
      while (!(await isOpen(mqttPort))) {
        if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
