import { describe, expect, it } from "vitest";
import { type Annotation, annotation } from "../recordings/annotations.ts";
import { classOf } from "./score-beat-list.ts";
import { type BeatTable, scoreBeats, sumTables, tabulateBeats } from "./score-beats.ts";

const options = { rateHz: 360, sampleCount: 1_000_000, startS: 0 };
/** One beat a second with these mnemonics; a blank leaves the second out. */
const row = (symbols: string): Annotation[] => [...symbols].flatMap((s, i) => (s === " " ? [] : [annotation((i + 1) * 360, s)]));
const filled = (table: BeatTable) => Object.fromEntries(Object.entries(table).filter(([, count]) => count > 0));

describe("the class maps", () => {
  it("ours counts escape beats as N, that of bxb as S", () => {
    expect([..."NLRBejnAaJSVErF/fQ?"].map((s) => classOf(s, "aami")).join("")).toBe("NNNNNNNSSSSVVVFQQQQ");
    expect([..."ejn"].map((s) => classOf(s, "bxb")).join("")).toBe("SSS");
    expect(classOf("!", "aami")).toBeUndefined();
    expect(classOf("+", "aami")).toBeUndefined();
  });
});

describe("the table of beats", () => {
  it("has a row for the reference's class and a column for the test's", () => {
    expect(filled(tabulateBeats(row("NLVAF/"), row("NVVSFQ"), options))).toEqual({ Nn: 1, Nv: 1, Vv: 1, Ss: 1, Ff: 1, Qq: 1 });
  });

  it("puts extra beats into row O and missed ones into column o", () => {
    expect(filled(tabulateBeats(row("N V"), row("NV "), options))).toEqual({ Nn: 1, Ov: 1, Vo: 1 });
  });

  it("puts extra beats in a reference shutdown into row X and missed ones in a test shutdown into column x", () => {
    const shutdown = [annotation(500, "~", { subtype: 0x30 }), annotation(900, "~")];
    expect(filled(tabulateBeats([...row("N"), ...shutdown], row("NV"), options))).toEqual({ Nn: 1, Xv: 1 });
    expect(filled(tabulateBeats(row("NV"), [...row("N"), ...shutdown], options))).toEqual({ Nn: 1, Vx: 1 });
  });

  it("follows the class map", () => {
    expect(filled(tabulateBeats(row("ej"), row("NN"), { ...options, classMap: "bxb" }))).toEqual({ Sn: 2 });
    expect(filled(tabulateBeats(row("ej"), row("NN"), options))).toEqual({ Nn: 2 });
  });
});

describe("the figures", () => {
  const scoreOf = (ref: string, test: string) => scoreBeats(tabulateBeats(row(ref), row(test), options));

  it("neither reward nor punish F or Q called V", () => {
    expect(scoreOf("VF/", "VVV").v).toMatchObject({ tp: 1, fn: 0, fp: 0 });
    expect(scoreOf("VNA", "VVV").v).toMatchObject({ tp: 1, fn: 0, fp: 2 });
  });

  it("excuse Q called S and punish F called S", () => {
    expect(scoreOf("A/F", "SSS").s).toMatchObject({ tp: 1, fn: 0, fp: 1 });
  });

  it("count missed beats as not found, and wrong in the accuracy", () => {
    const score = scoreOf("NVVA", "NV  ");
    expect(score.v).toMatchObject({ tp: 1, fn: 1, fp: 0, se: 50, ppv: 100 });
    expect(score.v.f1).toBeCloseTo(2 / 3, 12);
    expect(score.acc).toBe(0.5);
  });

  it("give kappa over matched beats only and jk as published", () => {
    // Matched table: Nn 4, Nv 1, Vv 4, Vn 1, Ss 2 → po = 10/12; pe = (5·5 + 5·5 + 2·2)/144 = 54/144.
    const score = scoreOf("NNNNNVVVVVAA", "NNNNVVVVVNSS");
    const kappa = (10 / 12 - 54 / 144) / (1 - 54 / 144);
    expect(score.kappa).toBeCloseTo(kappa, 12);
    expect(score.jk).toBeCloseTo(kappa / 2 + (1 + 0.8 + 1 + 0.8) / 8, 12);
  });

  it("are null where there is nothing to divide by", () => {
    const score = scoreOf("NN", "NN");
    expect(score.v).toMatchObject({ se: null, ppv: null, f1: null });
    expect([score.acc, score.kappa, score.jk]).toEqual([1, null, null]);
    expect(scoreOf("", "")).toMatchObject({ acc: null, kappa: null, jk: null });
  });

  it("of several records come from the sum of their tables", () => {
    const tables = [tabulateBeats(row("V"), row("V"), options), tabulateBeats(row("VN"), row("NV"), options)];
    expect(scoreBeats(sumTables(tables)).v).toMatchObject({ tp: 1, fn: 1, fp: 1 });
  });
});
