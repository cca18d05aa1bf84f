import { readFileSync } from "node:fs";
import { Decoder } from "cbor-x/decode";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testDriver } from "../../test/conformance/driver-suite.ts";
import { runs } from "../../test/runs.ts";
import { Flag, type SampleBlock } from "../contract/sample-block.ts";
import { hearthStream } from "./driver.ts";
import { type Batch, decodeBatch, encodeBatch, hashOfMeta, maxBatchBytes } from "./frame.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly reason?: string;
  readonly batch?: Record<string, unknown>;
}

const vectors = JSON.parse(readFileSync(new URL("./testdata/vectors.json", import.meta.url), "utf8")) as Vector[];
const bytesOf = ({ hex }: Vector) => Buffer.from(hex, "hex");

const ecgMeta = {
  v: 1,
  rateHz: 250,
  placement: "chest",
  channels: [{ id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 0.005, offset: 0, range: [-5, 5], mdc: 131330 }],
  sentinels: [{ channel: "ecg", value: -32768, meaning: "lead-off" }],
  quality: { "lead-off": 1, saturated: 2, motion: 4, synthetic: 8, "not-worn": 256 },
  contact: "measured",
  driver: { id: "hearth-stream", version: "1.0.0" },
};
const payloadOf = (meta: unknown) => new TextEncoder().encode(JSON.stringify(meta));
const stamps = (timeUs = 5e6) => ({ timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "fake" }) as const;

function batch(sequence: number, more: Partial<Batch> = {}, meta: unknown = ecgMeta): Batch {
  return {
    bootId: "00112233445566aa",
    sequence,
    firstIndex: sequence * 4,
    deviceTimeUs: sequence * 16_000,
    clockQuality: 1,
    periodNs: 4_000_000,
    channels: [{ id: "ecg", samples: Int16Array.of(sequence, -sequence, 100, 7) }],
    metaHash: hashOfMeta(payloadOf(meta)),
    ...more,
  };
}

function device(state?: unknown) {
  const driver = hearthStream.create({}, "strap", state);
  const push = (channel: string, bytes: Uint8Array, timeUs?: number) =>
    driver.push({ link: "mqtt", device: "strap", channel, bytes, stamps: stamps(timeUs) });
  return {
    driver,
    meta: (payload: unknown = ecgMeta) => push("ecg/meta", payloadOf(payload)),
    raw: (sent: Batch, timeUs?: number) => push("ecg/raw", encodeBatch(sent), timeUs),
    push,
    replies: () =>
      (driver.takeReplies?.() ?? []).map(({ channel, bytes }) => ({ channel, ...JSON.parse(new TextDecoder().decode(bytes)) })),
    indices: (blocks: readonly SampleBlock[]) => blocks.map(({ firstIndex }) => firstIndex),
  };
}

const messages = [
  { channel: "ecg/meta", bytes: payloadOf(ecgMeta) },
  ...[0, 1, 2, 5, 3, 3, 4].map((sequence) => ({ channel: "ecg/raw", bytes: encodeBatch(batch(sequence)) })),
  { channel: "status", bytes: payloadOf({ state: "online" }) },
];
testDriver("hearth-stream", hearthStream, { options: {}, bytes: messages, sampleCount: 24 });

