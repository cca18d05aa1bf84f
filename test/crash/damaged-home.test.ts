/** Files that a power cut emptied or garbled, and children that hang while they start: the home opens without them, watches, and says what is missing. */

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import type { StatusWire } from "../../gateway/api/wire.ts";
import { openHome, readPorts, roleTokens } from "../../gateway/config/home-folder.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { openCredentials } from "../../gateway/ingest/credentials.ts";
import { livingProcess } from "../../gateway/runtime/process-birth.ts";
import { wornHome } from "../fakes/worn-home.ts";
import { until, worn } from "./home-inside.ts";
import { site } from "./home-process.ts";
import { openSensors } from "./sensors.ts";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const loopback = "127.0.0.1";
const passwords: Record<string, string> = {};
let template: string;
const folders: string[] = [];

interface Running {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Everything on stderr so far. */
  said(): string;
  get<T>(path: string): Promise<T>;
  metric(line: string): Promise<number>;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

/** Resolves when the doors are open; rejects with what it said when it ends before. */
async function start(folder: string, isOpening: (child: ChildProcess) => Promise<void> = async () => {}): Promise<Running> {
  const home = openHome(folder);
  const writtenMs = () => (existsSync(home.portsFile) ? statSync(home.portsFile).mtimeMs : 0);
  const beforeMs = writtenMs();
  const env = {
    HEARTH_HOME: folder,
    ...{
      HEARTH__PORTS__HTTP: "0",
      HEARTH__PORTS__MQTT: "0",
      HEARTH__PORTS__MQTT_TLS: "0",
      HEARTH__PORTS__TWIN: "0",
      HEARTH__PORTS__TWINMQTT: "0",
    },
    ...{ HEARTH__TWIN__FLUSHS: "2", HEARTH__LOG__LEVEL: "warn" },
  };
  const child = spawn(process.execPath, [main, "run"], { stdio: ["ignore", "ignore", "pipe"], env });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await isOpening(child);
  while (writtenMs() === beforeMs) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
    await sleep(20);
  }
  const address = `http://${loopback}:${readPorts(home)?.http}`;
  const authorization = `Bearer ${roleTokens(home).admin}`;
  return {
    child,
    folder,
    said: () => said,
    get: async <T>(path: string) => (await (await fetch(`${address}${path}`, { headers: { authorization } })).json()) as T,
    async metric(line) {
      const lines = (await (await fetch(`${address}/metrics`, { headers: { authorization } })).text()).split("\n");
      return Number(lines.find((each) => each.startsWith(`${line} `))?.slice(line.length + 1) ?? 0);
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve));
      return child.exitCode;
    },
  };
}

/** Both persons' samples arrive and are seen. */
async function watches(home: Running): Promise<void> {
  const sensors = await openSensors({
    ...{ url: `mqtt://${loopback}:${readPorts(openHome(home.folder))?.mqtt}`, site, passwords },
    random: () => 0.5,
  });
  try {
    for (const device of Object.keys(worn)) {
      const line = `hearth_stream_samples_total{device="${device}",stream="ecg"}`;
      await until(async () => (await home.metric(line)) > 0, `samples of ${device} are seen`);
    }
  } finally {
    await sensors.close();
  }
}

const copy = () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-damaged-"));
  folders.push(folder);
  cpSync(template, folder, { recursive: true });
  return folder;
};
const newest = (folder: string, end: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(end))
    .sort()
    .at(-1) ?? "";

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "hearth-whole-"));
  const credentials = await openCredentials({ path: join(template, "accounts.json"), clock: systemClock() });
  for (const user of Object.keys(worn)) passwords[user] = await credentials.issue({ user, role: "device", site });
  writeFileSync(openHome(template).configFile, sampleConfig(wornHome(worn)));
  roleTokens(openHome(template));
  const first = await start(template);
  await watches(first);
  expect(await first.stop()).toBe(0);
});
afterAll(() => {
  for (const folder of [template, ...folders]) rmSync(folder, { recursive: true, force: true });
});

const empty = (file: string) => truncateSync(file, 0);
const garble = (file: string) => writeFileSync(file, new Uint8Array(Math.max(600, statSync(file).size)).fill(0x5a));

