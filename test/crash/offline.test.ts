/** The internet is optional: with no twin to be found, an alert is raised, told and acknowledged at home, and the twin learns it once, later. */

import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { type HomeInside, openHomeInside, people, until } from "./home-inside.ts";
import { site } from "./home-process.ts";
import { readTwin } from "./left-behind.ts";
import { seeded } from "./seeded.ts";
import { openSensors, type Sensors } from "./sensors.ts";

let home: HomeInside;
let sensors: Sensors | undefined;
beforeEach(async () => {
  home = await openHomeInside();
});
afterEach(async () => {
  await sensors?.close();
  sensors = undefined;
  await home.close();
});

const runs = async (gateway: Gateway): Promise<readonly AlertRecord[]> =>
  (await gateway.view.alerts({ limit: 500 })).alerts.filter(({ rule }) => rule.startsWith("rhythm.vt"));

test("an alert raised and acknowledged without a twin is told again after a restart until then, and reaches the twin once", async () => {
  let gateway = await home.start();
  const wearing = await openSensors({ url: home.mqttUrl, site, passwords: home.passwords, random: seeded(1) });
  sensors = wearing;
  await until(async () => (await runs(gateway)).some(({ priority }) => priority === "high" || priority === "medium"), "a run is told");
  const [raised] = await runs(gateway);
  expect(raised!.person).toBe("person-a");
  await until(() => home.printed.length > 0, "a person is told");
  expect(gateway.view.status().uplink.connected).toBe(false);

  // Nobody has answered yet: after a restart it is still open, and told again.
  await home.end();
  const toldBefore = home.printed.length;
  gateway = await home.start();
  const again = (await runs(gateway)).find(({ id }) => id === raised!.id);
  expect(again).toMatchObject({ onsetUs: raised!.onsetUs });
  expect(["active", "notified"]).toContain(again!.state);
  if (again!.priority === "high") await until(() => home.printed.length > toldBefore, "it is told again");

  const outcome = await gateway.view.act(raised!.id, "acknowledge", { role: "caregiver", name: "Person B" }, {});
  expect(outcome).toMatchObject({ already: false, alert: { state: "acknowledged", acknowledgedBy: "Person B" } });
  expect((await gateway.view.act(raised!.id, "acknowledge", { role: "caregiver", name: "Person B" }, {})).already).toBe(true);
  // The strip's end must have been measured before the strap stops.
  const endUs = outcome.alert.raisedUs + 16_000_000;
  await until(() => gateway.view.status().timeUs > endUs, "the strip's end is measured");
  wearing.strap.stop();
  wearing.clip.stop();
  await until(() => wearing.keptCount() === 0, "everything measured is acknowledged");
  await until(async () => (await gateway.view.outbox()).depth.raw > 0, "the strip waits for the twin");
  expect((await gateway.view.outbox()).depth.alert).toBeGreaterThan(1);

  // The twin comes.
  await home.startTwin();
  await until(async () => {
    const { depth } = await gateway.view.outbox();
    return depth.alert + depth.raw === 0;
  }, "the twin has it");
  const atHome = (await runs(gateway)).find(({ id }) => id === raised!.id);
  await home.end();
  await home.endTwin();

  const twin = readTwin(home.twinFolder, home.folder);
  const ofRun = twin.alerts.filter(
    ({ person, rule, onsetUs }) => person === "person-a" && rule === raised!.rule && onsetUs === raised!.onsetUs,
  );
  expect(ofRun).toHaveLength(1);
  expect(ofRun[0]).toMatchObject({ id: raised!.id, acknowledgedBy: "Person B", acknowledgedAtUs: atHome!.acknowledgedAtUs });
  expect(twin.strips.filter(({ alertIds }) => alertIds.includes(raised!.id)).length).toBeGreaterThan(0);
  expect(new Set(twin.frames.map(({ n }) => n)).size).toBe(twin.frames.length);
  expect(twin.beats(people[0]).length).toBeGreaterThan(10);
});