describe("the batch", () => {
  test.each(vectors.filter((vector) => vector.batch !== undefined))("vector $name decodes as the specification says", (vector) => {
    const decoded = decodeBatch(bytesOf(vector));
    if (decoded.kind !== "batch") throw new Error(decoded.reason);
    const { channels, quality, ...fields } = decoded.batch;
    expect({
      ...fields,
      channels: channels.map(({ id, samples }) => ({ id, samples: [...samples] })),
      ...(quality === undefined ? {} : { quality: [...quality] }),
    }).toEqual(vector.batch);
  });

  test.each(vectors.filter((vector) => vector.reason !== undefined))("vector $name is discarded with its reason", (vector) => {
    expect(decodeBatch(bytesOf(vector))).toMatchObject({ kind: "discarded", reason: vector.reason });
  });

  test("more than 16 KiB is refused before it is looked at", () => {
    expect(decodeBatch(new Uint8Array(maxBatchBytes + 1).fill(0xa0))).toEqual({ kind: "discarded", reason: "driver.too_large" });
  });

  const hex8 = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("hex"));
  const samples = (count: number) =>
    fc.oneof(
      fc.int16Array({ minLength: count, maxLength: count }),
      fc.uint16Array({ minLength: count, maxLength: count }),
      fc.int32Array({ minLength: count, maxLength: count }),
      fc.uint32Array({ minLength: count, maxLength: count }),
      fc.float32Array({ minLength: count, maxLength: count, noNaN: true, noDefaultInfinity: true }),
    );
  const anyBatch: fc.Arbitrary<Batch> = fc.integer({ min: 1, max: 60 }).chain((count) =>
    fc.record(
      {
        bootId: hex8,
        sequence: fc.maxSafeNat(),
        firstIndex: fc.nat(),
        deviceTimeUs: fc.maxSafeNat(),
        receivedUs: fc.maxSafeNat(),
        clockQuality: fc.constantFrom(0, 1, 2, 3),
        periodNs: fc.integer({ min: 1, max: 2 ** 40 }),
        channels: fc
          .uniqueArray(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }), { minLength: 1, maxLength: 4 })
          .chain((ids) => fc.tuple(...ids.map((id) => samples(count).map((array) => ({ id, samples: array }))))),
        quality: fc.uint16Array({ minLength: count, maxLength: count }),
        metaHash: hex8,
      },
      { requiredKeys: ["bootId", "sequence", "firstIndex", "deviceTimeUs", "clockQuality", "periodNs", "channels", "metaHash"] },
    ),
  ) as fc.Arbitrary<Batch>;

  test("decoding is the inverse of encoding", () => {
    fc.assert(
      fc.property(anyBatch, (sent) => {
        expect(decodeBatch(encodeBatch(sent))).toEqual({ kind: "batch", batch: sent });
      }),
    );
  });

  test("what is encoded reads the same with another decoder", () => {
    const other = new Decoder({ useRecords: false, mapsAsObjects: true });
    fc.assert(
      fc.property(anyBatch, (sent) => {
        const read = other.decode(encodeBatch(sent)) as { q: number; t: bigint; c: { i: string; x: unknown }[] };
        expect(Number(read.q)).toBe(sent.sequence);
        expect(BigInt(read.t)).toBe(BigInt(sent.deviceTimeUs) * 1000n);
        expect(read.c.map(({ i, x }) => ({ id: i, samples: x }))).toEqual(sent.channels);
      }),
    );
  });

  test("a second of ECG takes fewer than 600 bytes", () => {
    expect(encodeBatch(batch(0, { channels: [{ id: "ecg", samples: new Int16Array(250) }] })).length).toBeLessThan(600);
  });
});

