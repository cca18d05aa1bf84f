import { describe, expect, test } from "vitest";
import { type Channel, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createQrsDetector } from "../../models/signal/qrs.ts";
import { rmseOf, type WaveformCodec } from "./codecs/codec.ts";
import { codecs } from "./codecs/index.ts";
import { learned } from "./codecs/learned.ts";
import { lossless } from "./codecs/lossless.ts";
import { movement } from "./codecs/movement.ts";
import { wavelet } from "./codecs/wavelet.ts";
import { createFramePacker } from "./frame-packer.ts";
import { modeNeeded, type StreamMode } from "./mode.ts";
import { decodePayload, encodePayload } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { StripPayload } from "./payloads/strip.ts";
import type { WaveformPayload } from "./payloads/waveform.ts";
import { partsOf } from "./payloads/window.ts";
import { noValue } from "./strip-codec.ts";
import type { PlacedSamples } from "./waveform-packer.ts";

const channel: Channel = { id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 0.005, offset: -5.12 };
const descriptor: StreamDescriptor = { device: "strap", stream: "ecg", rateHz: 250, channels: [channel], sentinels: [], contact: "none" };
const second = 1_000_000;
const baseUs = 1_700_000_040_000_000;

const heart = (i: number) => Math.round(1024 + 200 * Math.exp(-((((i % 210) - 60) / 4) ** 2)) + 20 * Math.sin(i / 300));

/** A block of one second that begins `atS` after the base. */
function block(atS: number, value: (i: number) => number = heart, flags?: Uint8Array): PlacedSamples {
  const first = atS * 250;
  const samples = Float32Array.from({ length: 250 }, (_, i) => value(first + i));
  return {
    kind: "samples",
    bootId: "b",
    count: 250,
    startUs: baseUs + atS * second,
    channels: [samples],
    ...(flags === undefined ? {} : { flags }),
  };
}

function packer(mode: StreamMode | ((timeUs: number) => StreamMode), state?: unknown, codec = wavelet, isCompactRead = false) {
  const modeOf = (_person: string, _of: object, timeUs: number) => (typeof mode === "string" ? mode : mode(timeUs));
  return createFramePacker({
    ...{ person: "person-a", windowS: 60, modeOf, codecs: () => [codec], boundOf: () => ({ millivolts: 1 }), state },
    isCompactRead: () => isCompactRead,
  });
}

const partsIn = (items: readonly { payload: Uint8Array }[]) => items.flatMap(({ payload }) => partsOf(decodePayload(payload)));
const read = (items: readonly { payload: Uint8Array }[]) => partsIn(items).filter(({ kind }) => kind !== "events") as WaveformPayload[];

describe("a stream whose beats are known", () => {
  /** Keeps nothing of the beat at this place. */
  const forgets = (place: number): WaveformCodec => {
    const without = (samples: Int32Array) =>
      samples.length < place ? samples : samples.map((value, i) => (Math.abs(i - place) < 30 ? 1024 : value));
    const encode: WaveformCodec["encode"] = (stretch, maxRmse) =>
      wavelet.encode({ ...stretch, samples: without(stretch.samples) }, maxRmse);
    return { ...wavelet, encode };
  };
  const peaks = Array.from({ length: 142 }, (_, beat) => baseUs + Math.round(((60 + beat * 210) * second) / 250));

  test("keeps each of them at the reader, whatever a codec leaves out: that part of the window goes finer", () => {
    const pack = packer("semantic", undefined, forgets(60 + 30 * 210));
    const windows: WaveformPayload[] = [];
    for (let s = 0; s < 62; s++) {
      for (const peak of peaks.filter((timeUs) => Math.floor((timeUs - baseUs) / second) === s)) pack.peak(descriptor, peak);
      windows.push(...read([...pack.push(descriptor, channel, block(s)), ...pack.tick(baseUs + (s + 1) * second)]));
    }
    const pieces = windows.filter(({ startUs }) => startUs < baseUs + 60 * second);
    expect(pieces.length).toBeGreaterThan(1);
    const decoded = Int32Array.from(pieces.flatMap(({ samples }) => [...samples]));
    expect(decoded).toHaveLength(15_000);
    const found = createQrsDetector({ rateHz: 250 }).push(Float32Array.from(decoded, (value) => (value - 1024) * 0.005));
    expect(found.some(({ index }) => Math.abs(index - (60 + 30 * 210)) < 5)).toBe(true);
  });
});

