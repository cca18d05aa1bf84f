/** A whole home against a real broker, set up as docs/home-assistant.md says. */

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hubOf } from "../../gateway/bridges/testdata/smart-home.ts";
import { type HomeProcess, openHomeProcess } from "../crash/home-process.ts";
import { openSensors } from "../crash/sensors.ts";
import { hasMosquitto, type Mosquitto, openMosquitto } from "../support/mosquitto.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/home-assistant.md"), "utf8");
/** The access list of the page, and a reader who may all. */
const acl = `${/```\n(user hearth\n[^`]+)```/.exec(page)?.[1]}\nuser hub\ntopic readwrite #\n`;
const settings = /```yaml\n {3}(bridges:[\s\S]+?)```/.exec(page)?.[1] ?? "";

let smart: Mosquitto;
let home: HomeProcess;
let hub: MqttClient | undefined;
const retained = new Map<string, string>();
const { devices, entities, state } = hubOf(retained);

const until = async (isSo: () => boolean | Promise<boolean>, what: string) => {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries === 3000) throw new Error(`waited in vain: ${what}`);
    await sleep(20);
  }
};

/** A hub that begins with what the broker has retained, as one that was just started. */
async function lookAnew(): Promise<void> {
  await hub?.endAsync(true);
  retained.clear();
  hub = connect(smart.url, { username: "hub", password: "hub", reconnectPeriod: 50 });
  hub.on("message", (topic, bytes) => {
    if (bytes.length === 0) retained.delete(topic);
    else retained.set(topic, bytes.toString());
  });
  await hub.subscribeAsync(["hearth/#", "homeassistant/device/#"]);
}

beforeAll(async () => {
  if (!hasMosquitto) return;
  smart = await openMosquitto({ hearth: "its password", hub: "hub" }, acl);
  await smart.start();
  home = await openHomeProcess({ devices: { strap: "person-a", clip: "person-b" }, flushS: 60 });
  const own = settings
    .replaceAll(/^ {3}/gm, "")
    .replace("mqtts://homeassistant.local:8883", smart.url)
    .replace("shares: numbers", "shares: everything");
  appendFileSync(join(home.folder, "hearth.yaml"), `\n${own}      - id: person-b\n    acknowledge: true\n`);
  writeFileSync(join(home.folder, "secrets.json"), '{ "home-assistant": "its password" }', { mode: 0o600 });
}, 60_000);
afterAll(async () => {
  await hub?.endAsync(true);
  await home?.close();
  await smart?.close();
});

test.skipIf(!hasMosquitto)(
  `a home is found at a real broker over kills of either side, an alert is acknowledged from there, and who leaves is gone${hasMosquitto ? "" : " (skipped: no mosquitto here)"}`,
  async () => {
    await lookAnew();
    home.start();
    await home.untilReady();
    await until(() => Object.keys(devices()).length === 5, "the home, two people and their wearables are found");
    const sensors = await openSensors({ url: home.mqttUrl, site: "home", passwords: home.passwords, random: Math.random });
    await until(() => /^\d+$/.test(state("person-a", "Heart rate") ?? "") && state("person-a", "Watched") === "ON", "a heart rate");
    expect([state("strap", "Connected"), state("strap", "Worn")]).toEqual(["ON", "ON"]);
    expect(entities("person-b")).not.toContain("Heart rate");
    await until(() => state("person-a", "Alert waits for somebody") === "ON", "an alert");
    expect(state("person-a", "Alert text")).toMatch(/^person-a: /);

    const command = String(
      Object.values(devices()["person-a"]?.components ?? {}).find(({ platform }) => platform === "button")?.command_topic,
    );
    const taken = async () => {
      const { alerts } = await home.get<{ alerts: { person: string; acknowledged_by?: string }[] }>("/api/v1/alerts");
      return alerts.some(({ person, acknowledged_by }) => person === "person-a" && acknowledged_by === "home assistant");
    };
    await until(async () => {
      await hub?.publishAsync(command, "PRESS");
      return taken();
    }, "the press is heard");

    // A broker that was killed has forgotten everything.
    await smart.end("SIGKILL");
    retained.clear();
    await smart.start();
    await lookAnew();
    await until(() => Object.keys(devices()).length === 5 && /^\d+$/.test(state("person-a", "Heart rate") ?? ""), "all is there again");

    await home.end("SIGKILL");
    await until(
      () => state("person-a", "Alert") === "unavailable" && state("Hearth", "Online") === "offline",
      "the broker tells of the gateway's death",
    );
    await sensors.close();
    const before = Object.values(devices()["person-a"]?.components ?? {}).map(({ unique_id }) => unique_id);

    // Somebody leaves while neither runs.
    await smart.end("SIGTERM");
    expect((await home.hearth(["leave", "person-b", "--yes"])).code).toBe(0);
    await smart.start();
    await lookAnew();
    await until(() => "person-b" in devices(), "the broker still has who left");
    home.start();
    await home.untilReady();
    await until(() => Object.keys(devices()).sort().join() === "Hearth,person-a,strap", "who left and their clip are gone");
    await until(() => state("Hearth", "Online") === "online", "the gateway is back");
    expect(Object.values(devices()["person-a"]?.components ?? {}).map(({ unique_id }) => unique_id)).toEqual(before);
    expect(JSON.stringify([...retained])).not.toMatch(/person-b|clip/);
    await home.end("SIGTERM");
    await until(() => state("Hearth", "Online") === "offline", "it says that it goes");
  },
  120_000,
);
