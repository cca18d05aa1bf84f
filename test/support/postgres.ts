/** A PostgreSQL of the test's own, of Debian's package, on a socket in a temporary folder. Absent where the package is not installed. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asOwner, postgresBin } from "../../gateway/bench/fleet/servers.ts";

export { postgresBin };

export interface TestPostgres {
  readonly url: string;
  /** SIGQUIT leaves what a power cut would; it can be started again. */
  stop(signal?: "SIGINT" | "SIGQUIT"): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestPostgres(): Promise<TestPostgres> {
  const bin = postgresBin as string;
  const home = mkdtempSync(join(tmpdir(), "hearth-postgres-"));
  if (asOwner.length > 0) execFileSync("chown", ["postgres", home]);
  const run = (command: string, args: readonly string[]): [string, string[]] => {
    const [first, ...rest] = [...asOwner, join(bin, command), ...args];
    return [first as string, rest];
  };
  const data = join(home, "data");
  execFileSync(...run("initdb", ["-D", data, "-U", "hearth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]), {
    cwd: home,
    stdio: "ignore",
  });
  let server: ChildProcess | undefined;
  const start = async () => {
    const args = [
      "-D",
      data,
      "-k",
      home,
      "-c",
      "listen_addresses=",
      "-c",
      "port=5432",
      "-c",
      "max_connections=60",
      "-c",
      "shared_buffers=32MB",
    ];
    server = spawn(...run("postgres", args), { cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    server.stderr?.on("data", (text) => {
      said = `${said}${text}`.slice(-4000);
    });
    const ready = run("pg_isready", ["-h", home, "-q"]);
    for (let tries = 0; ; tries++) {
      try {
        execFileSync(...ready, { cwd: home, stdio: "ignore" });
        return;
      } catch {
        if (server.exitCode !== null || tries > 600) throw new Error(`PostgreSQL did not start: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const stop = async (signal: "SIGINT" | "SIGQUIT" = "SIGINT") => {
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    execFileSync(...run("pg_ctl", ["kill", signal.slice(3), pidOf(data)]), { cwd: home, stdio: "ignore" });
    await ended;
  };
  await start();
  return {
    url: `postgresql://hearth@/postgres?host=${encodeURIComponent(home)}`,
    start,
    stop,
    async close() {
      await stop("SIGQUIT");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Of the server itself: the child may be the program that changed the user. */
function pidOf(data: string): string {
  return execFileSync("head", ["-n", "1", join(data, "postmaster.pid")], { encoding: "utf8" }).trim();
}
