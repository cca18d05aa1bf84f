/** A home of one's own whose gateway runs as a process, and `hearth flows` beside it: what an integrator has. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = join(root, "gateway/cli/launcher.mjs");
const freePorts = Object.fromEntries(["HTTP", "MQTT", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]));

/** Why Node-RED can't be tried here; undefined where it can. */
export function whyNoNodeRed(): string | undefined {
  const isThere = ["node-red", "node-red-4"].every((name) => existsSync(join(root, "flows/node_modules", name, "red.js")));
  return isThere ? undefined : "Node-RED is not installed (npm ci --prefix flows)";
}

export interface Program {
  readonly pid: number;
  printed(): string;
  /** Waits for it in what is printed. Throws with all of that where the program ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** As a terminal does; its exit code. */
  interrupt(): Promise<number | null>;
}

export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      printed += bytes;
    });
  return {
    pid: child.pid ?? 0,
    printed: () => printed,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(printed);
        if (found !== null) return found;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`it ended (${child.exitCode}) and never said ${pattern}:\n${printed}`);
        await sleep(50);
      }
    },
    interrupt: () => endGroup(child),
  };
}

async function endGroup(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.pid === undefined) return child.exitCode;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const [code] = await ended;
  clearTimeout(late);
  return code as number | null;
}

export interface FlowsAtHome {
  readonly home: string;
  /** The caregiver's of the home's first person. */
  readonly carer: string;
  /** The account of the device that the first person wears. */
  readonly device: { readonly user: string; readonly password: string };
  ports(): Readonly<Record<string, number>>;
  /** With variables of its own, such as the port of the run before. */
  startGateway(more?: NodeJS.ProcessEnv): Promise<void>;
  stopGateway(): Promise<void>;
  /** `hearth flows`, which need not come up. */
  startFlows(...args: string[]): Program;
  hearth(...args: string[]): string;
  /** The gateway's REST interface, as admin unless a token is given. */
  ask<T>(path: string, init?: RequestInit, token?: string): Promise<T>;
  close(): Promise<void>;
}

export function openFlowsAtHome(): FlowsAtHome {
  const home = mkdtempSync(join(tmpdir(), "hearth-flows-"));
  const env = { ...freePorts, HEARTH_HOME: home };
  const programs: Program[] = [];
  let gateway: Program | undefined;
  const hearth = (...args: string[]) =>
    execFileSync(process.execPath, [launcher, ...args], { env: { ...process.env, ...env }, encoding: "utf8" });
  const made = JSON.parse(hearth("init", "--json")) as {
    role_tokens: { role: string; token: string }[];
    device: { user: string; password: string };
  };
  const read = (name: string) => JSON.parse(readFileSync(join(home, name), "utf8")) as Record<string, unknown>;
  return {
    ...{ home, hearth, device: made.device },
    ports: () => read("ports.json") as Record<string, number>,
    carer: made.role_tokens.find(({ role }) => role === "caregiver")?.token ?? "",
    async startGateway(more = {}) {
      rmSync(join(home, "ports.json"), { force: true });
      gateway = startProgram([launcher, "run"], { ...env, ...more });
      await gateway.says(/#code=/);
    },
    async stopGateway() {
      await gateway?.interrupt();
      gateway = undefined;
    },
    startFlows(...args) {
      const program = startProgram([launcher, "flows", ...args], env);
      programs.push(program);
      return program;
    },
    async ask(path, init = {}, token = String(read("tokens.json").admin)) {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const answer = await fetch(`http://127.0.0.1:${read("ports.json").http}/api/v1/${path}`, { headers, ...init });
      return (await answer.json()) as never;
    },
    async close() {
      for (const program of programs) await program.interrupt();
      await gateway?.interrupt();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