describe("descriptors", () => {
  test("a batch becomes a block with its stream's descriptor and its own times", () => {
    const strap = device();
    strap.meta();
    const [block] = strap.raw(batch(3), 9e6);
    expect(block).toMatchObject({
      bootId: "00112233445566aa",
      firstIndex: 12,
      count: 4,
      deviceTimeUs: 48_000,
      deviceClock: 1,
      stamps: stamps(9e6),
    });
    expect(block?.descriptor).toMatchObject({ device: "strap", stream: "ecg", rateHz: 250, contact: "measured", placement: "chest" });
    expect(block?.descriptor.channels[0]).toEqual(ecgMeta.channels[0]);
    expect(block?.channels).toEqual([Int16Array.of(3, -3, 100, 7)]);
    expect(block?.flags).toBeUndefined();
  });

  test("batches wait for their descriptor, which is asked for once, and keep the time at which they came", () => {
    const strap = device();
    expect(strap.raw(batch(0), 1e6)).toEqual([]);
    expect(strap.raw(batch(1), 2e6)).toEqual([]);
    const hash = hashOfMeta(payloadOf(ecgMeta));
    expect(strap.replies()).toEqual([{ channel: "cmd/meta", id: `ecg-${hash}`, stream: "ecg", m: hash }]);
    expect(strap.replies()).toEqual([]);
    const blocks = strap.meta();
    expect(blocks.map((block) => block.stamps.timeUs)).toEqual([1e6, 2e6]);
    expect(strap.replies()).toEqual([]);
  });

  test("a device that doesn't answer is asked again after ten seconds", () => {
    const strap = device();
    strap.raw(batch(0), 1e6);
    expect(strap.replies().length).toBe(1);
    strap.raw(batch(1), 10e6);
    expect(strap.replies().length).toBe(0);
    strap.raw(batch(2), 12e6);
    expect(strap.replies().length).toBe(1);
  });

  test("the newest 64 waiting batches are kept and the rest counted", () => {
    const strap = device();
    for (let sequence = 0; sequence < 70; sequence++) strap.raw(batch(sequence));
    expect(strap.driver.counters.discarded).toEqual({ "driver.no_descriptor": 6 });
    expect(strap.indices(strap.meta())).toEqual(Array.from({ length: 64 }, (_, i) => (i + 6) * 4));
  });

  test("waiting batches never take more than 256 KiB", () => {
    const strap = device();
    for (let sequence = 0; sequence < 64; sequence++)
      strap.raw(batch(sequence, { channels: [{ id: "ecg", samples: new Int16Array(8000) }] }));
    expect(strap.meta().length).toBe(16);
    expect(strap.driver.counters.discarded).toEqual({ "driver.no_descriptor": 48 });
  });

  test("a late batch is decoded with the descriptor that it names, not with the newest", () => {
    const strap = device();
    strap.meta();
    const finer = { ...ecgMeta, channels: [{ ...ecgMeta.channels[0], scale: 0.001 }] };
    strap.meta(finer);
    const [old] = strap.raw(batch(0));
    const [fresh] = strap.raw(batch(1, {}, finer));
    expect([old, fresh].map((block) => block?.descriptor.channels[0]?.scale)).toEqual([0.005, 0.001]);
  });

  test.each([
    ["no JSON", new TextEncoder().encode("rate=250")],
    ["another version", payloadOf({ ...ecgMeta, v: 2 })],
    ["no rate", payloadOf({ ...ecgMeta, rateHz: 0 })],
    ["no sentinels", payloadOf({ ...ecgMeta, sentinels: undefined })],
    ["a sentinel of no channel", payloadOf({ ...ecgMeta, sentinels: [{ channel: "x", value: 0, meaning: "invalid" }] })],
    ["a channel twice", payloadOf({ ...ecgMeta, channels: [ecgMeta.channels[0], ecgMeta.channels[0]] })],
    ["a scale of zero", payloadOf({ ...ecgMeta, channels: [{ ...ecgMeta.channels[0], scale: 0 }] })],
  ])("a descriptor with %s is discarded", (_, payload) => {
    const strap = device();
    strap.push("ecg/meta", payload);
    expect(strap.driver.counters.discarded).toEqual({ "driver.bad_meta": 1 });
  });

  test("a batch with another rate or other channels than its descriptor is discarded", () => {
    const strap = device();
    strap.meta();
    expect(strap.raw(batch(0, { periodNs: 8_000_000 }))).toEqual([]);
    expect(strap.raw(batch(1, { channels: [{ id: "resp", samples: Int16Array.of(1) }] }))).toEqual([]);
    expect(strap.driver.counters.discarded).toEqual({ "driver.rate_mismatch": 1, "driver.channel_mismatch": 1 });
  });

  test("topics that no device has are discarded, the status is not", () => {
    const strap = device();
    for (const channel of ["ecg", "ecg/raw/x", "ecg/vitals", "ECG/raw", "status", ""]) strap.push(channel, encodeBatch(batch(0)));
    expect(strap.driver.counters.discarded).toEqual({ "driver.unknown_channel": 5 });
  });
});