describe("a stream in mode semantic", () => {
  test("goes in windows that end on the grid, each with the error that it has", () => {
    const pack = packer("semantic");
    const items = Array.from({ length: 130 }, (_, s) => pack.push(descriptor, channel, block(s))).flat();
    const windows = read([...items, ...pack.flush()]);
    expect(windows.map(({ startUs, samples }) => [(startUs - baseUs) / second, samples.length / 250])).toEqual([
      [0, 60],
      [60, 60],
      [120, 10],
    ]);
    for (const { samples, startUs, rmse, ...rest } of windows) {
      const first = ((startUs - baseUs) / second) * 250;
      const measured = Int32Array.from(samples, (_, i) => heart(first + i));
      expect(rmseOf(measured, samples)).toBeLessThanOrEqual(rmse);
      expect(rmse).toBeLessThan(6);
      expect(rest).toMatchObject({
        person: "person-a",
        device: "strap",
        stream: "ecg",
        channel: "ecg",
        lead: "II",
        unit: "mV",
        scale: 0.005,
      });
      expect(modeNeeded({ ...rest })).toBe("semantic");
    }
  });

  test("leaves a second after the last sample of its window, whatever comes meanwhile", () => {
    const pack = packer("semantic");
    const sent = Array.from({ length: 100 }, (_, s) => {
      const items = [...pack.push(descriptor, channel, block(s)), ...pack.tick(baseUs + (s + 1) * second)];
      return items.map(({ timeUs }) => [s + 1, (timeUs - baseUs) / second]);
    });
    expect(sent.flat()).toEqual([[61, 60]]);
  });

  test("tells nothing where nothing was measured", () => {
    const pack = packer("semantic");
    const off = new Uint8Array(250).fill(Flag.leadOff, 100, 150);
    const absent = new Uint8Array(250).fill(Flag.absent, 0, 10);
    const [window] = read([
      ...pack.push(descriptor, channel, block(0, undefined, off)),
      ...pack.push(
        descriptor,
        channel,
        block(1, (i) => (i === 260 ? Number.NaN : heart(i)), absent),
      ),
      ...pack.push(descriptor, channel, { kind: "gap", bootId: "b", count: 250, startUs: baseUs + 2 * second }),
      ...pack.push(descriptor, channel, block(3)),
      ...pack.flush(),
    ]);
    const missing = [...(window?.samples ?? [])].flatMap((value, i) => (value === noValue ? [i] : []));
    const span = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    expect(missing).toEqual([...span(100, 150), ...span(250, 261), ...span(500, 750)]);
    expect(window?.samples.length).toBe(1000);
  });

  test("begins a window anew after a long hole, a new boot, another gain and a clock that was put right", () => {
    const pack = packer("semantic");
    const other = { ...channel, scale: 0.0025 };
    const items = [
      ...pack.push(descriptor, channel, block(0)),
      ...pack.push(descriptor, channel, { kind: "gap", bootId: "b", count: 750, startUs: baseUs + second }),
      ...pack.push(descriptor, channel, block(4)),
      ...pack.push(descriptor, channel, { ...block(5), bootId: "c" }),
      ...pack.push({ ...descriptor, channels: [other] }, other, { ...block(6), bootId: "c" }),
      ...pack.push({ ...descriptor, channels: [other] }, other, { ...block(7), bootId: "c", startUs: baseUs + 7.1 * second }),
      ...pack.flush(),
    ];
    expect(read(items).map(({ startUs, samples, scale }) => [(startUs - baseUs) / second, samples.length, scale])).toEqual([
      [0, 250, 0.005],
      [4, 250, 0.005],
      [5, 250, 0.005],
      [6, 250, 0.0025],
      [7.1, 250, 0.0025],
    ]);
  });

  test("keeps fractions of a count, and drift of a device's clock within a window", () => {
    const pack = packer("semantic");
    const items = Array.from({ length: 10 }, (_, s) =>
      pack.push(descriptor, channel, { ...block(s, (i) => heart(i) / 1024), startUs: baseUs + s * second + s * 50 }),
    );
    const [window, ...more] = read([...items.flat(), ...pack.flush()]);
    expect(more).toEqual([]);
    const physical = (window?.samples[60] ?? 0) * (window?.scale ?? 0) - 5.12;
    expect(Math.abs(physical - ((heart(60) / 1024) * 0.005 - 5.12))).toBeLessThan(0.0005);
  });

  test("goes without loss where a codec can't keep the bound", () => {
    const pack = packer("semantic", undefined, { ...wavelet, encode: () => undefined });
    const [window] = read([...pack.push(descriptor, channel, block(0)), ...pack.flush()]);
    expect(window).toMatchObject({ codec: lossless.number, rmse: 0, samples: Int32Array.from({ length: 250 }, (_, i) => heart(i)) });
  });

  test("goes without loss where that costs no more, as of a line without signal", () => {
    const pack = packer("semantic");
    const noise = (i: number) => ((i * 7919) % 257) * 131 - 16_000;
    const [window] = read([
      ...pack.push(
        descriptor,
        channel,
        block(0, (i) => (i % 2 === 0 ? 0 : noise(i))),
      ),
      ...pack.flush(),
    ]);
    expect(window?.samples.length).toBe(250);
    const flat = read([
      ...pack.push(
        descriptor,
        channel,
        block(1, () => 7),
      ),
      ...pack.flush(),
    ]);
    expect(flat[0]?.samples.every((value) => value === 7)).toBe(true);
  });
});

