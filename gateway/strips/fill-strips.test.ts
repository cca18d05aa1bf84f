import { expect, test } from "vitest";
import type { Chunk, Driver } from "../../device-drivers/contract/driver.ts";
import { Flag, type SampleBlock, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import { noValue } from "../semantic/strip-codec.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { createStripFiller, cutStrip } from "./fill-strips.ts";

const descriptor: StreamDescriptor = {
  device: "strap",
  stream: "ecg",
  rateHz: 100,
  channels: [{ id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 1, offset: 0 }],
  sentinels: [],
  contact: "measured",
};
const stamps = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "ntp" as const };

function block(firstIndex: number, samples: Int16Array | Float32Array, flags?: Uint8Array): SampleBlock {
  const base = {
    kind: "samples" as const,
    descriptor,
    bootId: "b",
    firstIndex,
    count: samples.length,
    deviceTimeUs: 0,
    deviceClock: 1 as const,
    stamps,
  };
  return { ...base, channels: [samples], ...(flags === undefined ? {} : { flags }) };
}

const due = (fromUs: number, toUs: number) => ({
  alertId: `a1@${fromUs}`,
  person: "person-a",
  device: "strap",
  stream: "ecg",
  fromUs,
  toUs,
  anchor: { bootId: "b", index: 100, timeUs: 1_000_000 },
});

test("a strip holds exactly the samples of its span, and nothing where there was none", () => {
  const span = due(1_000_000, 1_200_000);
  const strip = cutStrip(
    [
      block(
        95,
        Int16Array.from({ length: 10 }, (_, i) => 95 + i),
      ),
      block(
        110,
        Int16Array.from({ length: 20 }, (_, i) => 110 + i),
      ),
    ],
    span,
    [span],
  );
  expect(strip?.startUs).toBe(1_000_000);
  expect(strip?.samples.length).toBe(20);
  expect([...(strip?.samples ?? [])].slice(0, 5)).toEqual([100, 101, 102, 103, 104]);
  expect([...(strip?.samples ?? [])].slice(5, 10)).toEqual(new Array(5).fill(noValue));
  expect(strip?.samples[19]).toBe(119);
  expect(strip?.alertIds).toEqual(["a1"]);
});

test("an alert about a pulse or a number has its samples too, a signal before a number", () => {
  const span = { ...due(1_000_000, 1_030_000), device: "clip", stream: "oxi" };
  const stripOf = (channels: StreamDescriptor["channels"]) => {
    const own = { ...descriptor, device: "clip", stream: "oxi", channels };
    const samples = channels.map((_, at) => Int16Array.of(at, at + 10, at + 20));
    return cutStrip([{ ...block(100, Int16Array.of(0, 0, 0)), descriptor: own, channels: samples }], span, [span]);
  };
  const number = { id: "sat", kind: "spo2" as const, unit: "%", scale: 1, offset: 0 };
  const pleth = { id: "pleth", kind: "ppg" as const, unit: "count", scale: 1, offset: 0 };
  expect(stripOf([number])).toMatchObject({ channel: "sat", unit: "%", samples: Int32Array.of(0, 10, 20) });
  expect(stripOf([number, pleth])).toMatchObject({ channel: "pleth", stream: "oxi", samples: Int32Array.of(1, 11, 21) });
  expect(stripOf([{ ...number, unit: "furlong" }])).toBeUndefined();
});

test("fractions of a millivolt survive", () => {
  const span = due(1_000_000, 1_050_000);
  const values = Float32Array.of(0.125, -1.2345678, 0.0001, 1.5, Number.NaN);
  const strip = cutStrip([block(100, values)], span, [span]);
  const back = [...(strip?.samples ?? [])].map((count) => (count === noValue ? Number.NaN : count * (strip?.scale ?? 0)));
  for (let i = 0; i < 4; i++) expect(back[i]).toBeCloseTo(values[i] ?? 0, 6);
  expect(back[4]).toBeNaN();
});

test("a number that stands for no value is not sent as one", () => {
  const span = due(1_000_000, 1_030_000);
  const strip = cutStrip([block(100, Int16Array.of(1, -32768, 3), Uint8Array.of(0, Flag.absent, 0))], span, [span]);
  expect([...(strip?.samples ?? [])]).toEqual([1, noValue, 3]);
});

test("samples that arrived before the time they are placed at are in the strip all the same", async () => {
  // While a clock-map slews down from a late first block, a sample is placed up to half a second after its arrival.
  const earlyUs = 450_000;
  const arrivalUs = (k: number) => 1_000_000 + ((k + 1) * 25 - 100) * 10_000 - earlyUs;
  const chunks = Array.from(
    { length: 100 },
    (_, k): Chunk => ({
      link: "mqtt",
      device: "strap",
      channel: String(k),
      bytes: new Uint8Array(),
      stamps: { ...stamps, timeUs: arrivalUs(k) },
    }),
  );
  const driver = {
    create: () => ({
      push: (chunk: Chunk) => [
        block(
          Number(chunk.channel) * 25,
          Int16Array.from({ length: 25 }, (_, i) => Number(chunk.channel) * 25 + i),
        ),
      ],
    }),
  } as unknown as Driver;
  const commits: PersonCommit[] = [];
  const span = due(6_000_000, 12_000_000);
  const filler = createStripFiller(
    {
      journal: {
        seek: async (_lane, timeUs) => chunks.findIndex((chunk) => chunk.stamps.timeUs >= timeUs) + 1,
        async *read(_lane, from) {
          for (const [at, chunk] of chunks.entries()) if (at + 1 >= from) yield { position: at + 1, bootId: "b", chunk };
        },
      },
      store: { getValue: async () => undefined, commit: async (row) => void commits.push(row) },
      driverOf: () => ({ driver, options: {} }),
    },
    [span],
  );
  await filler.fill(30_000_000);
  const strip = decodePayload(commits[0]?.outbox?.[0]?.payload ?? new Uint8Array()) as StripPayload;
  expect(strip.startUs).toBe(6_000_000);
  expect([...strip.samples]).toEqual(Array.from({ length: 600 }, (_, i) => 600 + i));
});

test("a strip shows the channel that its alert names, not the one that another is analysed for", () => {
  const channel = (id: string, kind: "spo2" | "temp") => ({ id, kind, unit: "%", scale: 1, offset: 0 });
  const oxi: StreamDescriptor = { ...descriptor, channels: [channel("temp", "temp"), channel("spo2", "spo2")] };
  const samples: SampleBlock = {
    ...block(
      100,
      Int16Array.from({ length: 20 }, () => 36),
    ),
    descriptor: oxi,
    channels: [36, 88].map((value) => Int16Array.from({ length: 20 }, () => value)),
  };
  const span = { ...due(1_000_000, 1_100_000), channel: "spo2" };
  const strip = cutStrip([samples], span, [span]);
  expect([strip?.channel, strip?.samples[0]]).toEqual(["spo2", 88]);
  expect(cutStrip([samples], { ...span, channel: "gone" }, [span])).toBeUndefined();
});
