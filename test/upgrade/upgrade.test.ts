/** A home that an earlier Hearth kept, and that fell in the middle of its work, starts with everything it had. */

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, StripDue } from "../../device-drivers/contract/event.ts";
import type { StatusWire } from "../../gateway/api/wire.ts";
import { openHome, readPorts, roleTokens } from "../../gateway/config/home-folder.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import type { StripPayload } from "../../gateway/semantic/payloads/strip.ts";
import type { OutboxFigures } from "../../gateway/store/store-port.ts";
import { loadGatewayEnrolment, loadTwinEnrolment } from "../../gateway/twin/enrol.ts";
import { startTwin } from "../../gateway/twin/twin.ts";
import { openHeart } from "../crash/hearts.ts";
import { people, until } from "../crash/home-inside.ts";
import { site } from "../crash/home-process.ts";
import { readTwin } from "../crash/left-behind.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { type PackedHome, unpackHome } from "./packed-home.ts";
import { type Left, whatIsLeft } from "./what-is-left.ts";

const main = fileURLToPath(new URL("../../gateway/main.ts", import.meta.url));
const folderOfHomes = fileURLToPath(new URL("./testdata/", import.meta.url));
const homes = readdirSync(folderOfHomes).filter((file) => file.endsWith(".home"));

/** What of an alert stays as it is while nobody touches it; its count, the time it was last seen and its deliveries go on. */
const kept = ({ id, person, rule, device, priority, kind, state, onsetUs, raisedUs, acknowledgedBy, acknowledgedAtUs }: AlertRecord) => ({
  ...{ id, person, rule, device, priority, kind, state, onsetUs, raisedUs, acknowledgedBy, acknowledgedAtUs },
});
/** Those of `these` that `all` lacks. */
const missing = (these: readonly unknown[], all: readonly unknown[]) => {
  const known = new Set(all.map((each) => JSON.stringify(each)));
  return these.filter((each) => !known.has(JSON.stringify(each)));
};

test("there is a home of an earlier Hearth to start", () => {
  expect(homes.length).toBeGreaterThan(0);
});

