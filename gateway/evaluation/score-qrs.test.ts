import { describe, expect, it } from "vitest";
import { type Annotation, annotation } from "../recordings/annotations.ts";
import { grossQrs, matchBeats, matchWindow, scoreQrs } from "./score-qrs.ts";

const options = { rateHz: 360, sampleCount: 200_000, startS: 0 };
const beats = (...samples: number[]): Annotation[] => samples.map((s) => annotation(s, "N"));
const counts = (ref: Annotation[], test: Annotation[], more = {}) => {
  const { tp, fn, fp } = scoreQrs(ref, test, { ...options, ...more });
  return [tp, fn, fp];
};

describe("the match window", () => {
  it("is 54 samples at 360 Hz and 38 at 250 Hz, ends included", () => {
    expect([matchWindow(360), matchWindow(250)]).toEqual([54, 38]);
    expect(counts(beats(1000), beats(1054))).toEqual([1, 0, 0]);
    expect(counts(beats(1000), beats(1055))).toEqual([0, 1, 1]);
    expect(counts(beats(1000), beats(946))).toEqual([1, 0, 0]);
    expect(counts(beats(1000), beats(945))).toEqual([0, 1, 1]);
  });
});

describe("the walk", () => {
  it("gives the reference beat to the nearer of two test beats", () => {
    expect(matchBeats(beats(1000), beats(960, 1010), options).pairs).toEqual([
      { ref: -1, test: 0 },
      { ref: 0, test: 1 },
    ]);
  });

  it("takes neither of two equally near test beats first: strict inequality leaves the early one over", () => {
    expect(matchBeats(beats(1000), beats(980, 1020), options).pairs).toEqual([
      { ref: -1, test: 0 },
      { ref: 0, test: 1 },
    ]);
  });

  it("gives the test beat to the nearer of two reference beats", () => {
    expect(matchBeats(beats(1000, 1050), beats(1040), options).pairs).toEqual([
      { ref: 0, test: -1 },
      { ref: 1, test: 0 },
    ]);
  });

  it("keeps two fast pairs apart although the beats of different pairs lie nearer (the rule of 2002)", () => {
    expect(counts(beats(1000, 1040), beats(960, 1035))).toEqual([2, 0, 0]);
    expect(counts(beats(960, 1035), beats(1000, 1040))).toEqual([2, 0, 0]);
  });

  it("counts every beat of two lists that have nothing in common", () => {
    expect(counts(beats(100, 1000), beats(500, 1500, 2000))).toEqual([0, 2, 3]);
    expect(counts([], beats(500))).toEqual([0, 0, 1]);
    expect(counts(beats(500), [])).toEqual([0, 1, 0]);
  });

  it("ignores what lies past the record's end", () => {
    expect(counts(beats(100, 5000), beats(100, 4000), { sampleCount: 2000 })).toEqual([1, 0, 0]);
  });
});

describe("the learning period", () => {
  const start = 108_000;
  const score = (ref: Annotation[], test: Annotation[]) => {
    const { tp, fn, fp } = scoreQrs(ref, test, { rateHz: 360, sampleCount: 650_000 });
    return [tp, fn, fp];
  };

  it("is five minutes unless told otherwise", () => {
    expect(score(beats(1000, start - 1), beats(5000))).toEqual([0, 0, 0]);
    expect(score(beats(start), beats(start))).toEqual([1, 0, 0]);
  });

  it("lends its last test beat to the first reference beat after it", () => {
    expect(score(beats(start + 10), beats(start - 30))).toEqual([1, 0, 0]);
    expect(score(beats(start + 10), beats(start - 30, start + 20))).toEqual([1, 0, 0]);
  });

  it("drops a first test beat that belongs to a reference beat inside it", () => {
    expect(score(beats(start - 5, start + 300), beats(start + 5, start + 300))).toEqual([1, 0, 0]);
  });

  it("counts a first test beat that is late and alone", () => {
    expect(score(beats(start + 300), beats(start + 100, start + 300))).toEqual([1, 0, 1]);
  });
});

describe("ventricular fibrillation", () => {
  const vf = [...beats(1000), annotation(1200, "["), annotation(1300, "!"), annotation(1500, "!"), annotation(1800, "]"), ...beats(2200)];

  it("is skipped: no reference beat in brackets, no extra beat inside them", () => {
    expect(counts(vf, beats(1000, 1350, 1600, 2200))).toEqual([2, 0, 0]);
  });

  it("outside its brackets an extra beat counts", () => {
    expect(counts(vf, beats(1000, 1900, 2200))).toEqual([2, 0, 1]);
  });

  it("claimed by the test misses the reference beats inside it", () => {
    expect(counts(beats(1000, 1300, 1600, 2200), vf)).toEqual([2, 2, 0]);
  });

  it("outside brackets a flutter wave is a beat", () => {
    expect(counts([annotation(700, "!")], beats(700))).toEqual([1, 0, 0]);
  });
});

describe("shutdown", () => {
  const off = annotation(1200, "~", { subtype: 0x30 });
  const on = annotation(1920, "~");

  it("of the test misses reference beats, reported apart, and its time is told", () => {
    const score = scoreQrs(beats(1000, 1300, 1600, 2200), [...beats(1000), off, on, ...beats(2200)], options);
    expect([score.tp, score.fn, score.missedInShutdown, score.testShutdownS]).toEqual([2, 2, 2, 2]);
  });

  it("of the reference does not excuse test beats", () => {
    const score = scoreQrs([...beats(1000), off, on, ...beats(2200)], beats(1000, 1500, 2200), options);
    expect([score.tp, score.fp, score.refShutdownS]).toEqual([2, 1, 2]);
  });

  it("needs both bits", () => {
    expect(scoreQrs([annotation(10, "~", { subtype: 0x10 })], [], options).refShutdownS).toBe(0);
  });
});

describe("RR error", () => {
  it("is the root mean square over pairs whose RR are both known", () => {
    // RR 360 and 360 against 363 and 357 samples: ± 3 samples = 8.33 ms.
    const score = scoreQrs(beats(1000, 1360, 1720), beats(1000, 1363, 1720), options);
    expect(score.rrPairs).toBe(2);
    expect(score.rmsRrErrorMs).toBeCloseTo(8.333, 2);
  });

  it("does not reach over fibrillation", () => {
    const ref = [...beats(1000), annotation(1100, "["), annotation(1500, "]"), ...beats(1700)];
    expect(scoreQrs(ref, beats(1000, 1700), options).rrPairs).toBe(0);
  });
});

describe("gross figures", () => {
  it("sum counts before dividing, and are null for nothing", () => {
    const a = scoreQrs(beats(100, 1000), beats(100), options);
    const b = scoreQrs(beats(100), beats(100, 2000), options);
    expect(grossQrs([a, b])).toMatchObject({ tp: 2, fn: 1, fp: 1, se: (100 * 2) / 3, ppv: (100 * 2) / 3 });
    expect(grossQrs([])).toMatchObject({ se: null, ppv: null, rmsRrErrorMs: null });
  });
});
