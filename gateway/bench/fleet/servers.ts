/** The database and the stream of a fleet for a measurement: Debian's packages, each with its folder and its ports, gone afterwards. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimPort } from "../../config/home-folder.ts";

interface Server {
  readonly pid: number;
  close(): Promise<void>;
}

export interface Database extends Server {
  readonly url: string;
  /** Where it may write. */
  readonly folder: string;
  /** Runs statements as `psql` does; gives what it prints. */
  sql(text: string): string;
}

export interface Stream extends Server {
  readonly mqttUrl: (account: string) => string;
  readonly url: string;
}

const versions = "/usr/lib/postgresql";

/** The newest version's programs; undefined where there is none. */
export const postgresBin: string | undefined = existsSync(versions)
  ? readdirSync(versions)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(versions, version, "bin"))
      .find((bin) => existsSync(join(bin, "initdb")))
  : undefined;
export const natsProgram: string | undefined = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find(
  (path) => existsSync(path),
);

/** Why a fleet can't be measured here, a sentence each. */
export const missingServers: readonly string[] = [
  ...(postgresBin === undefined ? ["PostgreSQL is not installed (Debian: postgresql)"] : []),
  ...(natsProgram === undefined ? ["NATS is not installed (Debian: nats-server)"] : []),
];

/** PostgreSQL refuses to run as root, and then runs as its package's own user. */
export const asOwner: readonly string[] = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];

/** As its package sets it up, fsync and all, but for memory: a quarter of what a small server has. */
export async function startDatabase(): Promise<Database> {
  // Another user's, so below no folder of ours.
  const folder = mkdtempSync(join(tmpdir(), "hearth-fleet-database-"));
  if (asOwner.length > 0) execFileSync("chown", ["postgres", folder]);
  const run = (command: string, args: readonly string[]): [string, string[]] => {
    const [first, ...rest] = [...asOwner, join(postgresBin ?? "", command), ...args];
    return [first as string, rest];
  };
  const quiet = { cwd: folder, stdio: "ignore" } as const;
  const data = join(folder, "data");
  execFileSync(...run("initdb", ["-D", data, "-U", "hearth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]), quiet);
  const settings = ["listen_addresses=", "shared_buffers=256MB", "max_wal_size=2GB", "max_connections=60"];
  const server = spawn(...run("postgres", ["-D", data, "-k", folder, ...settings.flatMap((each) => ["-c", each])]), quiet);
  const isReady = () => {
    try {
      execFileSync(...run("pg_isready", ["-h", folder, "-q"]), quiet);
      return true;
    } catch {
      return false;
    }
  };
  while (!isReady()) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
    await sleep(100);
  }
  return {
    ...{ pid: server.pid ?? 0, folder },
    url: `postgresql://hearth@/postgres?host=${encodeURIComponent(folder)}`,
    sql: (text) =>
      execFileSync(...run("psql", ["-h", folder, "-U", "hearth", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text]), {
        cwd: folder,
        encoding: "utf8",
      }).trim(),
    async close() {
      execFileSync(...run("pg_ctl", ["-D", data, "-m", "fast", "-w", "stop"]), quiet);
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One server with its stream on disk; `accounts` (name → password) as the twin's README gives them. */
export async function startStream(folder: string, accounts: ReadonlyMap<string, string>): Promise<Stream> {
  mkdirSync(folder, { recursive: true });
  const [port, mqttPort] = [await freePort(), await freePort()];
  const file = join(folder, "nats.conf");
  const lines = [
    ...[
      "server_name: n0",
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${folder}/stream" }`,
      `mqtt { listen: "127.0.0.1:${mqttPort}" }`,
    ],
    ...["max_connections: 200000", authorization(accounts)],
  ];
  writeFileSync(file, lines.join("\n"));
  const server = spawn(natsProgram ?? "", ["-c", file], { stdio: "ignore" });
  while (!(await isOpen(mqttPort))) {
    if (server.exitCode !== null) throw new Error(`nats-server ended with ${server.exitCode}`);
    await sleep(50);
  }
  return {
    pid: server.pid ?? 0,
    url: `nats://twin:pw-twin@127.0.0.1:${port}`,
    mqttUrl: (account) => `mqtt://${account}127.0.0.1:${mqttPort}`,
    async close() {
      server.kill("SIGTERM");
      await ended(server);
    },
  };
}

/** `twin` may do everything, each account (name → password) what a gateway may in its own branch. */
export function authorization(accounts: ReadonlyMap<string, string>): string {
  const users = [...accounts].map(([name, password]) => {
    const own = `hearth.v1.${name}`;
    return `{ user: "${name}", password: "${password}", permissions: { publish: ["${own}.up.>", "${own}.reported", "${own}.status"], subscribe: ["${own}.ack", "${own}.act", "${own}.desired", "$MQTT.sub.>"] } }`;
  });
  return `authorization { users: [ { user: "twin", password: "pw-twin" }, ${users.join(",\n")} ] }`;
}

const freePort = () => claimPort(0, "127.0.0.1", { name: "bench", fallback: false });

export const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).once("error", () => resolve(false));
  });

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