test("a stream in mode raw goes as strips without an alert, and in mode event not at all", () => {
  const pack = packer("raw");
  const [strip] = [...pack.push(descriptor, channel, block(0)), ...pack.flush()].map(
    ({ payload }) => decodePayload(payload) as StripPayload,
  );
  expect(strip).toMatchObject({ kind: "strip", alertIds: [], samples: Int32Array.from({ length: 250 }, (_, i) => heart(i)) });
  expect(strip && modeNeeded(strip)).toBe("raw");
  const silent = packer("event");
  expect([...silent.push(descriptor, channel, block(0)), ...silent.tick(baseUs + 100 * second), ...silent.flush()]).toEqual([]);
});

test("a window ends where its stream's mode changes", () => {
  const pack = packer((timeUs) => (timeUs < baseUs + 3 * second ? "semantic" : timeUs < baseUs + 5 * second ? "event" : "raw"));
  const items = Array.from({ length: 8 }, (_, s) => pack.push(descriptor, channel, block(s))).flat();
  const found = [...items, ...pack.flush()].map(({ payload }) => decodePayload(payload) as WaveformPayload | StripPayload);
  expect(found.map(({ kind, startUs, samples }) => [kind, (startUs - baseUs) / second, samples.length])).toEqual([
    ["waveform", 0, 750],
    ["strip", 5, 750],
  ]);
});

test("a stream that falls silent gives what it has, and a restart goes on where it was", () => {
  const whole = packer("semantic");
  const first = packer("semantic");
  for (let s = 0; s < 10; s++) for (const pack of [whole, first]) pack.push(descriptor, channel, block(s));
  const second2 = packer("semantic", structuredClone(first.state()));
  for (let s = 10; s < 15; s++) for (const pack of [whole, second2]) pack.push(descriptor, channel, block(s));
  expect(whole.tick(baseUs + 16 * second)).toEqual([]);
  const [item] = whole.tick(baseUs + 25 * second);
  expect(second2.tick(baseUs + 25 * second)).toEqual([item]);
  expect(read(item === undefined ? [] : [item])[0]?.samples.length).toBe(15 * 250);
});

