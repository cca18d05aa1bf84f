import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { segmentsOf } from "../../../models/ecg-codec/grid.ts";
import { rmseOf } from "./codec.ts";
import { walkWindows } from "./latent-symbols.ts";
import { learned, readWindows } from "./learned.ts";
import { beatWavelet } from "./wavelet.ts";

const undecodable = expect.objectContaining({ code: "semantic.undecodable", kind: "world" });

/** Whole numbers of a fixed rule, so that every machine begins with the same samples. */
function hearts(rateHz: number, seconds: number, gain = 1) {
  const every = Math.round(0.83 * rateHz);
  const bump = (phase: number, at: number, wide: number, high: number) => {
    const off = Math.abs(phase - Math.round(at * rateHz));
    const reach = Math.round(wide * rateHz);
    return off >= reach ? 0 : Math.trunc((high * gain * (reach - off) * (reach - off)) / (reach * reach));
  };
  const samples = Int32Array.from({ length: seconds * rateHz }, (_, i) => {
    const beat = Math.floor(i / every);
    const phase = i % every;
    const isWide = beat % 9 === 5;
    const qrs = isWide ? bump(phase, 0.36, 0.09, -240) : bump(phase, 0.36, 0.035, 260);
    return 1024 + qrs + bump(phase, 0.2, 0.05, 30) + bump(phase, 0.62, 0.11, isWide ? 90 : 55) + ((i * 7919) % 5) - 2 + (beat % 4);
  });
  const peaks = Array.from({ length: Math.floor(samples.length / every) }, (_, beat) => Math.round(0.36 * rateHz) + beat * every);
  return { samples, peaks, rateHz, mvPerCount: 0.005 };
}

test.each([125, 250, 360, 500])("hearts at %i Hz cost a good deal less than by the wavelet coder with the same error", (rateHz) => {
  const stretch = hearts(rateHz, 60);
  const coded = learned.encode(stretch, 8);
  if (coded === undefined) throw new Error("not coded");
  expect(rmseOf(stretch.samples, coded.samples)).toBeLessThanOrEqual(8);
  expect(coded.bytes.length).toBeLessThan(0.8 * (beatWavelet.encode(stretch, 8)?.bytes.length ?? 0));
  expect(learned.decode(coded.bytes, stretch.samples.length, stretch)).toEqual(coded.samples);
});

test("the size of a heart changes nothing but the step: ten times as large costs about as much at ten times the error", () => {
  const one = learned.encode(hearts(360, 60), 6)?.bytes.length ?? 0;
  const ten = learned.encode(hearts(360, 60, 10), 60)?.bytes.length ?? 0;
  expect(Math.abs(ten / one - 1)).toBeLessThan(0.25);
});

test("every machine writes these bytes, and reads these samples of them", () => {
  const stretch = hearts(360, 20);
  const coded = learned.encode(stretch, 8);
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  expect(digest(coded?.bytes ?? new Uint8Array())).toBe("d1e8927374157aeb");
  expect(digest(new Uint8Array(coded?.samples.buffer ?? new ArrayBuffer()))).toBe("fc4b743b92a47358");
});

test("what a writer of the first version wrote is read as it was", () => {
  const { samples, ...known } = hearts(360, 20);
  const bytes = Buffer.from("Rv/OVAwHm2vcgaWPrBkVt32VTpWsTQno8tNDj9Af4tFTSCXYQf9rAAHYEb0NQYA=", "base64");
  const read = learned.decode(bytes, samples.length, known);
  expect(createHash("sha256").update(new Uint8Array(read.buffer)).digest("hex").slice(0, 16)).toBe("dc684a50987b3983");
  expect(rmseOf(samples, read)).toBeLessThanOrEqual(8);
});

