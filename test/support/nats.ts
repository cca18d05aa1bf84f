/** NATS servers of Debian's package with a stream on disk and an MQTT listener, alone or as a cluster; each can be killed and started again. Absent where it is not installed. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "@nats-io/transport-node";
import { keptPort } from "../fakes/kept-port.ts";

const program = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find((path) => existsSync(path));
export const hasNats = program !== undefined;

export interface TestNats {
  readonly mqttPort: number;
  readonly port: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Accounts: `twin` may do everything, each of `gateways` what a gateway may in its own branch; passwords are `pw-` and the name. */
const accounts = (gateways: readonly string[]) => {
  const users = gateways.map(
    (g) =>
      `{ user: "${g}", password: "pw-${g}", permissions: { publish: ["hearth.v1.${g}.up.>", "hearth.v1.${g}.reported", "hearth.v1.${g}.status"], subscribe: ["hearth.v1.${g}.ack", "hearth.v1.${g}.act", "hearth.v1.${g}.desired", "$MQTT.sub.>"] } }`,
  );
  return `authorization { users: [ { user: "twin", password: "pw-twin" }, ${users.join(", ")} ] }`;
};

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
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(mqttPort, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
  return {
    async start() {
      child = spawn(program as string, ["-c", file], { stdio: "ignore" });
      while (!(await isOpen())) {
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
