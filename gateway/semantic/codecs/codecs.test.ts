import { describe, expect, test } from "vitest";
import { rmseOf } from "./codec.ts";
import { codecs } from "./index.ts";
import { learned } from "./learned.ts";
import { bitDecoder, bitEncoder, contexts } from "./range-coder.ts";
import { inverse, transform } from "./transform.ts";
import { beatWavelet, wavelet } from "./wavelet.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const at360 = { rateHz: 360, peaks: [], mvPerCount: 0.005 };
const oddities = [0, 1, 2, 15, 16, 17, 333] as const;

/** Something like a heart, with drift and noise, in counts. */
function beats(length: number, random: () => number, gain = 200): Int32Array {
  const every = 200 + Math.floor(random() * 150);
  const drift = random() * 40;
  return Int32Array.from({ length }, (_, i) => {
    const phase = i % every;
    const qrs =
      Math.exp(-(((phase - 60) / 4) ** 2)) - 0.2 * Math.exp(-(((phase - 68) / 5) ** 2)) + 0.25 * Math.exp(-(((phase - 140) / 18) ** 2));
    return Math.round(1024 + gain * qrs + drift * Math.sin(i / 500) + 4 * (random() - 0.5));
  });
}

describe("the range coder", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("gives back every bit it was given, whatever their odds (seed %i)", (seed) => {
    const random = seeded(seed);
    const bits = Array.from({ length: Math.floor(random() * 4000) }, () => {
      const odds = random() < 0.1 ? (random() < 0.5 ? 32 : 65_504) : 1 + Math.floor(random() * 65_535);
      return { odds, bit: random() * 65_536 < odds === random() > 0.02 ? 0 : 1 };
    });
    const encoder = bitEncoder();
    for (const { bit, odds } of bits) encoder.encode(bit, odds);
    const decoder = bitDecoder(encoder.bytes());
    expect(bits.map(({ odds }) => decoder.decode(odds))).toEqual(bits.map(({ bit }) => bit));
  });

  test("costs little for what it has learnt to expect", () => {
    const encoder = bitEncoder();
    const book = contexts(1);
    for (let i = 0; i < 10_000; i++) book.write(encoder, 0, i % 100 === 0 ? 1 : 0);
    expect(encoder.bytes().length).toBeLessThan(140);
  });
});

test("the transform of any length comes back", () => {
  const random = seeded(9);
  for (const length of [...oddities, 1000, 2161]) {
    const values = Float64Array.from({ length }, () => random() * 2000 - 1000);
    const copy = values.slice();
    transform(copy, 6);
    inverse(copy, 6);
    copy.forEach((value, i) => void expect(value).toBeCloseTo(values[i] ?? 0, 8));
  }
});

describe.each(codecs)("codec $name", (codec) => {
  test.each([11, 12, 13, 14])("keeps its bound, and a reader has exactly what it states (seed %i)", (seed) => {
    const random = seeded(seed);
    for (const length of [...oddities, 3600]) {
      const samples = beats(length, random);
      const rateHz = [125, 250, 360, 1000][seed % 4] ?? 360;
      const maxRmse = 1 + random() * 12;
      const coded = codec.encode({ samples, rateHz, peaks: [], mvPerCount: 0.005 }, maxRmse);
      // What lies above 50 Hz it does not keep, and says so.
      if (coded === undefined && codec === learned) continue;
      if (coded === undefined) throw new Error("not coded");
      expect(rmseOf(samples, coded.samples)).toBeLessThanOrEqual(maxRmse);
      expect(codec.decode(coded.bytes, length, { rateHz, peaks: [] })).toEqual(coded.samples);
    }
  });

  test("reads broken bytes as other samples or refuses them, and never falls", () => {
    const random = seeded(15);
    const samples = beats(2000, random);
    const coded = codec.encode({ samples, ...at360 }, 8);
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from(coded?.bytes ?? []).slice(
        0,
        random() < 0.5 ? undefined : Math.floor(random() * (coded?.bytes.length ?? 0)),
      );
      if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        expect(codec.decode(bytes, samples.length, at360).length).toBe(samples.length);
      } catch (error) {
        expect(error).toMatchObject({ code: "semantic.undecodable", kind: "world" });
      }
    }
  });

  test("has a number and a hash of its own", () => {
    expect(codecs.filter(({ number }) => number === codec.number)).toHaveLength(1);
    expect(codecs.filter(({ hash }) => hash === codec.hash)).toHaveLength(1);
    expect(codec.hash).toMatch(/^[0-9a-f]{16}$/);
  });
});

test("the wavelet coder takes values of 24 bits, and steps in them", () => {
  const samples = Int32Array.from({ length: 4000 }, (_, i) => (i < 2000 ? -8_388_608 : 8_388_607));
  const coded = wavelet.encode({ samples, ...at360 }, 0.5);
  expect(coded && rmseOf(coded.samples, samples)).toBeLessThanOrEqual(0.5);
  expect(coded && wavelet.decode(coded.bytes, samples.length, at360)).toEqual(coded?.samples);
});

test("beats that are known make a stretch cheaper, and a reader must know them too", () => {
  const random = seeded(17);
  const every = 233;
  const samples = Int32Array.from({ length: 21_600 }, (_, i) => {
    const phase = i % every;
    const wave = 200 * Math.exp(-(((phase - 60) / 4) ** 2)) + 40 * Math.exp(-(((phase - 140) / 18) ** 2));
    return Math.round(1024 + wave + 12 * (random() - 0.5));
  });
  const peaks = Array.from({ length: 92 }, (_, i) => 60 + i * every);
  const alone = wavelet.encode({ samples, ...at360 }, 5)?.bytes.length ?? 0;
  const known = beatWavelet.encode({ samples, ...at360, peaks }, 5);
  expect(known?.bytes.length).toBeLessThan(0.93 * alone);
  expect(known && beatWavelet.decode(known.bytes, samples.length, { rateHz: 360, peaks })).toEqual(known?.samples);
  // Any list of peaks will do, as long as both sides have the same.
  for (const odd of [[0], [21_599], [5, 5, 6], [0, 21_599]]) {
    const coded = beatWavelet.encode({ samples, ...at360, peaks: odd }, 5);
    expect(coded && beatWavelet.decode(coded.bytes, samples.length, { rateHz: 360, peaks: odd })).toEqual(coded?.samples);
  }
});

test("the wavelet coder needs less than a bit a sample for a heart at a twelfth of its spread", () => {
  const samples = beats(21_600, seeded(16));
  const coded = wavelet.encode({ samples, ...at360 }, 4);
  expect(((coded?.bytes.length ?? 0) * 8) / samples.length).toBeLessThan(0.5);
});
