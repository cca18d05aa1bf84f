import { describe, expect, test } from "vitest";
import { Flag } from "../contract/sample-block.ts";
import { createRefusals } from "../framing/refusals.ts";
import { type Batch, encodeBatch, hashOfMeta } from "./frame.ts";
import { createStreamDecoder, type StreamState } from "./stream-decoder.ts";

const channel = { id: "a", kind: "ecg", unit: "mV", scale: 1, offset: 0 };
const meta = { v: 1, rateHz: 250, channels: [channel], sentinels: [{ channel: "a", value: -1, meaning: "lead-off" }] };
const payloadOf = (given: object = meta) => new TextEncoder().encode(JSON.stringify(given));
const stamps = (timeUs = 5) => ({ timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "ntp" }) as const;
const batch = (sequence: number, more: Partial<Batch> = {}): Batch => ({
  bootId: "00112233445566aa",
  sequence,
  firstIndex: sequence * 2,
  deviceTimeUs: sequence * 8000,
  clockQuality: 2,
  periodNs: 4_000_000,
  channels: [{ id: "a", samples: Int16Array.of(sequence + 1, 7) }],
  metaHash: hashOfMeta(payloadOf()),
  ...more,
});

function decoder(saved?: StreamState, known: readonly string[] = []) {
  const counters = { frames: 0, resyncs: 0, sequenceGaps: 0, discarded: {} as Record<string, number> };
  const refusals = createRefusals();
  const isKnownElsewhere = (hash: string) => known.includes(hash);
  const stream = createStreamDecoder({ device: "strap", stream: "ecg", counters, refusals, isKnownElsewhere } as never, saved);
  return { ...stream, counters, refusals, raw: (sent: Batch, timeUs?: number) => stream.pushRaw(encodeBatch(sent), stamps(timeUs)) };
}

/** With its descriptor. */
function ready(given: object = meta) {
  const made = decoder();
  made.pushMeta(payloadOf(given));
  return made;
}

describe("a batch", () => {
  test("becomes a block with its own numbers, times and stamps", () => {
    const [block, ...others] = ready().raw(batch(3), 9);
    expect(others).toEqual([]);
    expect(block).toMatchObject({
      kind: "samples",
      descriptor: { device: "strap", stream: "ecg", rateHz: 250 },
      bootId: "00112233445566aa",
      firstIndex: 6,
      count: 2,
      deviceTimeUs: 24_000,
      deviceClock: 2,
      stamps: stamps(9),
      channels: [Int16Array.of(4, 7)],
    });
    expect(block).not.toHaveProperty("flags");
  });

  test.each([
    [3_920_001, 1],
    [3_919_999, 0],
    [4_079_999, 1],
    [4_080_001, 0],
  ])("at 250 Hz may have a period of %d ns: %d", (periodNs, count) => {
    const stream = ready();
    expect(stream.raw(batch(1, { periodNs }))).toHaveLength(count);
    expect(stream.counters.discarded).toEqual(count === 1 ? {} : { "driver.rate_mismatch": 1 });
  });

  test("must have just the channels of its descriptor, in any order", () => {
    const two = { ...meta, channels: [channel, { ...channel, id: "b" }] };
    const metaHash = hashOfMeta(payloadOf(two));
    const [a, b, c] = ["a", "b", "c"].map((id, i) => ({ id, samples: Int16Array.of(i, i) }));
    const stream = ready(two);
    const tryChannels = (...channels: (typeof a)[]) => stream.raw(batch(1, { metaHash, channels: channels as Batch["channels"] }));
    expect([tryChannels(a), tryChannels(a, c), tryChannels(a, b, c)]).toEqual([[], [], []]);
    expect(stream.counters.discarded).toEqual({ "driver.channel_mismatch": 3 });
    expect(tryChannels(b, a)[0]?.channels).toEqual([Int16Array.of(0, 0), Int16Array.of(1, 1)]);
  });

  test("that is the same but for the stamp of a gateway between is a repeat; one that differs in samples, index or time is another", () => {
    const stream = ready();
    expect(stream.raw(batch(1, { receivedUs: 1 }))).toHaveLength(1);
    expect(stream.raw(batch(1, { receivedUs: 2 }))).toEqual([]);
    expect([stream.counters.frames, stream.counters.discarded]).toEqual([1, { "driver.duplicate_batch": 1 }]);
    for (const more of [{ firstIndex: 900 }, { deviceTimeUs: 5 }, { channels: [{ id: "a", samples: Int16Array.of(2, 8) }] }])
      expect(stream.raw(batch(1, more))).toHaveLength(1);
    expect([stream.counters.frames, stream.counters.resyncs]).toEqual([4, 3]);
  });

  test("counts a gap where its index lies beyond the end of what came, and only there", () => {
    const stream = ready();
    const gaps = (...sequences: number[]) =>
      sequences.map((sequence) => {
        stream.raw(batch(sequence));
        return stream.counters.sequenceGaps;
      });
    expect(gaps(0, 1, 3, 2, 4, 9)).toEqual([0, 0, 1, 1, 1, 2]);
  });
});

