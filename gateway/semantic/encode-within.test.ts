import { describe, expect, test } from "vitest";
import { rmseOf, type WaveformCodec } from "./codecs/codec.ts";
import { codecs, readableCodecs } from "./codecs/index.ts";
import { learned } from "./codecs/learned.ts";
import { lossless } from "./codecs/lossless.ts";
import { beatWavelet, wavelet } from "./codecs/wavelet.ts";
import { encodeKept, encodeWithin } from "./encode-within.ts";
import { noValue } from "./strip-codec.ts";

const rateHz = 250;
const every = 210;
const heart = (i: number) =>
  Math.round(1024 + 200 * Math.exp(-((((i % every) - 90) / 6) ** 2)) + 50 * Math.exp(-((((i % every) - 160) / 18) ** 2)) + (i % 3));
const samples = Int32Array.from({ length: 60 * rateHz }, (_, i) => heart(i));
const peaks = Array.from({ length: 71 }, (_, i) => 90 + i * every).filter((peak) => peak < samples.length);
const window = { samples, rateHz, peaks, mvPerCount: 0.005 };
/** One that says it is the learned coder and gives this many bytes for anything. */
const costing = (bytes: number): WaveformCodec => ({ ...learned, encode: ({ samples }) => ({ bytes: new Uint8Array(bytes), samples }) });
const givesUp: WaveformCodec = { ...learned, encode: () => undefined };

describe("a window", () => {
  test("is coded by the best codec that keeps its bound, with its peaks and the error that it has", () => {
    const coding = encodeWithin(window, codecs);
    expect(coding).toMatchObject({ codec: learned.number, peaks });
    expect(coding.rmse).toBe(rmseOf(samples, coding.samples));
    expect(coding.code.length).toBeLessThan((beatWavelet.encode(window, coding.rmse)?.bytes.length ?? 0) * 0.8);
  });

  test("goes by the next codec where the first can't keep the bound, or costs more", () => {
    expect(encodeWithin(window, [givesUp, beatWavelet, lossless]).codec).toBe(beatWavelet.number);
    expect(encodeWithin(window, [costing(1500), beatWavelet, lossless]).codec).toBe(beatWavelet.number);
    expect(encodeWithin(window, [costing(900), beatWavelet, lossless]).codec).toBe(learned.number);
  });

  test("goes without loss where none keeps the bound, or none costs less", () => {
    const whole = { codec: lossless.number, rmse: 0, peaks: [], samples };
    expect(encodeWithin(window, [givesUp, lossless])).toMatchObject(whole);
    expect(encodeWithin(window, [costing(60_000), lossless])).toMatchObject(whole);
    expect(encodeWithin(window, [])).toMatchObject(whole);
  });

  test("with holes keeps them, and its codec sees the beats that are there", () => {
    const holed = samples.map((value, i) => (i >= 3000 && i < 4200 ? noValue : value));
    const coding = encodeWithin({ ...window, samples: holed }, codecs);
    expect(coding.codec).toBe(learned.number);
    expect([...coding.samples].map((value) => value === noValue)).toEqual([...holed].map((value) => value === noValue));
  });
});

describe("a window in which a reader would see something else", () => {
  const allOf = (pieces: ReturnType<typeof encodeKept>) => Int32Array.from(pieces.flatMap((piece) => [...piece.samples]));

  test("is coded finer round that place alone, until it is seen", () => {
    const usual = encodeWithin(window, codecs);
    const place = 8000;
    let looked = 0;
    const pieces = encodeKept(window, codecs, (decoded) => {
      looked++;
      const near = (of: Int32Array) => of.subarray(place - 100, place + 100);
      return rmseOf(near(samples), near(decoded)) > 0.5 * usual.rmse ? [place] : [];
    });
    expect(looked).toBeGreaterThan(1);
    expect(pieces.map(({ from }) => from)).toEqual([0, 6250, 7500, 8750]);
    expect(pieces.map(({ rmse }) => rmse < 0.7 * usual.rmse)).toEqual([false, true, true, false]);
    expect(allOf(pieces)).toHaveLength(samples.length);
    expect(pieces.every(({ codec }) => codec !== lossless.number)).toBe(true);
  });

  test("goes without loss there at last, and is taken as it is then", () => {
    const pieces = encodeKept(window, codecs, () => [8000]);
    expect(pieces.find(({ from, samples: own }) => from <= 8000 && 8000 < from + own.length)).toMatchObject({ codec: lossless.number });
    expect(allOf(pieces)).toHaveLength(samples.length);
  });

  test("is one piece where nothing speaks against it, and nothing of it where no sample is there", () => {
    expect(encodeKept(window, codecs, () => [])).toMatchObject([{ from: 0, ...encodeWithin(window, codecs) }]);
    expect(encodeKept({ ...window, samples: new Int32Array(500).fill(noValue) }, codecs, () => [])).toEqual([]);
  });
});

test("a codec is used once its hash is listed, whatever else is; lossless needs no word", () => {
  expect(readableCodecs([])).toEqual([lossless]);
  expect(readableCodecs(["0123456789abcdef", wavelet.hash])).toEqual([wavelet, lossless]);
  expect(readableCodecs([learned.hash, wavelet.hash])).toEqual([learned, wavelet, lossless]);
});
