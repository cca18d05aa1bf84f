import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { journalDays } from "../../gateway/journal/retention.ts";
import { until } from "../crash/home-inside.ts";
import { device, openOwnHome, site } from "../hearth-stream/own-home.ts";

test("a device that floods fills its day's share of the journal and no more: it is watched on, and told; unworn it is refused", async () => {
  const home = await openOwnHome({ HEARTH__JOURNAL__MAXBYTESPERDEVICEDAY: String(1 << 20) });
  const { view } = home.gateway;
  const connect = () =>
    connectAsync(`mqtt://127.0.0.1:${home.gateway.mqttPort}`, { ...{ clientId: device, username: device }, password: home.password });
  const batch = JSON.stringify({ rateHz: 500, unit: "mV", x: Array(2000).fill(0.25) });
  const flood = async (client: Awaited<ReturnType<typeof connect>>, count: number) => {
    for (let i = 0; i < count; i++) await client.publishAsync(`hearth/v1/${site}/${device}/ecg/raw`, batch, { qos: 1 });
  };
  const journalBytes = async () => (await journalDays(join(home.folder, "journal"))).reduce((sum, { bytes }) => sum + bytes, 0);

  const client = await connect();
  await flood(client, 250);
  // Batches that the driver has read, those that are kept or not.
  expect(view.devices()[0]?.counters.frames).toBe(250);
  expect(await journalBytes()).toBeLessThan(1.1 * 2 ** 20);
  expect(view.metrics()).toMatch(/hearth_journal_over_day_bytes_total\{device="chest-strap"\} [1-9]/);
  const told = async () => (await view.alerts({ open: true })).alerts.filter(({ rule }) => rule === "device.too-much");
  await until(async () => (await told()).length === 1, "it is told", 20_000);
  expect((await view.alerts({ open: true })).alerts.map(({ rule }) => rule)).not.toContain("storage.disk-full");

  await view.setup.wear(device, undefined, "", "Person A");
  const isEnded = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.on("error", () => {});
  client.publish(`hearth/v1/${site}/${device}/ecg/raw`, batch, { qos: 1 });
  await isEnded;
  expect(await journalBytes()).toBeLessThan(1.1 * 2 ** 20);
  client.end(true);
  await home.close();
});