test("of peaks that come without end the newest are remembered", () => {
  const seen: number[] = [];
  const codec = {
    ...wavelet,
    usesPeaks: true,
    encode(stretch: Parameters<typeof wavelet.encode>[0], maxRmse: number) {
      seen.push(...stretch.peaks);
      return wavelet.encode(stretch, maxRmse);
    },
  };
  const pack = packer("semantic", undefined, codec);
  for (let s = 0; s < 5; s++) pack.push(descriptor, channel, block(s));
  for (let i = 0; i < 1250; i++) pack.peak({ device: "strap", stream: "ecg" }, baseUs + i * 4000);
  pack.peak({ device: "another", stream: "ecg" }, baseUs);
  pack.flush();
  expect(seen.slice(0, 600)).toEqual(Array.from({ length: 600 }, (_, i) => 650 + i));
  expect(Math.min(...seen)).toBe(650);
});

test("what somebody will look at closely goes finer, the newest 32 stretches of a stream", () => {
  const errorAt = (atS: number, stretches: number) => {
    const pack = packer("semantic");
    for (let s = 0; s < 60; s++) pack.push(descriptor, channel, block(s));
    for (let i = 0; i < stretches; i++)
      pack.close(descriptor, { fromUs: baseUs + (i === 0 ? 22 : 41) * second, toUs: baseUs + (i === 0 ? 23 : 44) * second });
    const at = baseUs + atS * second;
    const own = read(pack.flush()).find(({ startUs, samples }) => startUs <= at && at < startUs + (samples.length / 250) * second);
    return own?.rmse ?? Number.NaN;
  };
  expect(errorAt(22, 1)).toBeLessThan(0.3 * errorAt(30, 1));
  expect(errorAt(22, 32)).toBeLessThan(0.3 * errorAt(30, 32));
  expect(errorAt(22, 33)).toBe(errorAt(30, 33));
});

test("a window never grows beyond its bound, whatever the rate says", () => {
  const fast = { ...descriptor, rateHz: 100_000 };
  const pack = packer("raw");
  const zeros = { ...block(0), count: 250_000, channels: [new Float32Array(250_000)] };
  expect(read([...pack.push(fast, channel, zeros), ...pack.flush()]).map(({ samples }) => samples.length)).toEqual([
    120_000, 120_000, 10_000,
  ]);
});

describe.each([wavelet, learned])("bytes of a waveform by $name that are not as they were", (codec) => {
  const pack = packer("semantic", undefined, codec);
  const [item] = [...pack.push(descriptor, channel, block(0)), ...pack.push(descriptor, channel, block(1)), ...pack.flush()];
  const bytes = item?.payload ?? new Uint8Array();

  test("are refused with a code, cut off anywhere", () => {
    for (let end = 0; end < bytes.length; end++) expect(() => decodePayload(bytes.subarray(0, end))).toThrow(/CBOR|decoded/);
  });

  test("are refused with a code or say something else that is whole, changed anywhere", () => {
    const known = decodePayload(bytes) as WaveformPayload;
    let other = 0;
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [1, 16, 128]) {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        try {
          const payload = decodePayload(broken) as WaveformPayload;
          if (payload.samples !== undefined && rmseOf(payload.samples, known.samples) > 0) other++;
        } catch (error) {
          expect(error).toMatchObject({ kind: "world" });
        }
      }
    // The checksum of the samples stands against them.
    expect(other).toBe(0);
  });

  test("that say they hold more than anybody measures in ten minutes can't be decoded", () => {
    const payload = decodePayload(bytes) as WaveformPayload;
    const samples = new Int32Array(6_000_001);
    expect(() => decodePayload(encodePayload({ ...payload, samples }))).toThrow("a waveform of no size that there is");
  });

  test("of a codec of a later version can't be decoded", () => {
    const payload = decodePayload(bytes) as WaveformPayload;
    expect(() => decodePayload(encodePayload({ ...payload, codec: 15 }))).toThrow("a codec that this version does not have");
  });
});

