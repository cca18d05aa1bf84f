/** A home on a disk that is really full: alarms go on, nothing goes without a word, and with room again everything is as it was. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlertWire } from "../../gateway/api/wire.ts";
import { until } from "./home-inside.ts";
import { type HomeProcess, openHomeProcess, site } from "./home-process.ts";
import { readTwin } from "./left-behind.ts";
import { seeded } from "./seeded.ts";
import { openSensors, type Sensors } from "./sensors.ts";
import { openSmallDisk, type SmallDisk } from "./small-disk.ts";

const tried = openSmallDisk(1);
tried?.close();
const mayMount = tried !== undefined;
if (!mayMount) console.log("The tests on a small disk are skipped: this user may not mount one.");

describe.skipIf(!mayMount)("on a small disk (needs the right to mount one)", () => {
  let small: SmallDisk;
  let home: HomeProcess;
  let sensors: Sensors | undefined;
  beforeEach(async () => {
    small = openSmallDisk(40)!;
    home = await openHomeProcess({ devices: { strap: "person-a", clip: "person-b" }, flushS: 2, folder: small.folder });
  });
  afterEach(async () => {
    await sensors?.close();
    sensors = undefined;
    await home.close();
    small.close();
  });

  const wear = async (qos: 0 | 1) => {
    sensors = await openSensors({ url: home.mqttUrl, site, passwords: home.passwords, random: seeded(1), qos });
    return sensors;
  };
  const alerts = async () => (await home.get<{ alerts: AlertWire[] }>("/api/v1/alerts?limit=200")).alerts;
  const openOnes = async (rule: string) => (await alerts()).filter((alert) => alert.rule === rule && alert.end_s === null);
  const runs = async () => (await alerts()).filter(({ rule }) => rule.startsWith("rhythm.vt"));
  const isReachable = () =>
    alerts().then(
      () => true,
      () => false,
    );
  const hasReserve = () => existsSync(join(small.folder, "reserve"));
  const isWatched = async () => {
    const { people } = await home.get<{ people: { heart_rate_bpm: number | null; heart_rate_age_s: number | null }[] }>("/api/v1/people");
    return (
      people.length === 2 &&
      people.every(({ heart_rate_bpm, heart_rate_age_s }) => heart_rate_bpm !== null && (heart_rate_age_s ?? 99) < 10)
    );
  };

  test.each([1, 0] as const)(
    "QoS %d: an alert of a full disk is listed and acknowledged, said to be not stored yet where even the reserve is used up, and all of it is there after room and a restart",
    async (qos) => {
      // The twin's database lies on the same disk: what it can't store it doesn't acknowledge, and the outbox keeps.
      await home.startTwin();
      home.start();
      await home.untilReady();
      await until(hasReserve, "the reserve is made");
      const wearing = await wear(qos);
      await until(() => wearing.strap.measuredS() >= 5, "5 s are measured");
      small.fill();
      await until(async () => (await openOnes("storage.disk-full")).length === 1, "the full disk is told");
      expect(hasReserve()).toBe(false);
      // Something else takes the reserve's room too.
      small.fill();
      await until(async () => (await runs()).length > 0, "the ventricular run is told");
      const [run] = await runs();
      expect(await isWatched()).toBe(true);
      await until(async () => (await openOnes("storage.not-stored")).length === 1, "that alerts are not stored is told");
      const answer = await home.ask<{ alert: AlertWire; already: boolean }>(`/api/v1/alerts/${run!.id}/acknowledge`, { by: "Person B" });
      expect(answer).toMatchObject({ already: false, alert: { acknowledged_by: "Person B", stored: false } });
      expect((await alerts()).find(({ id }) => id === run!.id)).toMatchObject({ acknowledged_by: "Person B", stored: false });

      small.free();
      await until(async () => (await alerts()).every(({ stored }) => stored), "everything is stored");
      await until(async () => (await openOnes("storage.disk-full")).length === 0, "the alert ends");
      expect(hasReserve()).toBe(true);
      await until(
        async () => (await home.get<{ outbox: { depth: { alert: number } } }>("/api/v1/outbox")).outbox.depth.alert === 0,
        "the twin has every alert",
      );
      expect(await home.end("SIGTERM")).toBe(0);
      await home.endTwin("let go");
      const atTwin = readTwin(home.twinFolder, home.folder).alerts;
      expect(atTwin.find(({ id }) => id === run!.id)).toMatchObject({ acknowledgedBy: "Person B" });
      home.start();
      await home.untilReady();
      expect((await alerts()).find(({ id }) => id === run!.id)).toMatchObject({ acknowledged_by: "Person B", stored: true });
      await until(isWatched, "both persons are watched");
      expect(await openOnes("storage.not-stored")).toEqual([]);
    },
  );

  test.each(["killed", "ended"] as const)(
    "a home that was %s starts on a disk without a byte, watches, and says what it cannot store",
    async (how) => {
      home.start();
      await home.untilReady();
      const wearing = await wear(1);
      await until(() => wearing.strap.measuredS() >= 5, "5 s are measured");
      await home.end(how === "killed" ? "SIGKILL" : "SIGTERM");
      rmSync(join(small.folder, "reserve"), { force: true });
      small.fill();
      home.start({ keepPorts: true });
      await until(isReachable, "the page answers");
      await until(isWatched, "both persons are watched");
      await until(async () => (await openOnes("storage.disk-full")).length === 1, "the full disk is told");
      await until(async () => (await runs()).length > 0, "the ventricular run is told");
      small.free();
      await until(async () => (await alerts()).every(({ stored }) => stored), "everything is stored");
      await until(async () => (await openOnes("storage.disk-full")).length === 0, "the alert ends");
      const known = (await alerts()).map(({ id }) => id);
      expect(await home.end("SIGTERM")).toBe(0);
      home.start();
      await home.untilReady();
      const again = (await alerts()).map(({ id }) => id);
      expect(known.filter((id) => !again.includes(id))).toEqual([]);
    },
  );
});
