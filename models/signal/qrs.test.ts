import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../test/runs.ts";
import { createQrsDetector, type QrsDetection } from "./qrs.ts";

const excerpt = JSON.parse(readFileSync(new URL("./testdata/mitdb-205-285s.json", import.meta.url), "utf8")) as {
  rateHz: number;
  gainPerMv: number;
  baseline: number;
  beats: [number, string][];
  samples: number[];
};
const excerptMv = Float32Array.from(excerpt.samples, (adu) => (adu - excerpt.baseline) / excerpt.gainPerMv);

/** Seeded noise and Gaussian waves: R, S and T with known R peaks. */
function synthesize(o: {
  rateHz: number;
  seconds: number;
  bpm: number;
  amplitudeMv?: number;
  widthS?: number;
  noiseMv?: number;
  wanderMv?: number;
}) {
  const { rateHz, seconds, bpm, amplitudeMv = 1, widthS = 0.012, noiseMv = 0.01, wanderMv = 0 } = o;
  const gauss = gaussian(rateHz + bpm);
  const mv = Float32Array.from(
    { length: seconds * rateHz },
    (_, i) => noiseMv * gauss() + wanderMv * Math.sin((2 * Math.PI * 0.3 * i) / rateHz),
  );
  const peaks: number[] = [];
  const bump = (at: number, width: number): number => Math.exp(-0.5 * (at / width) ** 2);
  for (let t = 0.5; t < seconds - 0.4; t += 60 / bpm) {
    peaks.push(t * rateHz);
    for (let i = Math.max(0, Math.floor((t - 0.3) * rateHz)); i < Math.min(mv.length, (t + 0.5) * rateHz); i++) {
      const u = i / rateHz - t;
      const tWave = bump(u - 0.25 * Math.sqrt(Math.min(1, 60 / bpm)), 0.04);
      mv[i] = (mv[i] ?? 0) + amplitudeMv * (bump(u, widthS) - 0.2 * bump(u - 2.2 * widthS, widthS) + 0.2 * tWave);
    }
  }
  return { mv, peaks };
}

function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function detect(mv: Float32Array, rateHz: number): QrsDetection[] {
  const detector = createQrsDetector({ rateHz });
  return [...detector.push(mv), ...detector.end()];
}

function expectSamePeaks(found: readonly QrsDetection[], peaks: readonly number[], toleranceSamples: number): void {
  expect(found.length).toBe(peaks.length);
  found.forEach((d, i) => {
    expect(Math.abs(d.index - (peaks[i] ?? Number.NaN))).toBeLessThanOrEqual(toleranceSamples);
  });
}

describe("the QRS detector on a real recording", () => {
  // The first and the last beat are cut by the excerpt's edges.
  const whole = excerpt.beats.slice(1, -1);

  it("finds each beat of 205 around its ventricular run within 150 ms, and nothing else", () => {
    expectSamePeaks(
      detect(excerptMv, 360),
      whole.map(([sample]) => sample),
      54,
    );
  });

  it("places the R peak of sinus beats within 3 samples of the annotation", () => {
    const found = detect(excerptMv, 360);
    whole.forEach(([sample, symbol], i) => {
      if (symbol === "N") expect(Math.abs((found[i]?.index ?? 0) - sample)).toBeLessThanOrEqual(3);
    });
  });

  it("finds the same beats upside down, at a tenth and at five times the amplitude", () => {
    const expected = detect(excerptMv, 360).map((d) => d.index);
    for (const factor of [-1, 0.2, 5])
      expect(
        detect(
          excerptMv.map((v) => v * factor),
          360,
        ).map((d) => d.index),
      ).toEqual(expected);
  });
});

