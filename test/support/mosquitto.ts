/** A real mosquitto with a disk, that can be killed and started again: the broker that a home has already, or a twin's. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keptPort } from "../fakes/kept-port.ts";

/** Where Debian puts it, whatever the path of this user. */
const program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path));
export const hasMosquitto = program !== undefined;
/** Why none can be started here; undefined where one can. */
export const whyNoMosquitto = hasMosquitto ? undefined : "mosquitto is not installed";

export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  /** `SIGTERM` lets it write what is retained to its disk; killed it has forgotten. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  close(): Promise<void>;
}

/** `accounts`: name → password. `acl`: mosquitto's access list. Without both it is open to everybody on this machine. */
export async function openMosquitto(accounts?: Readonly<Record<string, string>>, acl = ""): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-mosquitto-"));
  const port = await keptPort();
  const passwords = join(folder, "passwords");
  writeFileSync(passwords, "", { mode: 0o600 });
  for (const [user, password] of Object.entries(accounts ?? {})) {
    const made = spawnSync("mosquitto_passwd", ["-b", passwords, user, password]);
    if (made.status !== 0) throw new Error(`mosquitto_passwd: ${made.stderr}`);
  }
  writeFileSync(join(folder, "acl"), acl, { mode: 0o600 });
  writeFileSync(
    join(folder, "conf"),
    [
      // Started as root it would go on as another user, who can't read this folder.
      ...[`listener ${port} 127.0.0.1`, `allow_anonymous ${accounts === undefined}`, `user ${userInfo().username}`, "log_type error"],
      ...(accounts === undefined ? [] : [`password_file ${passwords}`, `acl_file ${join(folder, "acl")}`]),
      ...["persistence true", `persistence_location ${folder}/`],
    ].join("\n"),
  );
  let child: ChildProcess | undefined;
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
  const self: Mosquitto = {
    ...{ url: `mqtt://127.0.0.1:${port}`, port },
    async start() {
      child = spawn(program ?? "", ["-c", join(folder, "conf")], { stdio: "ignore" });
      while (!(await isOpen())) {
        if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
        await sleep(10);
      }
    },
    async end(signal) {
      const ending = child;
      child = undefined;
      if (ending === undefined) return;
      const over = once(ending, "exit");
      ending.kill(signal);
      await over;
    },
    async close() {
      await self.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}
