/** A whole home in processes of its own, with as many virtual wearables as a measurement wants. What is measured is what runs. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { createBenchWearable } from "../../firmware-sim/bench-wearable.ts";
import { type MqttLink, openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { openHome, readPorts, roleTokens } from "../config/home-folder.ts";
import { sampleConfig } from "../config/sample.ts";
import { openCredentials } from "../ingest/credentials.ts";
import { inspectEverything, type LiveMemory, openInspector } from "./inspector.ts";

export interface BenchHouse {
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly startedMs: number;
  /** Milliseconds from the start of the process until REST answers. */
  readonly readyMs: number;
  link(index: number, onAck?: (stream: string, sequence: number) => void): MqttLink;
  get<T>(path: string): Promise<T>;
  text(path: string): Promise<string>;
  /** Sends JSON, signed as "Bench". Throws where it is refused. */
  put(path: string, body: Readonly<Record<string, unknown>>): Promise<void>;
  processes(): Promise<ProcessFigures[]>;
  /** Opens the page's live stream and reads it until the house closes. */
  watchLive(): void;
  /** What each process and thread holds after a forced collection, but those of `except`; only of a house that was opened with `inspect`. */
  collect(except?: readonly number[]): Promise<LiveMemory[]>;
  close(): Promise<void>;
}

export interface ProcessFigures {
  readonly name: "main" | "model host" | "twin";
  readonly residentMb: number;
  /** Resident with each shared page divided among those who share it: what the machine really spends (Linux PSS). */
  readonly ownMb: number;
  /** Resident and written by this process alone: the part that no other process on the machine changes. */
  readonly privateMb: number;
  readonly cpuMs: number;
  /** Of it, by the name of the thread: "MainThread", "V8Worker" (collector and compiler), "WorkerThread" (journal and store), "libuv-worker". */
  readonly threadsMs: Readonly<Record<string, number>>;
  readonly pid: number;
}

const site = "home";
const deviceName = (index: number) => `wearable-${index}`;
/** As `npm start` has them in package.json; why is in decisions/memory.md. */
export const homeFlags = ["--max-semi-space-size=4"];
/** Linux counts CPU time in hundredths of a second. */
const msPerJiffy = 10;

interface BenchHouseOptions {
  readonly wearables: number;
  /** Where the wearables of one person are worn, one after the other; without it each has a wearer of its own. */
  readonly placements?: readonly string[];
  readonly flushS?: number;
  /** Opens each process's debugger on a free loopback port. */
  readonly inspect?: boolean;
  /** Of each wearer. */
  readonly profile?: Readonly<Record<string, number>>;
}