describe("samples", () => {
  const unsigned = (samples: Uint16Array | Uint32Array) => ready().raw(batch(1, { channels: [{ id: "a", samples }] }))[0]?.channels[0];

  test("without a sign become signed 32 bit where they fit, and floats where one does not", () => {
    expect(unsigned(Uint16Array.of(0, 65_535))).toEqual(Int32Array.of(0, 65_535));
    expect(unsigned(Uint32Array.of(0, 2 ** 31 - 1))).toEqual(Int32Array.of(0, 2 ** 31 - 1));
    expect(unsigned(Uint32Array.of(0, 2 ** 31))).toEqual(Float32Array.of(0, 2 ** 31));
  });

  const two = {
    ...meta,
    channels: [channel, { ...channel, id: "b" }],
    sentinels: [
      { channel: "a", value: -1, meaning: "lead-off" },
      { channel: "b", value: -2, meaning: "no-finger" },
    ],
    quality: { motion: 1, synthetic: 0x100 },
  };
  const flagsOf = (a: number[], b: number[], quality?: number[]) => {
    const channels = [
      { id: "a", samples: Int16Array.from(a) },
      { id: "b", samples: Int16Array.from(b) },
    ];
    const sent = batch(1, {
      metaHash: hashOfMeta(payloadOf(two)),
      channels,
      ...(quality === undefined ? {} : { quality: Uint16Array.from(quality) }),
    });
    const [block] = ready(two).raw(sent);
    return { flags: block?.flags && [...block.flags], a: block?.channels[0], b: block?.channels[1] };
  };

  test("that have no value in one channel are hidden there; what it means is told by the first channel, or by all together", () => {
    expect(flagsOf([-1, 5, -1, 5], [5, -2, -2, 5])).toEqual({
      flags: [Flag.leadOff, 0, Flag.leadOff | Flag.notWorn | Flag.absent, 0],
      a: Float32Array.of(Number.NaN, 5, Number.NaN, 5),
      b: Float32Array.of(5, Number.NaN, Number.NaN, 5),
    });
    expect(flagsOf([5, -2], [-2, -1])).toEqual({ flags: undefined, a: Int16Array.of(5, -2), b: Float32Array.of(Number.NaN, -1) });
  });

  test("carry the device's quality, low and high bits, beside what is missing", () => {
    expect(flagsOf([5, -1, 5], [5, -2, 5], [0, 1, 0x101]).flags).toEqual([
      0,
      Flag.leadOff | Flag.notWorn | Flag.absent | Flag.motion,
      Flag.motion | Flag.synthetic,
    ]);
  });

  test("of a stream of one channel keep their number where they have no value, and are flagged", () => {
    const [block] = ready().raw(batch(1, { channels: [{ id: "a", samples: Int16Array.of(-1, 3) }] }));
    expect([block?.channels, block?.flags]).toEqual([[Int16Array.of(-1, 3)], Uint8Array.of(Flag.leadOff | Flag.absent, 0)]);
  });
});

