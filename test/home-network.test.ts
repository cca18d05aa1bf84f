/** A real home and a strap on the network: made with `init`, started, reached with TLS by whoever has its authority's file. */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../gateway/cli/launcher.mjs", import.meta.url));
const freePorts = Object.fromEntries(["HTTP", "MQTT", "MQTT_TLS", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]));
const patienceMs = 120_000;
const hasMosquitto = spawnSync("mosquitto_pub", ["--help"]).error === undefined;

let home: string;
let running: ChildProcess | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-network-"));
});
afterEach(async () => {
  await end();
  rmSync(home, { recursive: true, force: true });
});

interface Made {
  readonly device: { readonly user: string; readonly password: string };
  readonly certificate: { readonly authority: { readonly file: string; readonly sha256: string } };
  readonly example: string;
}

function hearth<T>(...args: string[]): T {
  const env = { ...process.env, ...freePorts, HEARTH_HOME: home };
  const { stdout, stderr, status } = spawnSync(process.execPath, [launcher, ...args, "--json"], { encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

const portsOf = () => JSON.parse(readFileSync(join(home, "ports.json"), "utf8")) as Record<string, number>;

async function start(args: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<string[]> {
  rmSync(join(home, "ports.json"), { force: true });
  const env = { ...process.env, ...freePorts, HEARTH_HOME: home, ...more };
  const child = spawn(process.execPath, [launcher, "start", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => void said.push(String(bytes)));
  await until(() => existsSync(join(home, "ports.json")) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(said.join(""));
  return said;
}

async function end(): Promise<void> {
  const child = running;
  running = undefined;
  if (child === undefined || child.exitCode !== null) return;
  child.kill("SIGINT");
  await once(child, "exit");
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${isSo}`);
    await sleep(50);
  }
}

async function get<T>(path: string): Promise<T> {
  const { admin } = JSON.parse(readFileSync(join(home, "tokens.json"), "utf8")) as { admin: string };
  const answer = await fetch(`http://127.0.0.1:${portsOf().http}/api/v1/${path}`, { headers: { authorization: `Bearer ${admin}` } });
  return (await answer.json()) as T;
}

/** What the home knows of the strap's messages. */
const received = async () => {
  const { devices } = await get<{ devices: { id: string; counters: Record<string, number> }[] }>("devices");
  return devices.find(({ id }) => id === "chest-strap")?.counters.received ?? 0;
};

async function strap({ device: { user, password }, certificate: { authority } }: Made, clientId = user): Promise<MqttClient> {
  const client = mqtt.connect({
    ...{ protocol: "mqtts", host: "127.0.0.1", port: portsOf().mqtt_tls, ca: readFileSync(authority.file) },
    ...{ clientId, username: user, password, reconnectPeriod: 0 },
  } as mqtt.IClientOptions);
  await once(client as unknown as EventEmitter, "connect");
  return client;
}

const shown = (client: MqttClient) => (client.stream as unknown as TLSSocket).getPeerCertificate().fingerprint256;

test.skipIf(!hasMosquitto)(
  "the line that init prints reaches the home once it runs (skipped: no mosquitto_pub here)",
  async () => {
    const { example } = hearth<Made>("init");
    await start();
    // The address that the network has for this machine; the port was left to the start.
    const [command = "", ...args] = example.replace(/-p \S+/, `-p ${portsOf().mqtt_tls}`).match(/'[^']*'|\S+/g) ?? [];
    await promisify(execFile)(
      command,
      args.map((arg) => arg.replace(/^'(.*)'$/, "$1")),
    );
    await until(async () => (await received()) > 0);
  },
  300_000,
);

test("a strap is told once whom to trust; a certificate renewed by command is taken by the running gateway and drops nobody", async () => {
  const made = hearth<Made>("init");
  await start();
  const before = await strap(made);
  const { tls } = await get<{ tls: { port: number; hosts: string[]; authority: { pem: string; sha256: string }; sha256: string } }>(
    "reach",
  );
  const { account } = hearth<{ account: { networkUrl: string } }>("devices", "add", "Second strap");
  expect(account.networkUrl).toBe(`mqtts://${tls.hosts[0]}:${tls.port}`);
  expect([tls.port, tls.authority.sha256, tls.authority.pem]).toEqual([
    portsOf().mqtt_tls,
    made.certificate.authority.sha256,
    readFileSync(made.certificate.authority.file, "utf8"),
  ]);
  expect(tls.sha256).toBe(shown(before));
  const renewed = hearth<{ certificate: { sha256: string } }>("cert", "renew");
  expect(renewed.certificate.sha256).not.toBe(tls.sha256);
  await until(async () => (await get<{ tls: { sha256: string } }>("reach")).tls.sha256 === renewed.certificate.sha256);
  const after = await strap(made, "chest-strap-2");
  expect([shown(after), before.connected]).toEqual([renewed.certificate.sha256, true]);
  const count = await received();
  await before.publishAsync("hearth/v1/home/chest-strap/temp/raw", '{"rateHz":1,"unit":"Cel","x":36.6}', { qos: 1 });
  await until(async () => (await received()) > count);
  for (const client of [before, after]) await client.endAsync(true);
}, 300_000);

test("a home of before gets its certificate at the next start; --lan opens the page, which says where it is", async () => {
  hearth<Made>("init");
  rmSync(join(home, "tls"), { recursive: true });
  const said = await start(["--lan"]);
  expect(portsOf().mqtt_tls).toBeGreaterThan(0);
  expect(existsSync(join(home, "tls", "ca.pem"))).toBe(true);
  const ofNetwork = /http:\/\/(?!127\.)[\d.]+:\d+\//;
  await until(() => ofNetwork.test(said.join("")));
  const [address] = ofNetwork.exec(said.join("")) ?? [];
  expect((await fetch(`${address}healthz`)).status).not.toBe(421);
}, 300_000);

test("a port that another program has keeps no home shut: status and log say which, and how to choose another", async () => {
  hearth<Made>("init");
  const other = createServer().listen(0, "0.0.0.0");
  await once(other, "listening");
  const busy = String((other.address() as { port: number }).port);
  const said = await start([], { HEARTH__PORTS__MQTT_TLS: busy });
  const { health } = await get<{ health: { part: string; ok: boolean; detail?: string }[] }>("status");
  expect(health.find(({ part }) => part === "home network")).toMatchObject({
    ok: false,
    detail: expect.stringMatching(`Port ${busy} \\(ports\\.mqttTls\\) is in use.*set ports\\.mqttTls`),
  });
  expect(said.join("")).toContain("a door to the home network is not open");
  other.close();
  await until(() => portsOf().mqtt_tls === Number(busy));
}, 300_000);
