/** A home whose gateway and twin are real processes that can be killed at any moment, with a wire between them that can be cut. */

import { type ChildProcess, fork, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openHome, readPorts, roleTokens } from "../../gateway/config/home-folder.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { type Relay, startRelay } from "../../gateway/demo/relay.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";
import type { LogLevel } from "../../gateway/runtime/log.ts";
import { enrol } from "../../gateway/twin/enrol.ts";
import type { TwinChildAnswer, TwinChildStart } from "../../gateway/twin/twin-child.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { wornHome } from "../fakes/worn-home.ts";

export const site = "home";
const loopback = "127.0.0.1";
const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const twinChild = fileURLToPath(new URL("../../gateway/twin/twin-child.ts", import.meta.url));

export interface HomeProcess {
  readonly folder: string;
  readonly twinFolder: string;
  readonly mqttUrl: string;
  readonly relay: Relay;
  readonly passwords: Readonly<Record<string, string>>;
  /** Starts the gateway; `isReady` tells whether its doors are open. */
  start(how?: { stdio?: StdioOptions; logLevel?: LogLevel; keepPorts?: boolean }): {
    readonly child: ChildProcess;
    isReady(): boolean;
    hasEnded(): boolean;
  };
  /** Resolves when the doors are open. Rejects when the process ends before. */
  untilReady(): Promise<void>;
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
  /** Does nothing while it runs. */
  startTwin(): Promise<void>;
  endTwin(how: "kill" | "let go"): Promise<void>;
  /** Runs a verb to its end, in this home or a copy of it; `kill` may end it before. */
  hearth(
    args: readonly string[],
    how?: { readonly folder?: string; readonly kill?: (child: ChildProcess) => Promise<void> },
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
  get<T>(path: string): Promise<T>;
  metrics(): Promise<string>;
  post(path: string, body: object): Promise<number>;
  /** As `post`, with the answer. */
  ask<T>(path: string, body: object): Promise<T>;
  close(): Promise<void>;
}

export interface HomeProcessOptions {
  /** Device → who wears it. */
  readonly devices: Readonly<Record<string, string>>;
  readonly flushS: number;
  /** A folder of the test's own; else a temporary one, which goes at the end. */
  readonly folder?: string;
}

export async function openHomeProcess({ devices, flushS, ...options }: HomeProcessOptions): Promise<HomeProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "hearth-crash-"));
  const twinFolder = join(folder, "twin");
  const enrolmentDir = join(twinFolder, "enrolment");
  const home = openHome(folder);
  const tokens = roleTokens(home);
  const credentials = await openCredentials({ path: join(folder, "accounts.json"), clock: systemClock() });
  const passwords: Record<string, string> = {};
  for (const user of Object.keys(devices)) passwords[user] = await credentials.issue({ user, role: "device", site });
  writeFileSync(home.configFile, sampleConfig(wornHome(devices)));
  await enrol({ gateway: site, gatewayDir: join(folder, "twin-link"), twinDir: enrolmentDir });
  const mqttPort = await keptPort();
  const twinPort = await keptPort();
  const relay = await startRelay(twinPort);
  const env = {
    HEARTH_HOME: folder,
    HEARTH__PORTS__HTTP: String(await keptPort()),
    HEARTH__PORTS__MQTT: String(mqttPort),
    HEARTH__PORTS__MQTT_TLS: "0",
    HEARTH__TWIN__EMBEDDED: "false",
    HEARTH__TWIN__URL: `mqtt://${loopback}:${relay.port}`,
    HEARTH__TWIN__FLUSHS: String(flushS),
    HEARTH__LOG__LEVEL: process.env.CRASH_LOG ?? "error",
  };
  let gateway: ChildProcess | undefined;
  let twin: ChildProcess | undefined;
  const hasEnded = (child: ChildProcess | undefined) => child === undefined || child.exitCode !== null || child.signalCode !== null;
  const ended = (child: ChildProcess) =>
    hasEnded(child) ? Promise.resolve() : new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const isReady = () => readPorts(home) !== undefined;
  const authorized = (more: RequestInit = {}) => ({
    ...more,
    headers: { authorization: `Bearer ${tokens.admin}`, "content-type": "application/json" },
  });
  const address = (path: string) => `http://${loopback}:${readPorts(home)?.http}${path}`;

  const self: HomeProcess = {
    ...{ folder, twinFolder, relay, passwords },
    mqttUrl: `mqtt://${loopback}:${mqttPort}`,
    start({ stdio = ["ignore", "ignore", "inherit"], logLevel, keepPorts = false } = {}) {
      // On a full disk a new one can't be written.
      if (!keepPorts) rmSync(home.portsFile, { force: true });
      const ownEnv = logLevel === undefined ? env : { ...env, HEARTH__LOG__LEVEL: logLevel };
      const child = spawn(process.execPath, [main, "run"], { stdio: stdio as StdioOptions, env: ownEnv });
      gateway = child;
      return { child, isReady, hasEnded: () => hasEnded(child) };
    },
    async untilReady() {
      while (!isReady()) {
        if (hasEnded(gateway)) throw new Error(`the gateway ended with ${gateway?.exitCode} before it was ready`);
        await sleep(10);
      }
    },
    async end(signal) {
      const child = gateway;
      if (child === undefined) return null;
      child.kill(signal);
      await ended(child);
      gateway = undefined;
      return child.exitCode;
    },
    startTwin() {
      if (!hasEnded(twin)) return Promise.resolve();
      const child = fork(twinChild, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      twin = child;
      const start: TwinChildStart = {
        ...{ dir: twinFolder, enrolmentDir, httpPort: 0, mqttPort: twinPort, logLevel: "error" },
        tokens: [{ role: "admin", token: tokens.admin, gateway: site }],
        names: [],
      };
      return new Promise((resolve, reject) => {
        child.once("message", (answer: TwinChildAnswer) => (answer.kind === "ready" ? resolve() : reject(new Error(answer.message))));
        child.once("exit", () => resolve());
        child.send(start);
      });
    },
    async endTwin(how) {
      const child = twin;
      if (child === undefined) return;
      if (how === "kill") child.kill("SIGKILL");
      else child.disconnect();
      await ended(child);
      twin = undefined;
    },
    async hearth(args, { folder: other = folder, kill = async () => {} } = {}) {
      const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...env, HEARTH_HOME: other } });
      const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, "close"), kill(child)]);
      return { code: child.exitCode, stdout, stderr };
    },
    get: async <T>(path: string) => (await (await fetch(address(path), authorized())).json()) as T,
    metrics: async () => (await fetch(address("/metrics"), authorized())).text(),
    post: async (path, body) => (await fetch(address(path), authorized({ method: "POST", body: JSON.stringify(body) }))).status,
    ask: async <T>(path: string, body: object) =>
      (await (await fetch(address(path), authorized({ method: "POST", body: JSON.stringify(body) }))).json()) as T,
    async close() {
      await self.end("SIGKILL");
      await self.endTwin("kill");
      await relay.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}