describe.each(homes)("the home of %s", (file) => {
  const root = mkdtempSync(join(tmpdir(), "hearth-upgrade-"));
  const folder = join(root, "home");
  const logged: { level: string; code?: string; msg: string }[] = [];
  let had: PackedHome;
  /** What the gateway said just after its start, before anything new came. */
  let first: { alerts: readonly AlertRecord[]; outbox: OutboxFigures; people: string[]; devices: unknown[]; recovered: number };
  let after: Left;
  let strips: readonly StripPayload[];

  /** Strips that have what was owed when the home fell: from the begin to the newest sample that the journal had by then. */
  const holdersOf = ({ person, device, fromUs }: StripDue, all: readonly StripPayload[]) =>
    all.filter((strip) => {
      const isFromBegin = strip.startUs <= fromUs + 10_000 || strip.startUs < firstUs(person, device);
      return strip.person === person && strip.device === device && isFromBegin && endOf(strip) > had.lanes[person]!.lastUs - 1_000_000;
    });
  /** A strip cannot begin before the first sample; a second for the clock to settle. */
  const firstUs = (person: string, device: string) =>
    1_000_000 +
    Math.min(...had.events[person]!.flatMap((event) => (event.kind === "beat" && event.device === device ? [event.timeUs] : [])));

  beforeAll(async () => {
    had = unpackHome(readFileSync(join(folderOfHomes, file)), folder);
    const text = readFileSync(join(folder, "hearth.yaml"), "utf8");
    const config = parseConfig(text, { file: "hearth.yaml", env: { HEARTH__TWIN__FLUSHS: "2" } });
    // Whenever this test runs, the home was down for 20 s: the strip that is due has ended by then.
    const system = systemClock();
    const offsetUs = Math.max(...people.map((person) => had.lanes[person]!.lastUs)) + 20_000_000 - system.wallUs();
    const clock = { ...system, wallUs: () => system.wallUs() + offsetUs };
    const twinPort = await keptPort();
    const gateway = await startGateway({
      ...{ config, dataDir: folder, mode: "real", version: "0.0.0-test", mqttPort: 0, clock, ports: () => ({}) },
      log: createLog({ level: "info", write: (line) => logged.push(JSON.parse(line)) }),
      twin: { ...loadGatewayEnrolment(site, join(folder, "twin-link")), url: `mqtt://127.0.0.1:${twinPort}` },
    });
    const { view, recovered } = gateway;
    first = {
      ...{ recovered, alerts: (await view.alerts({ limit: 500 })).alerts, outbox: await view.outbox() },
      people: view.people().map(({ id }) => id),
      devices: view.devices().map(({ id, person }) => ({ id, person })),
    };
    await playStrap(gateway, had.passwords.strap ?? "", clock);
    const twin = await startTwin({
      ...{ dir: join(folder, "twin"), httpPort: 0, mqttPort: twinPort, tokens: [], clock, log: createLog({ level: "silent" }) },
      ...loadTwinEnrolment(join(folder, "twin", "enrolment")),
    });
    const isOwed = () => had.stripsDue.some((due) => holdersOf(due, readTwin(join(folder, "twin"), folder).strips).length === 0);
    await until(() => !isOwed(), "the strips that were due are at the twin");
    await until(async () => Object.values((await view.outbox()).depth).every((rows) => rows === 0), "all is sent");
    await gateway.close();
    await twin.close();
    after = await whatIsLeft(folder, Object.fromEntries(people.map((person) => [person, had.lanes[person]!.records])));
    strips = readTwin(join(folder, "twin"), folder).strips;
  }, 180_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("nothing in it was unreadable, and recovery fed only the records behind its snapshots", () => {
    expect(logged.filter(({ level }) => level !== "info")).toEqual([]);
    const behind = people.map((person) => had.lanes[person]!.records - had.snapshots[person]!);
    expect(Math.min(...behind)).toBeGreaterThan(0);
    expect(first.recovered).toBe(behind.reduce((sum, records) => sum + records, 0));
    // Fresh stages would count from one again.
    for (const person of people) expect(after.marks[person]!.ordinal).toBeGreaterThan(had.marks[person]!.ordinal);
  });

  test("everybody lives there, and wears what they wore since when they wore it", () => {
    expect(first.people).toEqual(had.registry.people.map(({ id }) => id));
    expect(
      missing(
        had.registry.wearings.map(({ device, person }) => ({ id: device, person })),
        first.devices,
      ),
    ).toEqual([]);
    expect(after.registry).toEqual(had.registry);
  });

  test("its alerts are those it had, open and acknowledged as they were", () => {
    const states = had.alerts.map(({ state }) => state);
    expect(states).toContain("acknowledged");
    expect(states).toContain("notified");
    expect(missing(had.alerts.map(kept), first.alerts.map(kept))).toEqual([]);
    // The same conditions, seen again in the journal, are no new alerts.
    const onsets = after.alerts.map(({ person, rule, device, onsetUs }) => `${person} ${rule} ${device} ${onsetUs}`);
    expect(new Set(onsets).size).toBe(onsets.length);
    expect(
      missing(
        had.alerts.map(({ id }) => id),
        after.alerts.map(({ id }) => id),
      ),
    ).toEqual([]);
  });

  test("every event is there once, and what the journal held behind the mark became events too", () => {
    for (const person of people) {
      const events = after.events[person]!;
      expect(missing(had.events[person]!, events)).toEqual([]);
      const keys = events.flatMap((event) => (event.kind === "beat" ? [`${event.device} ${event.timeUs}`] : []));
      expect(new Set(keys).size).toBe(keys.length);
      for (const [rule, watchedS] of Object.entries(had.coverage[person]!))
        expect(after.coverage[person]![rule]).toBeGreaterThanOrEqual(watchedS);
    }
  });

  test("the rows that waited for the twin are sent as they were, in the same epoch, and what was sent before is not sent again", () => {
    expect(first.outbox.epoch).toBe(had.outbox.epoch);
    for (const [name, rows] of Object.entries(had.outbox.depth)) expect(first.outbox.depth[name as "alert"]).toBeGreaterThanOrEqual(rows);
    const numbers = (all: readonly { n: number; class: string; timeUs: number }[]) => all.map((row) => [row.n, row.class, row.timeUs]);
    expect(had.waiting.length).toBeGreaterThan(20);
    expect(missing(numbers(had.waiting), numbers(after.twin.frames))).toEqual([]);
    expect(missing(had.twin.frames, after.twin.frames)).toEqual([]);
    expect(new Set(after.twin.frames.map(({ epoch }) => epoch))).toEqual(new Set([had.outbox.epoch.toUpperCase()]));
  });

  test("every strip that was due is at the twin, once", () => {
    expect(had.stripsDue.length).toBeGreaterThan(0);
    expect(after.stripsDue).toEqual([]);
    for (const due of had.stripsDue) expect(holdersOf(due, strips)).toHaveLength(1);
  });

  test("its journal is readable from the first record on, and its audit is whole", () => {
    for (const person of people) {
      expect(after.lanes[person]).toMatchObject({ firstPosition: 1, digest: had.lanes[person]!.digest });
      expect(after.snapshots[person]).toBeGreaterThanOrEqual(had.lanes[person]!.records);
    }
    expect(after.lanes["person-a"]!.records).toBeGreaterThan(had.lanes["person-a"]!.records);
    expect(after.brokenAudit).toBeUndefined();
    expect(after.audit).toBeGreaterThanOrEqual(had.audit);
  });

  test("its twin has what it had", () => {
    expect(had.twin.beats.length).toBeGreaterThan(20);
    for (const what of ["beats", "vitals", "alerts"] as const) expect(missing(had.twin[what], after.twin[what])).toEqual([]);
  });

  test("`hearth run` opens it with its settings and tokens, and says that nothing was repaired", async () => {
    const own = join(root, "run");
    unpackHome(readFileSync(join(folderOfHomes, file)), own);
    const home = openHome(own);
    const { admin } = JSON.parse(readFileSync(home.tokensFile, "utf8")) as { admin: string };
    const ports = {
      HEARTH__PORTS__HTTP: "0",
      HEARTH__PORTS__MQTT: "0",
      HEARTH__PORTS__MQTT_TLS: "0",
      HEARTH__PORTS__TWIN: "0",
      HEARTH__PORTS__TWINMQTT: "0",
    };
    const env = { HEARTH_HOME: own, ...ports, HEARTH__LOG__LEVEL: "warn" };
    const child = spawn(process.execPath, [main, "run"], { stdio: ["ignore", "ignore", "inherit"], env });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    try {
      while (readPorts(home) === undefined && child.exitCode === null) await sleep(20);
      const get = async <T>(path: string) =>
        (await (
          await fetch(`http://127.0.0.1:${readPorts(home)?.http}${path}`, { headers: { authorization: `Bearer ${admin}` } })
        ).json()) as T;
      expect(roleTokens(home).admin).toBe(admin);
      const { repairs, people: count } = await get<StatusWire>("/api/v1/status");
      expect({ repairs, count }).toEqual({ repairs: [], count: people.length });
      const { alerts } = await get<{ alerts: { id: string }[] }>("/api/v1/alerts?limit=500");
      expect(
        missing(
          had.alerts.map(({ id }) => id),
          alerts.map(({ id }) => id),
        ),
      ).toEqual([]);
      await until(async () => (await get<StatusWire>("/api/v1/status")).uplink.connected, "the embedded twin knows its gateway");
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
    expect(child.exitCode).toBe(0);
  });
});

const endOf = ({ startUs, samples, rateHz }: StripPayload) => startUs + (samples.length * 1e6) / rateHz;

/** The strap comes back with the account it had, and what it measures is acknowledged. */
async function playStrap(gateway: Gateway, password: string, clock: Clock): Promise<void> {
  const url = `mqtt://127.0.0.1:${gateway.mqttPort}`;
  const heart = await openHeart({ url, site, device: "strap", password, qos: 1, clock });
  await until(() => heart.measuredS() > 3, "it measures");
  heart.stop();
  await until(() => heart.keptCount === 0, "what it measured is acknowledged");
  await heart.close();
}
