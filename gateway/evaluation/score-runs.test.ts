import { describe, expect, it } from "vitest";
import { type Annotation, annotation } from "../recordings/annotations.ts";
import { grossRuns, runsOf, scoreRuns } from "./score-runs.ts";

const rateHz = 360;
const options = { rateHz, sampleCount: 3600 * rateHz, startS: 0 };
/** One annotation every half second; blanks leave a place out, `|` is a shutdown. */
const row = (symbols: string, from = 360): Annotation[] =>
  [...symbols].flatMap((s, i) => (s === " " ? [] : [annotation(from + i * 180, s === "|" ? "~" : s, s === "|" ? { subtype: 0x30 } : {})]));
const lengths = (annotations: Annotation[]) => runsOf(annotations).map((run) => run.length);

describe("runs", () => {
  it("are rows of V or F, ended by N, S, Q, shutdown or the end", () => {
    expect(lengths(row("NVVNVFVAV/VV|VVVV"))).toEqual([2, 3, 1, 2, 4]);
  });

  it("are clipped at six", () => {
    expect(lengths(row("NVVVVVVVVVN"))).toEqual([6]);
  });

  it("of fibrillation have length six, end at its end and take in V beats that follow", () => {
    const vf = [
      ...row("N"),
      annotation(1000, "["),
      annotation(1100, "!"),
      annotation(2000, "]"),
      annotation(2200, "V"),
      annotation(2500, "N"),
    ];
    expect(runsOf(vf)).toEqual([{ from: 1000, to: 2200, length: 6 }]);
  });

  it("of a rhythm label (VF… end with the next label, and count once beside brackets", () => {
    const labelled = [
      annotation(1000, "+", { aux: "(VFL" }),
      annotation(1005, "["),
      annotation(2000, "]"),
      annotation(2010, "+", { aux: "(N" }),
      annotation(2300, "N"),
    ];
    expect(runsOf(labelled)).toEqual([{ from: 1000, to: 2000, length: 6 }]);
    expect(runsOf([annotation(1000, "+", { aux: "(VFIB" }), annotation(3000, "+", { aux: "(N" })])).toEqual([
      { from: 1000, to: 3000, length: 6 },
    ]);
    expect(runsOf([annotation(1000, "+", { aux: "(VT" })])).toEqual([]);
  });

  it("under way at the start count with their rest, as if the list began there", () => {
    expect(runsOf(row("VVVVVVVV", 0), 3 * 180).map((run) => [run.from, run.length])).toEqual([[540, 5]]);
    expect(runsOf([annotation(100, "["), annotation(900, "]")], 500)).toEqual([{ from: 500, to: 900, length: 6 }]);
    expect(runsOf([annotation(100, "["), annotation(300, "]"), annotation(900, "N")], 500)).toEqual([]);
  });
});

describe("run scoring", () => {
  const score = (ref: Annotation[], test: Annotation[]) => scoreRuns(ref, test, options);

  it("finds a couplet by two beats, a short run by three, a long one by six", () => {
    const ref = row("NVVNVVVVNVVVVVVVN");
    expect(score(ref, ref)).toMatchObject({
      se: { couplet: 100, short: 100, long: 100 },
      ppv: { couplet: 100, short: 100, long: 100 },
      falseRuns: 0,
    });
    expect(score(ref, row("NVNNVVNNNVVVVVNNN"))).toMatchObject({ se: { couplet: 0, short: 0, long: 0 } });
    expect(score(ref, row("NVVNVVVNNVVVVVVNN"))).toMatchObject({ se: { couplet: 100, short: 100, long: 100 } });
  });

  it("looks for the longest row inside the window, which reaches 150 ms over both ends", () => {
    const ref = row("NVVVN");
    const shifted = row("NVVVN", 360 + 54);
    const tooFar = row("NVVVN", 360 + 55);
    expect(score(ref, shifted).se.short).toBe(100);
    expect(score(ref, tooFar).se.short).toBe(0);
    expect(score(ref, row("NVNVN")).se.short).toBe(0);
  });

  it("counts false short and long runs per 24 h, couplets not", () => {
    const result = score(row("NNNNNNNVVNNNNNNN"), row("NVVVNNNVVVNVVNNN"));
    // Two false short runs (the second has only 2 reference beats) in one hour.
    expect(result).toMatchObject({ falseRuns: 2, falseRunsPer24h: 48, ppv: { couplet: 0, short: 0, long: null }, hours: 1 });
  });

  it("takes fibrillation of the other side as six beats", () => {
    const fibrillation = [annotation(400, "["), annotation(1500, "]")];
    expect(score(fibrillation, row("NVVVVVVVN")).se.long).toBe(100);
    expect(score(row("NVVVVVVVN"), fibrillation)).toMatchObject({ se: { long: 100 }, ppv: { long: 100 } });
  });

  it("leaves the first five minutes out", () => {
    const early = row("NVVN");
    const late = row("NVVVN", 310 * rateHz);
    const result = scoreRuns([...early, ...late], [...early, ...late], { rateHz, sampleCount: 3600 * rateHz });
    expect(result.sensitivity).toMatchObject({ couplet: { of: 0 }, short: { of: 1 } });
    expect(result.hours).toBeCloseTo(3300 / 3600, 12);
  });

  it("sums over records, null for nothing", () => {
    const a = score(row("NVVN"), row("NVVN"));
    const b = score(row("NVVN"), row("NNNN"));
    expect(grossRuns([a, b]).se.couplet).toBe(50);
    expect(grossRuns([])).toMatchObject({ se: { couplet: null }, falseRunsPer24h: null });
  });
});
