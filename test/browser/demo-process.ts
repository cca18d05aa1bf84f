/** Starts the whole demo as a person does, with `npm start`, in a fresh home on free ports, and ends it with Ctrl-C. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Demo {
  readonly home: string;
  readonly address: string;
  readonly twinAddress: string;
  readonly tokens: Readonly<Record<string, string>>;
  /** Everything printed so far, both streams. */
  output(): string;
  /** GET of the API as the caregiver; undefined while it does not answer. */
  get<T>(path: string): Promise<T | undefined>;
  /** The same of the twin's own API, not through the gateway. */
  getTwin<T>(path: string): Promise<T | undefined>;
  /** Sends SIGINT to the whole group, as a terminal does, and returns the exit code. */
  interrupt(): Promise<number | null>;
}

export function freshHome(): string {
  return mkdtempSync(join(tmpdir(), "hearth-demo-"));
}

export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

/** Processes that still run with this home, by their environment; Linux only. */
export function processesOf(home: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HEARTH_HOME=${home}`);
      } catch {
        return false;
      }
    });
}

/** How the demo is started: by default `npm start` in this checkout. */
export interface DemoStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const npmStart: DemoStart = { command: "npm", args: ["start"], cwd: root, env: process.env };
const keptDemo: DemoStart = { ...npmStart, args: ["run", "--silent", "hearth", "--", "demo", "--keep"] };

/** Starts it and waits until the page's port answers. Throws with what was printed if it ends or takes over four minutes. */
export async function startDemo(home: string, options: { keep?: boolean; start?: DemoStart } = {}): Promise<Demo> {
  const start = options.start ?? (options.keep === true ? keptDemo : npmStart);
  const ports = { HEARTH__PORTS__HTTP: "0", HEARTH__PORTS__MQTT: "0", HEARTH__PORTS__TWIN: "0", HEARTH__PORTS__TWIN_MQTT: "0" };
  const child = spawn(start.command, start.args, {
    cwd: start.cwd,
    detached: true,
    env: { ...start.env, ...ports, HEARTH_HOME: home, FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: string[] = [];
  child.stdout.on("data", (bytes) => void printed.push(String(bytes)));
  child.stderr.on("data", (bytes) => void printed.push(String(bytes)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  rmSync(join(home, "ports.json"), { force: true });
  const endMs = Date.now() + 240_000;
  while (!(await answers(home))) {
    if (!isOver && Date.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    killGroup(child, "SIGKILL");
    throw new Error(`the demo did not come up; it printed:\n${printed.join("")}`);
  }
  const address = `http://127.0.0.1:${portsOf(home)?.http}`;
  const twinAddress = `http://127.0.0.1:${portsOf(home)?.twin}`;
  const tokens = JSON.parse(readFileSync(join(home, "tokens.json"), "utf8")) as Record<string, string>;
  const ask = async <T>(url: string): Promise<T | undefined> => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${tokens.caregiver}` } }).catch(() => undefined);
    return answer?.ok === true ? ((await answer.json()) as T) : undefined;
  };
  return {
    home,
    address,
    twinAddress,
    tokens,
    output: () => printed.join(""),
    get: <T>(path: string) => ask<T>(`${address}/api/v1${path}`),
    getTwin: <T>(path: string) => ask<T>(`${twinAddress}/api/v1${path}`),
    async interrupt() {
      killGroup(child, "SIGINT");
      const late = setTimeout(() => killGroup(child, "SIGKILL"), 60_000);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
  };
}

function portsOf(home: string): { http: number; twin: number } | undefined {
  const file = join(home, "ports.json");
  if (!existsSync(file) || !existsSync(join(home, "tokens.json"))) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as { http: number; twin: number };
}

async function answers(home: string): Promise<boolean> {
  const port = portsOf(home)?.http;
  if (port === undefined) return false;
  return fetch(`http://127.0.0.1:${port}/healthz`)
    .then(() => true)
    .catch(() => false);
}

/** Only the group that was started here. */
function killGroup(child: ChildProcess, signal: "SIGINT" | "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
