/** A real mosquitto on a free port of this machine, open to everybody on it: the broker that a home has already. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const places = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"];
const program = places.find((path) => existsSync(path));

export const whyNoBroker = () => (program === undefined ? "mosquitto is not installed" : undefined);

export interface RunningBroker {
  readonly port: number;
  close(): void;
}

export async function openBroker(): Promise<RunningBroker> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-mosquitto-"));
  const port = await freePort();
  // Started as root it would go on as another user, who can't read this folder.
  writeFileSync(join(folder, "mosquitto.conf"), `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`);
  const child = spawn(program ?? "", ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    await sleep(20);
  }
  return {
    port,
    close() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Another program may take it before it is used; mosquitto has no way of its own to choose one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