describe("the QRS detector on known signals", () => {
  it.each([
    { bpm: 30 },
    { bpm: 60, amplitudeMv: 0.1, noiseMv: 0.001 },
    { bpm: 60, amplitudeMv: 10 },
    { bpm: 75, wanderMv: 1.5 },
    { bpm: 180 },
    { bpm: 220, widthS: 0.035 },
    { bpm: 300, widthS: 0.03 },
    { bpm: 250, widthS: 0.04, amplitudeMv: -1 },
  ])("finds every beat at %j from 100 to 1000 Hz", (shape) => {
    for (const rateHz of [100, 125, 250, 360, 500, 1000]) {
      const { mv, peaks } = synthesize({ rateHz, seconds: 30, ...shape });
      expectSamePeaks(detect(mv, rateHz), peaks, Math.ceil(0.015 * rateHz));
    }
  });

  it("says nothing on a flat line or on noise", () => {
    const gauss = gaussian(5);
    expect(detect(new Float32Array(250 * 60), 250)).toEqual([]);
    for (const noiseMv of [0.005, 0.02, 0.05, 0.1])
      expect(
        detect(
          Float32Array.from({ length: 250 * 60 }, () => noiseMv * gauss()),
          250,
        ),
      ).toEqual([]);
  });

  it("invents no beat in an asystole, however long and noisy", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 20, bpm: 70 });
    const gauss = gaussian(9);
    const signal = new Float32Array(250 * 120);
    for (let i = 0; i < signal.length; i++) signal[i] = i < mv.length ? (mv[i] ?? 0) : 0.04 * gauss();
    expectSamePeaks(detect(signal, 250), peaks, 4);
  });

  it("does not take the P waves of a ventricular standstill for beats", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 30, bpm: 70, noiseMv: 0.003 });
    const pWaves = synthesize({ rateHz: 250, seconds: 50, bpm: 80, amplitudeMv: 0.1, widthS: 0.025, noiseMv: 0.003 });
    const signal = new Float32Array(mv.length + pWaves.mv.length);
    signal.set(mv);
    signal.set(pWaves.mv, mv.length);
    expectSamePeaks(detect(signal, 250), peaks, 4);
  });

  it("finds the first beat after a pause of six seconds, and none in it", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 20, bpm: 70 });
    const signal = new Float32Array(mv.length * 2 + 1500);
    signal.set(mv, 0);
    signal.set(mv, mv.length + 1500);
    expectSamePeaks(detect(signal, 250), [...peaks, ...peaks.map((p) => p + mv.length + 1500)], 4);
  });

  it("learns the amplitude anew when an electrode was moved", () => {
    const before = synthesize({ rateHz: 250, seconds: 30, bpm: 70, noiseMv: 0.002 });
    const after = synthesize({ rateHz: 250, seconds: 60, bpm: 70, amplitudeMv: 0.2, noiseMv: 0.002 });
    const signal = new Float32Array(before.mv.length + after.mv.length);
    signal.set(before.mv);
    signal.set(after.mv, before.mv.length);
    const lateBeats = after.peaks.filter((p) => p > 20 * 250).map((p) => p + before.mv.length);
    expectSamePeaks(
      detect(signal, 250).filter((d) => d.index > before.mv.length + 20 * 250),
      lateBeats,
      4,
    );
  });
});

describe("after a burst of movement", () => {
  /** Beats of 0.7 mV, then seven seconds of irregular blows of 1.5 to 4 mV. */
  const rateHz = 250;
  const before = synthesize({ rateHz, seconds: 20, bpm: 75, amplitudeMv: 0.7, noiseMv: 0.005 });
  const blowsS = [0.3, 0.6, 1.3, 1.6, 2.6, 2.9, 3.5, 4.3, 4.6, 5.6, 5.9, 6.4];
  const burst = Float32Array.from({ length: 7 * rateHz }, (_, i) =>
    blowsS.reduce((sum, at, k) => sum + ([1.5, 3, 4][k % 3] ?? 0) * Math.exp(-0.5 * ((i / rateHz - at) / 0.015) ** 2), 0),
  );
  const endsAt = before.mv.length + burst.length;

  it("the beats are told before their absence would be an asystole", () => {
    const detector = createQrsDetector({ rateHz });
    detector.push(Float32Array.from([...before.mv, ...burst]));
    const found = detector.push(before.mv.subarray(0, 4 * rateHz)).map(({ index }) => index - endsAt);
    const afterS = (index: number) => index / rateHz;
    // The last blow's own refractory time may hide the first beat.
    const known = before.peaks.filter((peak) => afterS(peak) > 1 && afterS(peak) < 2.5);
    expect(known.filter((peak) => !found.some((index) => Math.abs(index - peak) <= 4))).toEqual([]);
  });

  it("a standstill with P waves stays one", () => {
    const pWaves = synthesize({ rateHz, seconds: 11, bpm: 80, amplitudeMv: 0.15, widthS: 0.025, noiseMv: 0.003 });
    const found = detect(Float32Array.from([...before.mv, ...burst, ...pWaves.mv]), rateHz);
    expect(found.filter(({ index }) => index > endsAt)).toEqual([]);
  });
});