export async function openBenchHouse(options: BenchHouseOptions): Promise<BenchHouse> {
  const { wearables, placements = [undefined], flushS = 60, inspect = false, profile = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  const home = openHome(folder);
  const tokens = roleTokens(home);
  const clock = systemClock();
  const credentials = await openCredentials({ path: join(folder, "accounts.json"), clock });
  const indices = Array.from({ length: wearables }, (_, index) => index);
  const passwords = await Promise.all(indices.map((index) => credentials.issue({ user: deviceName(index), role: "device", site })));
  const people = indices
    .slice(0, Math.ceil(wearables / placements.length))
    .map((index) => ({ id: `person-${index}`, name: `Person ${index}`, profile }));
  const devices = indices.map((index) => ({
    id: deviceName(index),
    driver: "hearth-stream",
    link: { kind: "mqtt" as const },
    options: {},
    wornBy: `person-${Math.floor(index / placements.length)}`,
    ...placementOf(placements[index % placements.length]),
  }));
  await writeFile(home.configFile, sampleConfig({ people, devices }));
  const env = {
    ...portsFree,
    HEARTH_HOME: folder,
    HEARTH__TWIN__FLUSHS: String(flushS),
    HEARTH__LOG__LEVEL: "error",
    ...(inspect ? inspectEverything : {}),
  };
  const startedMs = performance.now();
  const launcher = fileURLToPath(new URL("../cli/launcher.mjs", import.meta.url));
  const child = spawn(process.execPath, [...homeFlags, launcher, "run"], {
    stdio: ["ignore", "ignore", "pipe"],
    env,
  });
  const inspector = inspect ? openInspector(child, (line) => process.stderr.write(`${line}\n`)) : undefined;
  if (inspector === undefined) child.stderr.pipe(process.stderr);
  const page = new AbortController();
  const ports = await untilReady(child, () => readPorts(home));
  const readyMs = performance.now() - startedMs;
  const authorization = `Bearer ${tokens.admin}`;
  const ask = (path: string, more: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${ports.http}${path}`, { ...more, headers: { authorization, "content-type": "application/json" } });
  return {
    ports,
    startedMs,
    readyMs,
    link: (index, onAck) =>
      openMqttLink({
        ...{
          url: `mqtt://127.0.0.1:${ports.mqtt}`,
          site,
          device: deviceName(index),
          password: passwords[index] ?? "",
          qos: 1,
          clock,
          random: Math.random,
        },
        ...(onAck === undefined ? {} : { onAck }),
      }),
    get: async <T>(path: string) => (await (await ask(path)).json()) as T,
    text: async (path) => (await ask(path)).text(),
    async put(path, body) {
      const answer = await ask(path, { method: "PUT", body: JSON.stringify({ by: "Bench", ...body }) });
      if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
    },
    processes: () => figuresOf(child.pid ?? 0),
    watchLive() {
      const headers = { authorization: `Bearer ${tokens.admin}` };
      const read = async () => {
        const { body } = await fetch(`http://127.0.0.1:${ports.http}/api/v1/live`, { headers, signal: page.signal });
        for await (const _ of body ?? []);
      };
      read().catch(() => undefined);
    },
    async collect(except) {
      if (inspector === undefined) throw new Error("this house was opened without `inspect`");
      return inspector.collect(except);
    },
    async close() {
      page.abort();
      inspector?.close();
      child.kill("SIGTERM");
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const placementOf = (placement: string | undefined) => (placement === undefined ? {} : { placement });

const portsFree = {
  HEARTH__PORTS__HTTP: "0",
  HEARTH__PORTS__MQTT: "0",
  HEARTH__PORTS__MQTT_TLS: "0",
  HEARTH__PORTS__TWIN: "0",
  HEARTH__PORTS__TWINMQTT: "0",
};

async function untilReady(child: ChildProcess, ports: () => ReturnType<typeof readPorts>) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode} before it was ready`);
    const found = ports();
    if (found !== undefined) return found;
    await sleep(10);
  }
}

/** The main process and its children, told apart by what they run. */
async function figuresOf(pid: number): Promise<ProcessFigures[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(/\s+/).filter(Boolean).map(Number);
  const all = await Promise.all(
    [pid, ...children].map(async (each): Promise<ProcessFigures> => {
      const [stat, status, command, rollup] = await Promise.all(
        ["stat", "status", "cmdline", "smaps_rollup"].map((file) => readFile(`/proc/${each}/${file}`, "utf8")),
      );
      const residentKb = Number(/VmRSS:\s+(\d+)/.exec(status ?? "")?.[1] ?? 0);
      const name = command?.includes("twin-child") ? "twin" : command?.includes("session-child") ? "model host" : "main";
      const ownKb = Number(/^Pss:\s+(\d+)/m.exec(rollup ?? "")?.[1] ?? 0);
      const cpuMs = cpuMsOf(stat ?? "");
      const privateKb = Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup ?? "")?.[1] ?? 0);
      return {
        name,
        residentMb: residentKb / 1024,
        ownMb: ownKb / 1024,
        privateMb: privateKb / 1024,
        cpuMs,
        threadsMs: await threadsOf(each),
        pid: each,
      };
    }),
  );
  return all;
}

/** CPU time in a `stat` of Linux; its name of the program may hold any character but ends at the last bracket. */
function cpuMsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * msPerJiffy;
}

async function threadsOf(pid: number): Promise<Record<string, number>> {
  const byName: Record<string, number> = {};
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // One that has ended meanwhile has no file any more.
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => undefined);
    if (stat === undefined) continue;
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    byName[name] = (byName[name] ?? 0) + cpuMsOf(stat);
  }
  return byName;
}

/** Puts `count` bench wearables on, from the one with the number `first`; the answer takes them off again. */
export function wearAll(house: Pick<BenchHouse, "link">, count: number, first = 0): () => Promise<void> {
  const clock = systemClock();
  const links = Array.from({ length: count }, (_, at) => house.link(first + at));
  const worn = links.map((link, at) => createBenchWearable(first + at, { clock, link }));
  return async () => {
    for (const wearable of worn) wearable.stop();
    await Promise.all(links.map((link) => link.close()));
  };
}

export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The machine, as a figure needs it beside it. */
export async function machine(): Promise<Record<string, unknown>> {
  const { cpus, totalmem, release } = await import("node:os");
  const model = cpus()[0]?.model ?? "unknown";
  const flags = (await readFile("/proc/cpuinfo", "utf8").catch(() => "")).match(/^flags\s*:(.*)$/m)?.[1] ?? "";
  const sets = ["avx2", "avx512f", "avx512_vnni", "avx_vnni"].filter((set) => flags.includes(` ${set} `) || flags.endsWith(` ${set}`));
  const load = (await readFile("/proc/loadavg", "utf8").catch(() => "")).split(" ")[0];
  return {
    cpu: model,
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    linux: release(),
    node: process.version,
    sets,
    load,
    disk: (await readdir("/sys/block").catch(() => [])).join(" "),
  };
}
