import { expect, test } from "vitest";
import type { Chunk, Driver } from "../../device-drivers/contract/driver.ts";
import type { AlertRecord, PersonEvent } from "../../device-drivers/contract/event.ts";
import type { Channel, SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { alertStrip, homeStrip } from "./strip-view.ts";

const channel = (id: string, kind: Channel["kind"], unit: string): Channel => ({ id, kind, unit, scale: 1, offset: 0 });
const streams: Record<string, StreamDescriptor> = Object.fromEntries(
  [
    { stream: "ecg", channels: [channel("i", "ecg", "mV"), channel("ii", "ecg", "mV")] },
    { stream: "oxi", channels: [channel("temp", "temp", "Cel"), channel("spo2", "spo2", "%")] },
  ].map((of) => [of.stream, { device: "strap", rateHz: 1, sentinels: [], contact: "none", ...of } as StreamDescriptor]),
);

/** One sample a second of both streams, from second 0 to 200; sample i of channel c of stream s is i + 1000 c. */
const chunks: Chunk[] = Array.from({ length: 200 }, (_, i) => ["ecg", "oxi"].map((stream) => ({ stream, i }))).flatMap((both) =>
  both.map(({ stream, i }) => {
    const timeUs = 1_000_000 * (i + 1);
    const stamps = { timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "ntp" as const };
    return { link: "mqtt", device: "strap", channel: stream, bytes: Uint8Array.of(i), stamps };
  }),
);
const driver = {
  create: () => ({
    push: ({ channel: stream, bytes, stamps }: Chunk): SampleBlock[] => [
      {
        ...{ kind: "samples", descriptor: streams[stream] as StreamDescriptor, bootId: "b", firstIndex: bytes[0] ?? 0, count: 1 },
        ...{ deviceTimeUs: 1_000_000 * (bytes[0] ?? 0), deviceClock: 1, stamps },
        channels: [0, 1].map((c) => Float32Array.of((bytes[0] ?? 0) + 1000 * c)),
      } as SampleBlock,
    ],
  }),
} as unknown as Driver;
const beat = (stream: string): PersonEvent => ({ kind: "beat", device: "strap", stream, timeUs: 100e6, label: "V", confidence: 1 });

const parts = {
  journal: {
    seek: async () => ({}),
    async *read() {
      for (const chunk of chunks) yield { chunk };
    },
  },
  store: { flush: async () => {}, getValue: async () => undefined, events: async () => [beat("ecg"), beat("other")] },
  driverOf: () => ({ driver, options: {} }),
  devicesOf: () => ["strap"],
} as unknown as Parameters<typeof homeStrip>[0];

const alert = (more: Partial<AlertRecord>) =>
  ({ id: "a", person: "p", device: "strap", onsetUs: 100e6, raisedUs: 110e6, ...more }) as AlertRecord;

test("an alert's strip is the very channel that it was read from, 15 s on either side, with that stream's beats alone", async () => {
  const { traces, events, fromUs, toUs } = await alertStrip(parts, alert({ about: { stream: "oxi", channel: "spo2" } }));
  expect([fromUs, toUs]).toEqual([85e6, 125e6]);
  expect(traces.map((trace) => trace.channel)).toEqual(["spo2"]);
  expect(traces[0]?.values.every((value) => (value ?? 0) >= 1080)).toBe(true);
  expect(events).toEqual([]);
  expect((await alertStrip(parts, alert({ about: { stream: "ecg" } }))).events).toEqual([beat("ecg")]);
});

test("of a signal without a named channel it is the one that is analysed; without a signal there is none", async () => {
  const channels = async (more: Partial<AlertRecord>) => (await alertStrip(parts, alert(more))).traces.map((trace) => trace.channel);
  expect(await channels({ about: { stream: "oxi" } })).toEqual(["temp"]);
  expect(await channels({ about: { stream: "gone" } })).toEqual([]);
  expect(await channels({})).toEqual([]);
});

test("an alert that was told long after its onset shows the end of it", async () => {
  const { fromUs, toUs } = await alertStrip(parts, alert({ onsetUs: 1e6, raisedUs: 180e6, about: { stream: "ecg" } }));
  expect([fromUs, toUs]).toEqual([75e6, 195e6]);
});

test("a person's strip has the signals and leaves the numbers out", async () => {
  const { traces } = await homeStrip(parts, "p", { fromUs: 50e6, toUs: 60e6 });
  expect(traces.map(({ stream, channel: id }) => `${stream}/${id}`)).toEqual(["ecg/i", "ecg/ii"]);
});
