import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import type { Config } from "../../gateway/config/schema.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { openStore } from "../../gateway/store/store.ts";
import { until } from "../crash/home-inside.ts";
import { keptPort } from "../fakes/kept-port.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function home() {
  const folder = mkdtempSync(join(tmpdir(), "hearth-gone-"));
  folders.push(folder);
  return folder;
}

const people = [{ id: "person-a", name: "Person A", profile: {} }];
type DeviceConfig = Config["devices"][number];
const mqttDevice = (id: string): DeviceConfig => ({
  ...{ id, title: id === "strap" ? "Chest strap" : "Clip", driver: "hearth-stream", options: {}, wornBy: "person-a" },
  link: { kind: "mqtt" },
});

async function run(dataDir: string, clock: VirtualClock, devices: readonly DeviceConfig[]) {
  const config = parseConfig(sampleConfig({ people, devices: [...devices] }), { file: "hearth.yaml", env: {} });
  const printed: string[] = [];
  const gateway = await startGateway({
    ...{ config, dataDir, clock, mode: "real", version: "0.0.0-test", mqttPort: 0, ports: () => ({}) },
    log: createLog({ level: "silent" }),
    print: (line) => printed.push(line),
  });
  return { gateway, printed };
}

const open = async (gateway: Gateway) => (await gateway.view.alerts({ open: true, limit: 100 })).alerts;
const caller = { role: "caregiver", name: "Person B" } as const;

/** The house's timers run on the virtual clock, its disk and sockets do not. */
async function pass(clock: VirtualClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1000);
    if (i % 10 === 0) await sleep(1);
  }
  await sleep(50);
}

test("a sensor that is taken out of hearth.yaml takes its technical alerts along; what it saw of the person can be closed", async () => {
  const folder = home();
  const clock = virtualClock();
  const before = await run(folder, clock, [mqttDevice("strap"), mqttDevice("clip")]);
  await pass(clock, 130);
  await until(async () => (await open(before.gateway)).length === 2, "both are missed");
  await before.gateway.close();

  const { store } = await openStore({ dir: join(folder, "store"), clock });
  const missed = (await store.alerts({ open: true, limit: 10 })).alerts.find(({ device }) => device === "strap");
  const told = [{ channel: "console", receipt: "r", atUs: 0 }];
  const seen = {
    ...missed,
    id: "seen",
    rule: "hr.high",
    kind: "physiological",
    value: 160,
    unit: "bpm",
    limit: 150,
    deliveries: told,
  } as AlertRecord;
  await store.commit({ person: "person-a", alerts: [seen] }, true);
  await store.close();

  const after = await run(folder, clock, [mqttDevice("clip")]);
  const { view, words } = after.gateway;
  await until(async () => (await open(after.gateway)).length === 2, "one of the strap is closed");
  expect((await open(after.gateway)).map(({ rule, device }) => `${rule} ${device}`).sort()).toEqual(["data.missing clip", "hr.high strap"]);
  const closed = (await view.alerts({ open: false, limit: 100 })).alerts.find(({ id }) => id === missed?.id);
  expect(closed).toMatchObject({ state: "closed", closeReason: "The sensor is no longer in use here." });
  expect(after.printed.filter((line) => line.includes("Closed: Chest strap"))).toHaveLength(1);
  expect(view.devices().map(({ id }) => id)).toEqual(["clip"]);
  expect(words.device("strap")).toBe("Chest strap");

  await pass(clock, 700);
  expect((await open(after.gateway)).filter(({ device }) => device === "strap").map(({ rule }) => rule)).toEqual(["hr.high"]);
  await view.act("seen", "acknowledge", caller, {});
  const { alert } = await view.act("seen", "close", caller, { reason: "the strap was given back" });
  expect(alert.state).toBe("closed");
  expect((await open(after.gateway)).filter(({ device }) => device === "strap")).toEqual([]);
  await after.gateway.close();
});

test("a sensor whose account was revoked is worn by nobody, and what was technical about it is closed", async () => {
  const clock = virtualClock();
  const { gateway } = await run(home(), clock, [mqttDevice("strap")]);
  await gateway.credentials.issue({ user: "strap", role: "device", site: "home" }, "secret");
  await pass(clock, 130);
  await until(async () => (await open(gateway)).length === 1, "it is missed");
  await gateway.credentials.issue({ user: "strap", role: "device", site: "home" }, "another secret");
  expect(gateway.view.devices()[0]?.person).toBe("person-a");
  await gateway.credentials.revoke("strap");
  await until(async () => (await open(gateway)).length === 0, "it is closed");
  expect(gateway.view.devices()[0]?.person).toBeUndefined();
  await pass(clock, 700);
  expect(await open(gateway)).toEqual([]);
  await gateway.close();
});

test("a dead cable is one alert: medium at once, and the same one is high when nothing has come for ten minutes", async () => {
  const clock = virtualClock();
  const link = { kind: "tcp" as const, host: "127.0.0.1", port: await keptPort() };
  const { gateway } = await run(home(), clock, [{ ...mqttDevice("strap"), link }]);
  await until(async () => (await open(gateway)).length === 1, "the port is lost");
  await pass(clock, 590);
  expect((await open(gateway)).map(({ rule, priority }) => `${rule} ${priority}`)).toEqual(["device.cable medium"]);
  await pass(clock, 20);
  await until(async () => (await open(gateway)).some(({ priority }) => priority === "high"), "it is urgent");
  expect((await open(gateway)).map(({ rule, priority }) => `${rule} ${priority}`)).toEqual(["device.cable high"]);
  const { alerts } = await gateway.view.alerts({ open: false, limit: 100 });
  expect(alerts.map(({ rule }) => rule)).not.toContain("data.missing");
  await gateway.close();
});

test("a sensor that is plugged in and starts a few seconds after the house is no dead cable; one that never speaks is", async () => {
  const clock = virtualClock();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const link = { kind: "tcp" as const, host: "127.0.0.1", port };
  const { gateway } = await run(home(), clock, [{ ...mqttDevice("tag"), driver: "xsens-mti", options: { rateHz: 100 }, link }]);
  await until(async () => sockets.size === 1, "the port is open");
  await pass(clock, 6);
  expect(await open(gateway)).toEqual([]);
  for (let i = 0; i < 30 && (await open(gateway)).length === 0; i++) await pass(clock, 2);
  expect((await open(gateway)).map(({ rule }) => rule)).toEqual(["device.cable"]);
  await gateway.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});