test("events without waveform go in the short layout where the twin reads it, and say the same", () => {
  const events: EventsPayload = {
    ...{ kind: "events", person: "person-a", fromUs: baseUs, toUs: baseUs + 60 * second, rhythms: [], vitals: [], gaps: [] },
    beats: Array.from({ length: 70 }, (_, i) => ({
      ...{ kind: "beat", device: "strap", stream: "ecg", label: "N", confidence: 1 },
      timeUs: baseUs + i * 844_000 + ((i * 7919) % 13) * 4000,
    })),
    watched: [{ kind: "watched", rule: "rhythm.vt", fromUs: baseUs, toUs: baseUs + 60 * second }],
  };
  const [long] = packer("event").events(events);
  const [short] = packer("event", undefined, wavelet, true).events(events);
  expect(decodePayload(long?.payload ?? new Uint8Array())).toEqual(events);
  expect(partsOf(decodePayload(short?.payload ?? new Uint8Array()))).toEqual([events]);
  expect(short?.payload.length).toBeLessThan(long?.payload.length ?? 0);
});

describe("a stream of several channels", () => {
  const ppg: Channel = { id: "ir", kind: "ppg", unit: "1", scale: 1, offset: 0 };
  const acc: Channel = { id: "acc-x", kind: "acc", unit: "[g]", scale: 0.001, offset: 0 };
  const both: StreamDescriptor = { ...descriptor, device: "watch", stream: "wrist", channels: [ppg, acc] };
  const of = (state?: unknown) =>
    createFramePacker({
      ...{ person: "person-a", windowS: 60, modeOf: () => "semantic" as const, codecs: () => [...codecs], state },
      boundOf: ({ kind }) => (kind === "acc" ? { largest: 0.05 } : { share: 0.095 }),
      isCompactRead: () => true,
    });
  const pulse = (i: number) => Math.round(5000 + 900 * Math.sin((2 * Math.PI * i) / 210) + 300 * Math.sin((4 * Math.PI * i) / 210));
  const swing = (i: number) => Math.round(1000 + 300 * Math.sin((2 * Math.PI * i) / 240));
  const seconds = (pack: ReturnType<typeof of>, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i).flatMap((s) => {
      const rows = [pulse, swing].map((value) => Float32Array.from({ length: 250 }, (_, i) => value(s * 250 + i)));
      const placed = { kind: "samples" as const, bootId: "b", count: 250, startUs: baseUs + s * second, channels: rows };
      return [...[ppg, acc].flatMap((each) => pack.push(both, each, placed)), ...pack.tick(baseUs + (s + 1) * second)];
    });

  test("goes channel by channel, each with its own codec and within its own bound, over a restart too", () => {
    const first = of();
    const begun = seconds(first, 0, 30);
    const second_ = of(structuredClone(first.state()));
    const frames = [...begun, ...seconds(second_, 30, 62)];
    expect(frames).toHaveLength(1);
    const windows = read(frames);
    expect(windows.map(({ channel: id, codec, samples, peaks }) => [id, codec, samples.length, peaks])).toEqual([
      ["ir", wavelet.number, 15_000, []],
      ["acc-x", movement.number, 15_000, []],
    ]);
    const [light, axis] = windows;
    const measured = Int32Array.from({ length: 15_000 }, (_, i) => pulse(i));
    expect(rmseOf(measured, light?.samples ?? new Int32Array())).toBeLessThanOrEqual(0.095 * 700);
    axis?.samples.forEach((value, i) => {
      expect(Math.abs(value - swing(i))).toBeLessThanOrEqual(50);
    });
    expect((light?.code.length ?? 0) * 15).toBeLessThan(15_000 * 1.5);
    expect((axis?.code.length ?? 0) * 10).toBeLessThan(15_000 * 2);
  });
});