/** 20 ms about R + 100 ms less those about R − 80 ms. */
function stLevel(samples: Int32Array, peak: number, rateHz: number): number {
  const mean = (atS: number) => {
    const [from, to] = [Math.round(peak + (atS - 0.01) * rateHz), Math.round(peak + (atS + 0.01) * rateHz)];
    return samples.subarray(from, to + 1).reduce((sum, value) => sum + value, 0) / (to + 1 - from);
  };
  return mean(0.1) - mean(-0.08);
}

test("the ST level of every beat is read within 60 µV, however wide the step; where counts are no voltage nobody sees to it", () => {
  const { samples: plain, ...of } = hearts(360, 60, 3);
  // Each beat's ST segment lies elsewhere.
  const samples = plain.map((value, i) => {
    const beat = of.peaks.findIndex((peak) => i >= peak + 18 && i < peak + 70);
    return beat < 0 ? value : value + (((beat * 37) % 11) - 5) * 9;
  });
  const worst = (mvPerCount: number) => {
    const read = learned.encode({ ...of, samples, mvPerCount }, 24)?.samples ?? new Int32Array(samples.length);
    const inside = of.peaks.filter((peak) => peak > 200 && peak < samples.length - 200);
    return Math.max(...inside.map((peak) => Math.abs(stLevel(read, peak, 360) - stLevel(samples, peak, 360)))) * 0.005;
  };
  expect(worst(0)).toBeGreaterThan(0.1);
  expect(worst(0.005)).toBeLessThan(0.06);
});

test("the card names the hash of the tables that are here", () => {
  expect(readFileSync(new URL("../../../models/ecg-codec/card.md", import.meta.url), "utf8")).toContain(learned.hash);
});

test("rates beyond those that are worn are another codec's, and bytes that claim one are refused before anything is made of them", () => {
  for (const rateHz of [25, 99, 2001, 100_000]) expect(learned.encode({ ...hearts(250, 2), rateHz }, 8)).toBeUndefined();
  for (const rateHz of [1e-9, 99, 1e9])
    expect(() => learned.decode(new Uint8Array(40), 6_000_000, { rateHz, peaks: [] })).toThrow(undecodable);
});

test("bytes that end early, and a window with a shape that was not seen, can't be decoded", () => {
  const stretch = hearts(250, 30);
  const coded = learned.encode(stretch, 6)?.bytes ?? new Uint8Array();
  const count = stretch.samples.length;
  expect(() => learned.decode(new Uint8Array(), count, stretch)).toThrow(undecodable);
  for (let end = 1; end < coded.length - 8; end += 5)
    expect(() => learned.decode(coded.subarray(0, end), count, stretch)).toThrow(undecodable);
  const first = readWindows(coded, segmentsOf(count, 250, stretch.peaks).length);
  expect(first.latents[0]?.shape).toBe(0);
});

test("what peaks a reader is told decides what it reads", () => {
  const stretch = hearts(250, 30);
  const coded = learned.encode(stretch, 6);
  const read = () =>
    learned.decode(coded?.bytes ?? new Uint8Array(), stretch.samples.length, { rateHz: 250, peaks: stretch.peaks.slice(1) });
  let same = true;
  try {
    same = rmseOf(read(), coded?.samples ?? new Int32Array()) === 0;
  } catch (error) {
    expect(error).toEqual(undecodable);
    same = false;
  }
  expect(same).toBe(false);
});

test("levels and latents come back from the bits that were asked for them, large ones too", () => {
  const bits: number[] = [];
  const given = {
    levels: Int32Array.of(-70_000, 5, 5, 40_000_00),
    latents: [0, 1, 6].map((shape, i) => ({
      shape,
      steps: Int32Array.from({ length: 40 }, (_, k) => (k % 5 === i ? (k - 20) * 300 * i : 0)),
    })),
  };
  walkWindows(3, given, { bit: (_context, bit) => bits[bits.push(bit) - 1] ?? 0 });
  expect(walkWindows(3, undefined, { bit: () => bits.shift() ?? 0 })).toEqual(given);
});
