/** Numbers of a device through a whole home: to the page, as events, under the person's own limit, and to the twin. */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { numberSource } from "../../firmware-sim/signal/number-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { openStore } from "../../gateway/store/store.ts";
import type { Twin } from "../../gateway/twin/twin.ts";
import { type HomeInside, openHomeInside, twinToken, until } from "../crash/home-inside.ts";
import { site } from "../crash/home-process.ts";

let home: HomeInside;
let gateway: Gateway;
let twin: Twin;
let stopWearable: () => Promise<void>;

beforeAll(async () => {
  home = await openHomeInside({ profile: { hrLimitHighBpm: 120, spo2LimitLowPct: 90 } });
  twin = await home.startTwin();
  gateway = await home.start();
  twin.setNames(gateway.twinNames());
  const clock = systemClock();
  const link = openMqttLink({
    ...{ url: home.mqttUrl, site, device: "clip", password: home.passwords.clip ?? "", qos: 1, clock },
    random: () => 0.5,
  });
  const oximeter = numberSource({
    stream: "oxi",
    numbers: [
      { kind: "spo2", unit: "%", at: (i) => 96 + (i % 2) },
      { kind: "hr", unit: "/min", at: () => 131 },
      // A DS18B20 that has just got power, for ever.
      { kind: "temp", unit: "Cel", scale: 0.01, at: () => 85 },
      { kind: "rr", unit: "/min", at: () => undefined },
    ],
  });
  const wearable = startWearable({ sources: [oximeter], link, clock, bootId: "00112233445566aa" });
  stopWearable = async () => {
    wearable.stop();
    await link.close();
  };
}, 120_000);
afterAll(async () => {
  await stopWearable();
  await home.close();
});

const vitals = () => gateway.view.people().find(({ id }) => id === "person-b")?.vitals ?? [];
const openRules = async () => (await gateway.view.alerts({ open: true, limit: 100 })).alerts.map(({ rule }) => rule);

test("numbers stand with their person, and what no person can have stands as no value and is counted", async () => {
  await until(() => vitals().length === 4, "four vital signs");
  const told = Object.fromEntries(vitals().map(({ code, device, stream, value, without }) => [code, [device, stream, value ?? without]]));
  expect(told).toMatchObject({ hr: ["clip", "oxi", 131], temp: ["clip", "oxi", "implausible"], resp: ["clip", "oxi", "absent"] });
  expect([96, 97]).toContain(told.spo2?.[2]);
  expect(gateway.view.metrics()).toMatch(/hearth_vital_no_value_total\{device="clip",stream="oxi",reason="implausible"\} [1-9]/);
  const [stream] = gateway.view.streams().filter(({ device }) => device === "clip");
  expect(stream?.uses.map(({ use }) => use)).toEqual(["vital", "vital", "vital", "vital"]);
  expect(gateway.view.devices().find(({ id }) => id === "clip")).toMatchObject({ state: "online", findings: [] });
});

test("a number beyond the person's own limit is told under its device and in its words; the one within is not", async () => {
  await until(async () => (await openRules()).includes("hr.limit-high"), "the limit is told");
  const { alerts } = await gateway.view.alerts({ open: true, limit: 100 });
  const alert = alerts.find(({ rule }) => rule === "hr.limit-high");
  expect(alert).toMatchObject({ person: "person-b", device: "clip", value: 131, unit: "bpm", limit: 120, kind: "physiological" });
  expect(await openRules()).not.toContain("spo2.low");
  const watched = gateway.view.people().find(({ id }) => id === "person-b")?.watchedS ?? {};
  expect(watched["spo2.low"]).toBeGreaterThan(5);
  expect(watched["rhythm.asystole"]).toBe(0);
});

test("the twin has each number with its source, and none in the place of a heart rate that was read from beats", async () => {
  const state = async () => {
    const answer = await fetch(`http://127.0.0.1:${twin.ports.http}/api/v1/people/person-b/state`, {
      headers: { authorization: `Bearer ${twinToken}` },
    });
    return (await answer.json()) as { heart_rate_bpm: number | null; vitals?: { code: string; device: string; value: number }[] };
  };
  await until(async () => (await state()).vitals?.length === 2, "both numbers are at the twin");
  const { vitals: known = [], heart_rate_bpm } = await state();
  expect(known.map(({ code, device }) => `${code} ${device}`)).toEqual(["hr clip", "spo2 clip"]);
  expect(heart_rate_bpm).toBeNull();
});

test("the store has them as events with their source, at most one a quarter of a minute", async () => {
  await home.end();
  const { store } = await openStore({ dir: join(home.folder, "store"), clock: systemClock() });
  const events = await store.events("person-b", 0, Number.MAX_SAFE_INTEGER - 1e9);
  await store.close();
  const told = events.filter((event) => event.kind === "vital");
  expect(new Set(told.map(({ code, device, stream }) => `${code} ${device} ${stream}`))).toEqual(new Set(["hr clip oxi", "spo2 clip oxi"]));
  const times = told.flatMap(({ code, timeUs }) => (code === "spo2" ? [timeUs] : []));
  for (const [i, timeUs] of times.slice(1).entries()) expect(timeUs - (times[i] ?? 0)).toBeGreaterThanOrEqual(13e6);
});
