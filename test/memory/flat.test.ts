/**
 * A whole home on a clock that runs as fast as it can: after hours in which the same things happen again and again it holds what it held before. What is
 * counted are bytes of objects after a forced collection; nothing depends on how fast the machine is.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { type MqttLink, openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import type { SignalSource } from "../../firmware-sim/signal/signal-source.ts";
import { ecgSource, ppgSource } from "../../firmware-sim/signal/synthetic-body.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { type HomeInside, openHomeInside } from "../crash/home-inside.ts";
import { site } from "../crash/home-process.ts";
import { grown, takeSnapshot } from "../fakes/held-objects.ts";
import { runs } from "../runs.ts";

const batchMs = 5000;
/** In the same time. */
const clipBatches = 32;
/** In one round everything happens once. */
const roundS = 600;
/** Until rings and caches are full. */
const settlingRounds = 3;
const rounds = runs(5).numRuns;
/** In all rounds together: half a byte a sample, less than a hundred a beat. Node's pool of buffers alone varies by two blocks of 64 kB. */
const mayGrowBytes = 250_000;
const carer = { role: "caregiver", name: "Person B" } as const;

let home: HomeInside;
let clock: VirtualClock;
let gateway: Gateway;
let strap: MqttLink;
let clip: MqttLink;
let isFlat = false;
let sent = 0;
let takeOff = () => {};

const still = (source: SignalSource): SignalSource => ({
  ...source,
  read: (first, count) => (isFlat ? { channels: source.channels.map(() => new Int16Array(count)) } : source.read(first, count)),
});

function putOn(): void {
  takeOff();
  const sources = [ecgSource({ seed: 1, rateHz: 125 }), ppgSource({ seed: 1, rateHz: 32 })].map(still);
  takeOff = startWearable({ sources, link: strap, clock, bootId: randomBytes(8).toString("hex"), batchMs }).stop;
}

/** Lets what is under way outside of this thread come to its end; the clock goes on slowly, since that may wait for a timer. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    clock.advance(1);
    await sleep(1);
  }
}

/** So many seconds of everybody's signal, decided. The clip sends bytes that nobody can read. */
async function live(seconds: number): Promise<void> {
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs += batchMs) {
    for (let i = 0; i < clipBatches; i++) clip.send("ecg", sent++, Buffer.from(`no frame ${sent}`));
    for (let ms = 0; ms < batchMs; ms += 250) {
      clock.advance(250);
      await turn();
    }
    await until(() => clip.keptCount === 0 && (!strap.isConnected || strap.keptCount === 0));
    let isIdle = false;
    void gateway.idle().then(() => {
      isIdle = true;
    });
    await until(() => isIdle);
  }
}

async function round(): Promise<void> {
  const leave = gateway.view.live(() => {});
  await live(120);
  isFlat = true;
  await live(40);
  isFlat = false;
  const { alerts } = await gateway.view.alerts({ limit: 200 });
  for (const { id, state } of alerts)
    if (state === "active" || state === "notified") await gateway.view.act(id, "acknowledge", carer, { minutes: 30 });
  await live(120);
  strap.setCut(true);
  await live(40);
  strap.setCut(false);
  await until(() => strap.isConnected);
  leave();
  await live(120);
  putOn();
  await live(roundS - 440);
  for (const look of [gateway.view.status, gateway.view.people, gateway.view.devices, gateway.view.streams, gateway.view.metrics]) look();
  await gateway.view.strip("person-a", clock.wallUs() - 30_000_000, clock.wallUs());
}

beforeAll(async () => {
  home = await openHomeInside();
  clock = virtualClock(Date.UTC(2026, 5, 1) * 1000);
  await home.startTwin({ clock });
  gateway = await home.start({ clock });
  const open = (device: string) =>
    openMqttLink({
      ...{ url: home.mqttUrl, site, device, password: home.passwords[device] ?? "", qos: 1, clock, random: () => 0.5 },
      pauseMs: { first: 100, longest: 300 },
    });
  strap = open("strap");
  clip = open("clip");
  await until(() => strap.isConnected && clip.isConnected);
  putOn();
});

afterAll(async () => {
  takeOff();
  // Ending waits for timers, and nobody else moves them.
  const moving = setInterval(() => clock.advance(100), 5);
  await Promise.all([strap, clip].map((link) => link?.close()));
  await home?.close();
  clearInterval(moving);
});

test("flat lines, alerts, new boots, lost radio and bytes that nobody can read leave nothing behind", async () => {
  for (let i = 0; i < settlingRounds; i++) await round();
  const [before, after] = ["before", "after"].map((name) => join(home.folder, `${name}.heapsnapshot`)) as [string, string];
  await takeSnapshot(before);
  for (let i = 0; i < rounds; i++) await round();
  await takeSnapshot(after);
  const { alerts } = await gateway.view.alerts({ limit: 200 });
  expect(alerts.length).toBeGreaterThanOrEqual(rounds);
  const { bytes, most } = grown(before, after);
  expect(bytes, most).toBeLessThan(mayGrowBytes);
}, 3_600_000);
