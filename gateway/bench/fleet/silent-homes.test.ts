import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { virtualClock } from "../../../device-drivers/contract/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { loadTwinEnrolment } from "../../twin/enrol.ts";
import { startTwin } from "../../twin/twin.ts";
import { createVirtualHome, type Tally } from "./virtual-home.ts";
import { enrolHomes } from "./workers.ts";

const count = 30;
const silent = 22;
const stepMs = 1000;
const patienceMs = 100_000;
const minuteMs = 60_000;

test("22 of 30 homes that fall silent together, on lines of their own, are one word to the operator and one when they are back, and every frame is there once", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hearth-fleet-"));
  const clock = virtualClock(1_700_000_000_000_000);
  const told: string[] = [];
  const tell = (_fields: object, words: string) => void told.push(words);
  const log = { error: tell, warn: tell, info() {}, debug() {} } as unknown as Log;
  const { folder, accounts, twinPublicKeyPem } = enrolHomes(join(dir, "enrolment"), count);
  const twin = await startTwin({ dir, ...loadTwinEnrolment(folder), httpPort: 0, mqttPort: 0, silentAfterS: 300, tokens: [], clock, log });
  const tally: Tally = { added: 0, acknowledged: 0, latenciesMs: [] };
  const url = `mqtt://127.0.0.1:${twin.ports.mqtt}`;
  const homes = accounts.map((account, i) =>
    createVirtualHome({ ...{ account, url, twinPublicKeyPem, clock, tally }, heartbeatMs: minuteMs, phase: i / count, random: () => 0.5 }),
  );
  const step = async () => {
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const pass = async (minutes: number) => {
    for (let ms = 0; ms < minutes * minuteMs; ms += stepMs) await step();
  };
  const until = async (isDone: () => boolean, what: string) => {
    for (const endMs = Date.now() + patienceMs; !isDone(); await step()) if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`);
  };
  const during = async (work: Promise<unknown>) => {
    let isOver = false;
    void work.finally(() => {
      isOver = true;
    });
    await until(() => isOver, "lines end");
  };
  try {
    for (const home of homes) home.connect();
    await until(() => homes.every((home) => home.isConnected()), "all are connected");
    await pass(2);
    await during(Promise.all(homes.slice(0, silent).map((home) => home.cut())));
    await until(() => told.length > 0, "the incident is told");
    expect(told).toEqual(["many gateways have fallen silent together"]);
    await pass(1);
    for (const home of homes.slice(0, silent)) home.connect();
    await until(() => told.length > 1, "its end is told");
    await pass(2);
    expect(told).toEqual(["many gateways have fallen silent together", "most gateways of the incident are heard again"]);
    await until(() => homes.every((home) => home.waiting() === 0), "everything is acknowledged");
    expect(tally.acknowledged).toBe(tally.added);
    expect(twin.counters.framesStoredTotal).toBe(tally.added);
  } finally {
    await during(Promise.all(homes.map((home) => home.cut())));
    await twin.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
