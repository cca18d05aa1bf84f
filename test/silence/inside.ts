/** Runs inside a room: what a person can start, one after the other, and prints as one JSON value what each did beyond its home. */

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startDemo } from "../browser/demo-process.ts";
import { signIn } from "../flows/editor.ts";
import { whyNoNodeRed } from "../flows/programs.ts";
import { type Noticed, openWitness } from "./witness.ts";

export interface Report {
  /** By what was run. */
  readonly noticed: Readonly<Record<string, Noticed>>;
  readonly written: readonly string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const [room = "", what = ""] = process.argv.slice(2);
const home = process.env.HEARTH_HOME ?? "";
/** After the first alert; the makers of libraries wait before they send. */
const afterAlertS = 30;
const freePorts = { HEARTH__PORTS__HTTP: "0", HEARTH__PORTS__MQTT: "0", HEARTH__PORTS__TWIN: "0", HEARTH__PORTS__TWIN_MQTT: "0" };

/** Runs a command to its end; with `until`, which sees what it has printed, to that moment and then to its end by Ctrl-C. Rejects with what it printed when it fails. */
async function run(command: string, args: readonly string[], until?: (printed: () => string) => Promise<unknown>): Promise<void> {
  const child = spawn(command, args, { cwd: root, detached: true, env: { ...process.env, ...freePorts } });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => void printed.push(String(bytes)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (until !== undefined) {
    await Promise.race([until(() => printed.join("")), ended]);
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}:\n${printed.join("")}`);
}

const npm = (...args: string[]) => run("npm", args);

async function demoToItsFirstAlert(): Promise<void> {
  const demo = await startDemo(home);
  const isAlarmed = async () => ((await demo.get<{ alerts: unknown[] }>("/alerts"))?.alerts.length ?? 0) > 0;
  while (!(await isAlarmed())) await sleep(500);
  await sleep(afterAlertS * 1000);
  const code = await demo.interrupt();
  if (code !== 0) throw new Error(`the demo ended with ${code}:\n${demo.output()}`);
}

async function homeAnswers(): Promise<boolean> {
  const file = join(home, "ports.json");
  if (!existsSync(file)) return false;
  const { http } = JSON.parse(readFileSync(file, "utf8")) as { http: number };
  return fetch(`http://127.0.0.1:${http}/healthz`).then(
    () => true,
    () => false,
  );
}

/** A home of one's own, until its page has answered for a while. */
async function ownHome(): Promise<void> {
  await npm("run", "hearth", "--", "init");
  await run("npm", ["start"], async () => {
    while (!(await homeAnswers())) await sleep(200);
    for (const verb of ["status", "devices", "alerts", "models", "outbox"]) await npm("run", "hearth", "--", verb);
    await sleep(5000);
  });
}

/** Node-RED beside that home, its first flow on the canvas and somebody at its editor. */
async function flowsBesideIt(): Promise<void> {
  rmSync(join(home, "ports.json"));
  await run("npm", ["start"], async () => {
    while (!(await homeAnswers())) await sleep(200);
    await run("npm", ["run", "flows", "--", "--port", "0"], async (printed) => {
      while (!printed().includes("Ctrl-C ends it.")) await sleep(200);
      const [, address = ""] = /Node-RED runs: (\S+)/.exec(printed()) ?? [];
      const [, code = ""] = /password: (\S+)/.exec(printed()) ?? [];
      const { editor } = await signIn(address, code);
      if ((await editor?.flows())?.some(({ type }) => type === "hearth alerts") !== true) throw new Error(`no first flow:\n${printed()}`);
      await sleep(5000);
    });
  });
}

/** In the room's own folder, where nothing counts: what a person brings and asks for is no trace. */
function dataFolder(): string {
  const folder = join(room, "data");
  mkdirSync(join(folder, "ecg/mitdb"), { recursive: true });
  for (const kind of ["hea", "dat", "atr"])
    copyFileSync(join(root, `gateway/recordings/testdata/205-excerpt.${kind}`), join(folder, `ecg/mitdb/205-excerpt.${kind}`));
  return folder;
}

const everything: Readonly<Record<string, () => Promise<void>>> = {
  "npm start": demoToItsFirstAlert,
  "hearth init, then npm start": ownHome,
  ...(whyNoNodeRed() === undefined ? { "npm run flows": flowsBesideIt } : {}),
  "hearth replay": () => npm("run", "hearth", "--", "replay", join(dataFolder(), "ecg/mitdb/205-excerpt"), "--out", join(room, "out")),
  "npm run eval": () => npm("run", "eval", "--", "beats", "--data", dataFolder()),
  "hearth doctor": () => npm("run", "hearth", "--", "doctor"),
  "npm run bench": () => npm("run", "bench", "--", "ingest", "--seconds", "1"),
};

/** What a library would do that calls home and leaves things behind. */
const planted = `
  const { lookup } = await import("node:dns/promises");
  const { connect } = await import("node:net");
  const { createSocket } = await import("node:dgram");
  const { mkdirSync, writeFileSync } = await import("node:fs");
  const call = (port, host) => new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on("error", resolve);
    setTimeout(() => resolve(socket.destroy()), 1000);
  });
  const { address } = await lookup("telemetry.example");
  await call(443, address);
  await call(443, "2001:db8::1");
  const mdns = createSocket("udp4");
  await new Promise((resolve) => mdns.send("who is there", 5353, "224.0.0.251", resolve));
  mdns.close();
  mkdirSync(process.env.HOME + "/.cache/maker", { recursive: true });
  for (const file of [process.env.HOME + "/.cache/maker/device-id", "/tmp/maker.log", "/dev/shm/maker"]) writeFileSync(file, "");
`;

const runs: Readonly<Record<string, Readonly<Record<string, () => Promise<void>>>>> = {
  everything,
  planted: { planted: () => run(process.execPath, ["--input-type=module", "--eval", planted]), nothing: () => run("true", []) },
};

const witness = await openWitness(room);
const noticed: Record<string, Noticed> = {};
for (const [name, start] of Object.entries(runs[what] ?? {})) {
  await start();
  noticed[name] = witness.noticed();
}
process.stdout.write(`${JSON.stringify({ noticed, written: witness.written() } satisfies Report)}\n`);
witness.close();
