import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { hearthStream } from "../../device-drivers/hearth-stream/driver.ts";
import { createDeviceProbe } from "./device-probe.ts";
import type { DeviceFinding, DeviceView } from "./view-port.ts";

const utf8 = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

/** A home with a strap whose descriptors were kept; `sent` arrive while it is probed, one each second. */
async function probed(sent: readonly (readonly [channel: string, value: unknown])[], kept: object = {}, findings: DeviceFinding[] = []) {
  let see: ((chunk: Chunk) => void) | undefined;
  let end = () => {};
  const probe = createDeviceProbe({
    clock: {
      after(_ms, run) {
        end = run;
        return () => {};
      },
    },
    driverOf: (device) => (device === "strap" ? { driver: hearthStream, options: {} } : undefined),
    store: { getValue: async () => utf8(kept) },
    receiver: {
      watch(_device, listener) {
        see = listener;
        return () => {
          see = undefined;
        };
      },
    },
    device: () => ({ findings }) as unknown as DeviceView,
  });
  const answer = probe("strap", 10);
  await new Promise((resolve) => setImmediate(resolve));
  for (const [i, [channel, value]] of sent.entries()) {
    const timeUs = (100 + i) * 1e6;
    see?.({
      link: "mqtt",
      device: "strap",
      channel,
      bytes: utf8(value),
      stamps: { timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "fake" },
    });
  }
  end();
  const view = await answer;
  expect(see, "nobody watches any more").toBeUndefined();
  return { view, probe };
}
const second = { rateHz: 100, unit: "mV", x: Array.from({ length: 100 }, (_, i) => i / 100) };

test("what came is told by topic, stream and channel: sizes, rate said and measured, values, use", async () => {
  const { view } = await probed(Array(5).fill(["ecg/raw", second]));
  expect(view.messages).toBe(5);
  expect(view.topics).toMatchObject([{ topic: "ecg/raw", count: 5, encoding: "JSON" }]);
  expect(view.streams).toMatchObject([
    {
      ...{ stream: "ecg", rateHz: 100, clock: 0 },
      batches: { count: 5, leastSamples: 100, mostSamples: 100, boots: 1, missingSamples: 0 },
      channels: [{ channel: "ecg", unit: "mV", low: 0 }],
      uses: [{ channel: "ecg", use: "beats" }],
    },
  ]);
  expect(view.streams[0]?.measuredHz).toBeCloseTo(100);
  expect(view.streams[0]?.channels?.[0]?.high).toBeCloseTo(0.99);
  expect(view.findings).toEqual([]);
});

test("a rate that is not what is said shows as what is measured", async () => {
  const { view } = await probed(Array(5).fill(["ecg/raw", { ...second, rateHz: 250 }]));
  expect(view.streams[0]?.rateHz).toBe(250);
  expect(view.streams[0]?.measuredHz).toBeCloseTo(100);
});

test("a descriptor that was sent long ago is checked field by field too, and a newer one instead of it", async () => {
  const old = { "ecg/meta": JSON.stringify({ rateHz: 250, channels: [{ id: "ecg", unit: "mV" }], sentinels: [] }) };
  const { view } = await probed([], old);
  expect(view.streams[0]?.fields).toContainEqual({ field: "channels[0].scale", fault: "missing" });
  expect(view.findings).toMatchObject([{ code: "driver.bad_meta", field: "channels[0].scale", help: expect.stringContaining("publish") }]);
  const { view: later } = await probed(
    [["ecg/meta", { rateHz: 250, channels: [{ id: "ecg", unit: "mV", scale: 1 }], sentinels: [] }]],
    old,
  );
  expect(later.streams[0]?.fields).toContainEqual({ field: "channels[0].scale", value: "1" });
  expect(later.streams[0]?.batches).toBeUndefined();
});

test("every mistake that was seen is told with its way out, and what the card says besides", async () => {
  const card: DeviceFinding = { code: "access.password", stream: "", text: "a wrong password", help: "put the right one in" };
  const { view } = await probed(
    [
      ["ecg/raw", "no"],
      ["ecg/raw", { ...second, unit: undefined }],
      ["ecg/raw", second],
    ],
    {},
    [card],
  );
  expect(view.findings.map(({ code }) => code).sort()).toEqual(["access.password", "driver.bad_field", "driver.unknown_encoding"]);
  expect(view.findings.every(({ help = "" }) => help.length > 10)).toBe(true);
});

test("a device that nobody knows is refused, and so are more probes than the house can bear", async () => {
  const { probe } = await probed([]);
  await expect(probe("stranger", 1)).rejects.toMatchObject({ code: "registry.unknown" });
  for (let i = 0; i < 8; i++) void probe("strap", 1);
  await expect(probe("strap", 1)).rejects.toMatchObject({ code: "device.busy" });
});
