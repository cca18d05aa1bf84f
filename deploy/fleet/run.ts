/**
 * Runs a fleet without containers, with the programs of Debian's packages postgresql and nats-server, until Ctrl-C. What ends by itself is started again.
 * Usage: `node_modules/.bin/node deploy/fleet/run.ts [--state FOLDER]`.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writePrivateFile } from "../../gateway/runtime/private-file.ts";
import { openNatsAccounts } from "../../gateway/twin/ingest/nats-accounts.ts";
import { natsSettings, nodes, placesOf, readFleet, usualFolder, workers } from "./layout.ts";

const againMs = 2000;
/** What nodes and database say while nothing is wrong. */
const isRoutine = /\[INF\]|\bLOG: /;
const { values } = parseArgs({ options: { state: { type: "string", default: usualFolder } } });
const places = placesOf(values.state);
if (!existsSync(places.settings)) refuse("There is no fleet yet: node_modules/.bin/node deploy/fleet/make.ts");
const { name: host, ports } = readFleet(values.state);
const natsServer = ["/usr/sbin", "/usr/bin", "/usr/local/bin"]
  .map((folder) => join(folder, "nats-server"))
  .find((path) => existsSync(path));
const postgres = postgresFolder();
if (natsServer === undefined || postgres === undefined) refuse("Install Debian's packages first: apt-get install nats-server postgresql");
/** PostgreSQL refuses to run as root; then it runs as the package's own user. */
const asOwner = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
const database = join(places.data, "database");
const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));

const running = new Map<string, ChildProcess>();
let isEnding = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());

if (!existsSync(join(database, "PG_VERSION"))) makeDatabase();
keep("database", { command: [...asOwner, join(postgres, "postgres"), "-D", database] });
const accountLines = (name: string) => openNatsAccounts(places.accounts).serverLines(join(places.data, name, "accounts"));
for (const [i, name] of nodes.entries()) {
  const [nats = 0, mqtt = 0, route = 0] = [ports.nats[i], ports.mqtt[i], ports.routes[i]];
  const settings = natsSettings({
    ...{ name, host: "0.0.0.0", ports: { nats, mqtt, route }, routes: ports.routes.map((port) => `tls://localhost:${port}`) },
    tls: { certificate: places.certificate, key: places.key, authority: places.authority },
    ...{ data: join(places.data, name), accountLines: accountLines(name) },
  });
  const file = join(places.nats, `${name}.here.conf`);
  writePrivateFile(file, settings);
  keep(name, { command: [natsServer, "-c", file] });
}
const ready = workers.map((name, i) => {
  const said = Promise.withResolvers<void>();
  keep(name, {
    command: [process.execPath, main, "twin"],
    env: { HEARTH_HOME: places.twin, NODE_EXTRA_CA_CERTS: places.authority, HEARTH__PORTS__TWIN: `${ports.http[i]}` },
    onText: (text) => text.includes("The twin runs") && said.resolve(),
  });
  return said.promise;
});
await Promise.all(ready);
process.stdout.write(
  [
    `The fleet runs. Its pages: ${ports.http.map((port) => `https://${host}:${port}/`).join(" and ")}, their authority: ${places.authority}`,
    `A home joins by a claim: HEARTH_HOME=${places.twin} npm run hearth -- twin claim HOME`,
    "Ctrl-C ends it.",
    "",
  ].join("\n"),
);

interface Kept {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onText?: (text: string) => void;
}

/** Starts it now and whenever it has ended. Each has a process group of its own: Ctrl-C ends them in order. */
function keep(name: string, kept: Kept): void {
  const [program = "", ...args] = kept.command;
  const child = spawn(program, args, {
    env: { ...process.env, ...kept.env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: places.data,
    detached: true,
  });
  running.set(name, child);
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => {
      for (const line of `${bytes}`.split("\n")) if (line !== "" && !isRoutine.test(line)) process.stderr.write(`${name}: ${line}\n`);
      kept.onText?.(`${bytes}`);
    });
  child.once("exit", (code) => {
    running.delete(name);
    if (isEnding) return;
    process.stderr.write(`${name} has ended (${code}) and is started again.\n`);
    void sleep(againMs).then(() => isEnding || keep(name, kept));
  });
}

/** Workers first: what they have taken is stored and acknowledged before the others go. */
async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  for (const group of [workers, nodes] as const) {
    const children = group.flatMap((name) => running.get(name) ?? []);
    const ended = children.map((child) => once(child, "exit"));
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(ended);
  }
  if (running.has("database")) runTool("pg_ctl", ["stop", "-D", database, "-m", "fast", "-s"]);
  process.exit(0);
}

function makeDatabase(): void {
  if (asOwner.length > 0 && spawnSync("runuser", ["-u", "postgres", "--", "test", "-x", places.data]).status !== 0)
    refuse(
      `PostgreSQL runs as the user postgres, who can't pass through to ${places.data}: start this as an ordinary user, or make the fleet elsewhere (make.ts and run.ts --state /var/lib/hearth-fleet).`,
    );
  const passwordFile = join(places.data, "password");
  writeFileSync(passwordFile, readFileSync(places.databasePassword), { mode: 0o600 });
  if (asOwner.length > 0) {
    execFileSync("install", ["-d", "-o", "postgres", "-m", "700", database]);
    execFileSync("chown", ["postgres", passwordFile]);
  }
  try {
    runTool("initdb", [
      "-D",
      database,
      "-U",
      "hearth",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
    ]);
  } finally {
    rmSync(passwordFile);
  }
  const settings = ["listen_addresses = '127.0.0.1'", `port = ${ports.database}`, "unix_socket_directories = ''", "max_connections = 100"];
  runTool("sh", ["-c", 'printf "%s\\n" "$@" >> "$0/postgresql.auto.conf"', database, ...settings], "");
}

/** One of PostgreSQL's programs, or another one, to its end and as the database's owner. */
function runTool(program: string, args: readonly string[], folder = postgres ?? ""): void {
  const [first = "", ...rest] = [...asOwner, join(folder, program), ...args];
  execFileSync(first, rest, { cwd: places.data, stdio: ["ignore", "ignore", "inherit"] });
}

function postgresFolder(): string | undefined {
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return undefined;
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
  return newest.map((version) => join(versions, version, "bin")).find((folder) => existsSync(join(folder, "initdb")));
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