describe("a home with a damaged file opens and watches both persons", () => {
  test.each([
    ["the accounts", "accounts.json", empty],
    ["the tokens", "tokens.json", garble],
    ["one person's journal key", "keys/journal-person-a.key", empty],
    ["the database", "store/hearth.db", empty],
    ["the database", "store/hearth.db", garble],
    ["the gateway's key", "twin-link/key.pem", empty],
    ["the gateway's password", "twin-link/password", empty],
    ["the twin's key", "twin/enrolment/key.pem", garble],
  ])("%s: %s", async (_what, file, harm) => {
    const folder = copy();
    harm(join(folder, file));
    const home = await start(folder);
    await watches(home);
    const { repairs, health } = await home.get<StatusWire>("/api/v1/status");
    expect(repairs.join()).toContain(file.split("/").at(-1));
    expect(health.filter(({ part, ok }) => part === "twin" && !ok)).toEqual([]);
    const { alerts } = await home.get<{ alerts: { rule: string }[] }>("/api/v1/alerts?open=true");
    expect(alerts.map(({ rule }) => rule)).toContain("storage.damaged");
    expect(home.said()).not.toMatch(/^\s+at /m);
    expect(await home.stop()).toBe(0);
    // It is told once: the next start is of a whole home.
    const again = await start(folder);
    expect((await again.get<StatusWire>("/api/v1/status")).repairs).toEqual([]);
    await again.stop("SIGKILL");
  });

  test.each([
    ["the twin's database", "twin/twin.db", garble],
    ["the twin's database", "twin/twin.db", empty],
    ["the newest segment", "newest segment", empty],
    ["the newest segment's header", "newest segment", (file: string) => writeFileSync(file, readFileSync(file).fill(0, 0, 30))],
    ["the outbox's companion", "store/outbox.epoch", empty],
    ["the ports", "ports.json", garble],
    ["the lock", "hearth.pid", garble],
  ])("%s: %s", async (_what, name, harm) => {
    const folder = copy();
    const file = name === "newest segment" ? join("journal", newest(join(folder, "journal"), ".seg")) : name;
    if (!existsSync(join(folder, file))) writeFileSync(join(folder, file), "");
    harm(join(folder, file));
    const home = await start(folder);
    await watches(home);
    const { health } = await home.get<StatusWire>("/api/v1/status");
    expect(health.filter(({ part, ok }) => part === "twin" && !ok)).toEqual([]);
    if (name === "twin/twin.db") expect(home.said()).toContain("twin.db");
    expect(home.said()).not.toMatch(/^\s+at /m);
    expect(await home.stop()).toBe(0);
  });
});

/** Stops the child that runs `program` as soon as there is one. */
const stopping = (program: string) => async (gateway: ChildProcess) => {
  for (;;) {
    if (gateway.exitCode !== null) return;
    const children = readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    const found = children.find(
      (pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(program),
    );
    if (found !== undefined) return void process.kill(Number(found), "SIGSTOP");
    await sleep(2);
  }
};

describe.skipIf(process.platform !== "linux")("a child that is stopped while it starts keeps no door shut", () => {
  test("the twin: the home opens, watches and says that it is missing; the next life ends the one that hangs and has a twin", async () => {
    const folder = copy();
    const home = await start(folder, stopping("twin-child"));
    await watches(home);
    const { health } = await home.get<StatusWire>("/api/v1/status");
    expect(health).toContainEqual({ part: "twin", ok: false, detail: expect.any(String) });
    const hung = readFileSync(join(folder, "twin", "twin.pid"), "utf8");
    expect(livingProcess(hung)).toBeGreaterThan(0);
    await home.stop("SIGKILL");
    const again = await start(folder);
    await until(async () => (await again.get<StatusWire>("/api/v1/status")).uplink.connected, "the twin is there again");
    // Whether it still stands in the list of processes is up to whoever inherited it.
    expect(livingProcess(hung)).toBeUndefined();
    expect(await again.stop()).toBe(0);
  });

  test("the model host: the home opens, watches and says which models are missing", async () => {
    const home = await start(copy(), stopping("session-child"));
    await watches(home);
    const { health } = await home.get<StatusWire>("/api/v1/status");
    expect(health.filter(({ part }) => part.startsWith("model ")).map(({ ok }) => ok)).toContain(false);
    expect(await home.stop()).toBe(0);
  });
});