describe("what is kept", () => {
  test("of descriptors the four newest, each once", () => {
    const stream = decoder();
    const metas = [1, 2, 3, 4, 5].map((n) => ({ ...meta, placement: `p${n}` }));
    const knows = () => metas.map((each) => stream.knows(hashOfMeta(payloadOf(each))));
    for (const each of metas.slice(0, 4)) stream.pushMeta(payloadOf(each));
    stream.pushMeta(payloadOf(metas[0]));
    expect(knows()).toEqual([true, true, true, true, false]);
    stream.pushMeta(payloadOf(metas[4]));
    expect(knows()).toEqual([true, false, true, true, true]);
    expect(stream.state().metas).toHaveLength(4);
  });

  test("of boots the four newest: of one before them nothing is known", () => {
    const stream = ready();
    const push = (boot: number) => stream.raw(batch(1, { bootId: `000000000000000${boot}` })).length;
    expect([1, 2, 3, 4, 1].map(push)).toEqual([1, 1, 1, 1, 0]);
    expect([5, 1, 4].map(push)).toEqual([1, 1, 0]);
    expect(stream.state().boots.map(({ bootId, nextIndex }) => [bootId.at(-1), nextIndex])).toEqual([
      ["1", 4],
      ["5", 4],
      ["4", 4],
      ["3", 4],
    ]);
  });

  test("a batch that waits is held once and asks for its descriptor, oldest first", () => {
    const stream = decoder(undefined, ["other"]);
    expect(stream.wantedHash()).toBeUndefined();
    stream.raw(batch(1), 1);
    stream.raw(batch(1), 2);
    stream.raw(batch(2, { metaHash: hashOfMeta(payloadOf({ ...meta, placement: "x" })) }), 3);
    expect(stream.wantedHash()).toBe(hashOfMeta(payloadOf()));
    expect(stream.counters.discarded).toEqual({ "driver.duplicate_batch": 1 });
    expect(stream.refusals.list().map(({ code, field, count }) => [code, field, count])).toEqual([
      ["driver.no_descriptor", "m", 2],
      ["driver.duplicate_batch", undefined, 1],
    ]);
    expect(stream.pushMeta(payloadOf()).map(({ stamps: { timeUs } }) => timeUs)).toEqual([1]);
    expect(stream.wantedHash()).toBe(hashOfMeta(payloadOf({ ...meta, placement: "x" })));
  });

  test("goes over a restart whole: descriptors, waiting batches, and what has been taken", () => {
    const before = ready();
    before.raw(batch(0));
    before.raw(batch(1));
    before.raw(batch(5, { metaHash: hashOfMeta(payloadOf({ ...meta, placement: "x" })) }), 77);
    const after = decoder(structuredClone(before.state()));
    expect(after.state()).toEqual(before.state());
    expect(after.knows(hashOfMeta(payloadOf()))).toBe(true);
    expect([after.raw(batch(1)).length, after.raw(batch(2)).length, after.counters.sequenceGaps]).toEqual([0, 1, 0]);
    expect(after.pushMeta(payloadOf({ ...meta, placement: "x" }))).toMatchObject([{ firstIndex: 10, stamps: { timeUs: 77 } }]);
  });
});

test("a descriptor with a fault is refused with its field, and a good one ends the refusal", () => {
  const stream = decoder();
  expect(stream.pushMeta(payloadOf({ ...meta, rateHz: 0 }))).toEqual([]);
  expect(stream.refusals.list()).toEqual([{ code: "driver.bad_meta", stream: "ecg", field: "rateHz", fault: "range", count: 1 }]);
  expect(stream.counters.discarded).toEqual({ "driver.bad_meta": 1 });
  stream.pushMeta(payloadOf());
  expect(stream.refusals.list()).toEqual([]);
});
