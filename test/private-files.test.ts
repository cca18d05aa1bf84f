/** What Hearth writes is its owner's alone, although the shell that starts it lets everyone read and write new files. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../gateway/cli/launcher.mjs", import.meta.url));
const patienceMs = 120_000;

let room: string;
let running: ChildProcess | undefined;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "hearth-private-"));
  mkdirSync(join(room, "tmp"));
});
afterEach(async () => {
  await end();
  rmSync(room, { recursive: true, force: true });
});

const home = () => join(room, "home");

function openShell(...args: string[]): [string, string[], { env: NodeJS.ProcessEnv }] {
  const ports = Object.fromEntries(["HTTP", "MQTT", "MQTT_TLS", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]));
  const env = { ...process.env, ...ports, HEARTH_HOME: home(), TMPDIR: join(room, "tmp") };
  return ["sh", ["-c", `umask 000; exec "$0" "$@"`, process.execPath, launcher, ...args], { env }];
}

async function startUntilOpen(...args: string[]): Promise<void> {
  const [command, given, options] = openShell(...args);
  const child = spawn(command, given, { ...options, stdio: ["ignore", "ignore", "inherit"] });
  running = child;
  const endMs = Date.now() + patienceMs;
  while (!existsSync(join(home(), "ports.json"))) {
    if (child.exitCode !== null || Date.now() > endMs) throw new Error(`'${args.join(" ")}' did not open its doors (${child.exitCode})`);
    await sleep(50);
  }
}

async function end(): Promise<void> {
  const child = running;
  running = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
}

/** Files and folders that others may read, write or enter. */
function openToOthers(): { open: string[]; seen: number } {
  const places = [home(), join(room, "tmp")].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const modes = places.flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found === undefined || found.isSymbolicLink() ? [] : [{ path, mode: found.mode & 0o777 }];
  });
  return { open: modes.flatMap(({ path, mode }) => ((mode & 0o077) === 0 ? [] : `${path} ${mode.toString(8)}`)), seen: modes.length };
}

test("a demo's files are its owner's alone", async () => {
  await startUntilOpen("demo");
  // Journal, twin and strips are written while it runs.
  await sleep(3000);
  const whileItRuns = openToOthers();
  await end();
  expect(whileItRuns.open).toEqual([]);
  expect(openToOthers().open).toEqual([]);
  expect(whileItRuns.seen).toBeGreaterThan(20);
}, 180_000);

test("so are a home's, from its making on", async () => {
  const [command, args, options] = openShell("init");
  expect(spawnSync(command, args, options).status).toBe(0);
  expect(openToOthers().open).toEqual([]);
  await startUntilOpen("start");
  await end();
  const { open, seen } = openToOthers();
  expect(open).toEqual([]);
  expect(seen).toBeGreaterThan(15);
}, 180_000);
