/** Homes and twins as their people start them: processes of the real program, each in its own folder below one, with ports of their own. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  /** All that it has written so far. */
  said(): string;
  stop(): Promise<void>;
}

export function openHomes() {
  const folder = mkdtempSync(join(tmpdir(), "hearth-homes-"));
  const started: Started[] = [];
  const envOf = (name: string) => ({
    ...process.env,
    ...Object.fromEntries(["HTTP", "MQTT", "MQTTTLS", "TWIN", "TWINMQTT"].map((port) => [`HEARTH__PORTS__${port}`, "0"])),
    HEARTH_HOME: join(folder, name),
  });
  const readJson = (name: string, file: string) => JSON.parse(readFileSync(join(folder, name, file), "utf8")) as Record<string, unknown>;

  /** Any program of the checkout's Node. */
  function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Started {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        said += bytes;
      });
    const stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    };
    const one = { child, said: () => said, stop };
    started.push(one);
    return one;
  }

  return {
    folder,
    readJson,
    run,
    start: (name: string, verb: string) => run([main, verb], envOf(name)),
    /** Runs a verb to its end; `error` is what it said where it failed. */
    async hearth(name: string, ...args: string[]): Promise<{ answer: Record<string, unknown>; error: string }> {
      try {
        const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, "--json"], { env: envOf(name), cwd: folder });
        return { answer: JSON.parse(stdout) as Record<string, unknown>, error: "" };
      } catch (thrown) {
        return { answer: {}, error: (thrown as { stderr: string }).stderr };
      }
    },
    /** Asks a home's page as its admin. */
    async ask(name: string, path: string): Promise<Record<string, unknown>> {
      const headers = { authorization: `Bearer ${readJson(name, "tokens.json").admin}` };
      const answer = await fetch(`http://127.0.0.1:${readJson(name, "ports.json").http}/api/v1/${path}`, { headers });
      return (await answer.json()) as Record<string, unknown>;
    },
    /** Ends all in the order in which they were started, the last one first. */
    async close() {
      for (const each of started.reverse()) await each.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