describe("missing samples", () => {
  it("bring no beat in the hole, none at its edges, and the beats go on after it", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 60, bpm: 72 });
    for (const [from, to] of [
      [5000, 5600],
      [5003, 9001],
      [5100, 5115],
    ] as const) {
      const holed = mv.slice().fill(Number.NaN, from, to);
      const found = detect(holed, 250);
      expect(found.filter((d) => d.index >= from && d.index < to)).toEqual([]);
      for (const d of found) expect(Math.min(...peaks.map((p) => Math.abs(p - d.index)))).toBeLessThanOrEqual(4);
      const clear = peaks.filter((p) => p < from - 50 || p > to + 50);
      for (const p of clear) expect(found.some((d) => Math.abs(d.index - p) <= 4)).toBe(true);
    }
  });

  it("of a few samples between beats change nothing", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 20, bpm: 60 });
    const holed = mv.slice();
    for (const p of peaks) holed.fill(Number.NaN, Math.round(p) + 120, Math.round(p) + 126);
    expect(detect(holed, 250).map((d) => d.index)).toEqual(detect(mv, 250).map((d) => d.index));
  });

  it("alone give nothing, infinite ones neither", () => {
    expect(detect(new Float32Array(5000).fill(Number.NaN), 250)).toEqual([]);
    expect(detect(new Float32Array(5000).fill(Number.POSITIVE_INFINITY), 250)).toEqual([]);
  });
});

describe("the QRS detector as a stream", () => {
  const signal = excerptMv.slice().fill(Number.NaN, 4000, 4200);
  const whole = createQrsDetector({ rateHz: 360 }).push(signal);

  it("gives the same beats for any cutting into chunks", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const detector = createQrsDetector({ rateHz: 360 });
        const found: QrsDetection[] = [];
        let at = 0;
        for (const size of sizes) {
          found.push(...detector.push(signal.subarray(at, at + size)));
          at += size;
        }
        found.push(...detector.push(signal.subarray(at)));
        expect(found).toEqual(whole);
      }),
      runs(25),
    );
  });

  it.each([360, 1000])("goes on exactly from a state that went through JSON, cut anywhere (%i Hz)", (rateHz) => {
    const expected = createQrsDetector({ rateHz }).push(signal);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: signal.length }), (cut) => {
        const first = createQrsDetector({ rateHz });
        const head = first.push(signal.subarray(0, cut));
        const second = createQrsDetector({ rateHz, state: JSON.parse(JSON.stringify(first.state())) });
        expect([...head, ...second.push(signal.subarray(cut))]).toEqual(expected);
      }),
      runs(25),
    );
  });

  it("keeps its state below 20 kB at every rate", () => {
    for (const rateHz of [100, 250, 360, 499, 500, 1000]) {
      const detector = createQrsDetector({ rateHz });
      detector.push(excerptMv);
      expect(JSON.stringify(structuredClone(detector.state())).length).toBeLessThan(20_000);
    }
  });

  it("tells beats in strictly ascending order and a regular one within 350 ms", () => {
    const { mv } = synthesize({ rateHz: 250, seconds: 40, bpm: 80 });
    const detector = createQrsDetector({ rateHz: 250 });
    let last = -1;
    let count = 0;
    for (let i = 0; i < mv.length; i++) {
      for (const d of detector.push(mv.subarray(i, i + 1))) {
        expect(d.index).toBeGreaterThan(last);
        last = d.index;
        if (i < 3 * 250) continue;
        count++;
        expect(i - d.index).toBeLessThanOrEqual(0.35 * 250);
      }
    }
    expect(count).toBeGreaterThan(40);
  });

  it("tells a beat whose complex is complete when the recording ends, once", () => {
    const { mv, peaks } = synthesize({ rateHz: 250, seconds: 20, bpm: 60 });
    const lastPeak = peaks.at(-1) ?? 0;
    const detector = createQrsDetector({ rateHz: 250 });
    const found = detector.push(mv.subarray(0, lastPeak + 40));
    expect(found.at(-1)?.index).toBeLessThan(lastPeak - 100);
    expect(detector.end().map((d) => d.index)).toEqual([lastPeak]);
    expect(detector.end()).toEqual([]);
  });
});

describe("the QRS detector after a disturbance", () => {
  it.each([2.5, 6])("finds the beats again within 3 s of %d s of waves much higher than they are", (disturbedS) => {
    const rateHz = 250;
    const { mv, peaks } = synthesize({ rateHz, seconds: 60, bpm: 75 });
    for (let i = 30 * rateHz; i < (30 + disturbedS) * rateHz; i++) mv[i] = (mv[i] ?? 0) + 3 * Math.sin(i / 3) * Math.sin(i / 50);
    const found = createQrsDetector({ rateHz }).push(mv);
    const missed = peaks.filter(
      (peak) => peak > (33 + disturbedS) * rateHz && !found.some(({ index }) => Math.abs(index - peak) < 0.1 * rateHz),
    );
    expect(missed).toEqual([]);
  });
});
