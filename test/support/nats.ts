/** A NATS server of Debian's package with a stream on disk and an MQTT listener; it can be killed and started again. Absent where it is not installed. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptPort } from "../fakes/kept-port.ts";

const program = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find((path) => existsSync(path));
export const hasNats = program !== undefined;

export interface TestNats {
  readonly mqttPort: number;
  readonly port: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Accounts: `twin` may do everything, each of `gateways` what a gateway may in its own branch; passwords are `pw-` and the name. */
export async function openTestNats(gateways: readonly string[]): Promise<TestNats> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-nats-"));
  const [port, mqttPort] = [await keptPort(), await keptPort()];
  const users = gateways.map(
    (g) =>
      `{ user: "${g}", password: "pw-${g}", permissions: { publish: ["hearth.v1.${g}.up.>", "hearth.v1.${g}.reported", "hearth.v1.${g}.status"], subscribe: ["hearth.v1.${g}.ack", "hearth.v1.${g}.act", "hearth.v1.${g}.desired", "$MQTT.sub.>"] } }`,
  );
  writeFileSync(
    join(folder, "conf"),
    [
      ...[
        `server_name: one`,
        `listen: "127.0.0.1:${port}"`,
        `jetstream { store_dir: "${folder}/js" }`,
        `mqtt { listen: "127.0.0.1:${mqttPort}" }`,
      ],
      `authorization { users: [ { user: "twin", password: "pw-twin" }, ${users.join(", ")} ] }`,
    ].join("\n"),
  );
  let child: ChildProcess | undefined;
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(mqttPort, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
  const start = async () => {
    child = spawn(program as string, ["-c", join(folder, "conf")], { stdio: "ignore" });
    while (!(await isOpen())) {
      if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    ...{ port, mqttPort, start, kill },
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