describe("batches that come twice, late or never", () => {
  test("a batch that is sent again yields its samples once, whatever came between", () => {
    const strap = device();
    strap.meta();
    const blocks = [0, 1, 4, 1, 0, 2, 4, 3, 2, 5].flatMap((sequence) => strap.raw(batch(sequence)));
    expect(strap.indices(blocks)).toEqual([0, 1, 4, 2, 3, 5].map((sequence) => sequence * 4));
    expect(strap.driver.counters.discarded).toEqual({ "driver.duplicate_batch": 4 });
  });

  test("any order and any repetition gives every batch exactly once, over a restart too", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 40 }), { minLength: 60, maxLength: 120 }),
        fc.double({ min: 0.3, max: 0.7, noNaN: true }),
        (sequences, share) => {
          // With half of so many draws from 41 on either side, some come before and after it.
          const at = Math.floor(share * sequences.length);
          let strap = device();
          strap.meta();
          const found: number[] = [];
          sequences.forEach((sequence, i) => {
            if (i === at) strap = device(structuredClone(strap.driver.state()));
            found.push(...strap.indices(strap.raw(batch(sequence))));
          });
          expect(found).toEqual([...new Set(sequences)].map((sequence) => sequence * 4));
        },
      ),
      runs(40),
    );
  });

  test("numbers begin again with another boot, and the old boot's late batches still count once", () => {
    const strap = device();
    strap.meta();
    const reborn = { bootId: "ffffffffffffffff" };
    const blocks = [batch(0), batch(0, reborn), batch(1), batch(1, reborn), batch(0), batch(0, reborn)].flatMap((sent) => strap.raw(sent));
    expect(blocks.map(({ bootId, firstIndex }) => [bootId[0], firstIndex])).toEqual([
      ["0", 0],
      ["f", 0],
      ["0", 4],
      ["f", 4],
    ]);
  });

  test("a batch that never came leaves no block, only a count", () => {
    const strap = device();
    strap.meta();
    const blocks = [0, 2].flatMap((sequence) =>
      strap.driver.push({ link: "", device: "strap", channel: "ecg/raw", bytes: encodeBatch(batch(sequence)), stamps: stamps() }),
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(["samples", "samples"]);
    expect(strap.driver.counters.sequenceGaps).toBe(1);
  });
});

describe("quality", () => {
  test("the device's bits become the house's by the descriptor's names, unknown bits fall away", () => {
    const strap = device();
    strap.meta();
    const [block] = strap.raw(batch(0, { quality: Uint16Array.of(1, 2 | 4, 256, 64) }));
    expect([...(block?.flags ?? [])]).toEqual([Flag.leadOff, Flag.saturated | Flag.motion, Flag.notWorn, 0]);
  });

  test("a sentinel is absent, with what it means", () => {
    const strap = device();
    strap.meta();
    const [block] = strap.raw(batch(0, { channels: [{ id: "ecg", samples: Int16Array.of(1, -32768, 2, -32768) }] }));
    expect([...(block?.flags ?? [])]).toEqual([0, Flag.absent | Flag.leadOff, 0, Flag.absent | Flag.leadOff]);
  });

  test("where another channel has a value, only the missing one is hidden", () => {
    const meta = {
      v: 1,
      rateHz: 250,
      channels: ["red", "ir"].map((id) => ({ id, kind: "ppg", unit: "1", scale: 1, offset: 0 })),
      sentinels: ["red", "ir"].map((channel) => ({ channel, value: 0, meaning: "no-finger" })),
    };
    const strap = device();
    strap.push("ppg/meta", payloadOf(meta));
    const channels = [
      { id: "ir", samples: Uint16Array.of(7, 0, 0) },
      { id: "red", samples: Uint32Array.of(5, 6, 0) },
    ];
    const [block] = strap.push("ppg/raw", encodeBatch(batch(0, { channels, metaHash: hashOfMeta(payloadOf(meta)) })));
    expect(block?.channels.map((channel) => [...channel])).toEqual([
      [5, 6, Number.NaN],
      [7, Number.NaN, Number.NaN],
    ]);
    expect([...(block?.flags ?? [])]).toEqual([0, 0, Flag.absent | Flag.notWorn]);
  });
});
