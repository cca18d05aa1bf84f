import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "./annotation-codes.ts";
import { annotation, formatAnnotations, parseAnnotations } from "./annotations.ts";

/** One little-endian word: code and low 10 bits. */
const word = (code: number, low: number): number[] => [((code << 10) | low) & 0xff, ((code << 10) | low) >> 8];
const text = (s: string): number[] => [...new TextEncoder().encode(s)];
const parse = (...bytes: number[]) => parseAnnotations(Uint8Array.from(bytes), "r.atr");

describe("an annotation file", () => {
  it("is a row of time steps and codes, ended by zero", () => {
    expect(parse(...word(1, 77), ...word(5, 300), 0, 0).annotations).toEqual([annotation(77, "N"), annotation(377, "V")]);
  });

  it("takes a long step from SKIP, high word first", () => {
    // 0x0001_86A0 = 100,000
    expect(parse(...word(1, 5), ...word(59, 0), 0x01, 0x00, 0xa0, 0x86, ...word(5, 2), 0, 0).annotations[1]).toEqual(
      annotation(100007, "V"),
    );
  });

  it("takes a negative step from SKIP", () => {
    expect(parse(...word(1, 500), ...word(59, 0), 0xff, 0xff, 0xfe, 0xff, ...word(5, 0), 0, 0).annotations[1]?.sample).toBe(498);
  });

  it("attaches SUB, CHN, NUM and AUX to the annotation before them; CHN and NUM stay in force", () => {
    const { annotations } = parse(...word(14, 10), ...word(61, 0x30), ...word(62, 1), ...word(60, 0x3ff), ...word(1, 1), 0, 0);
    expect(annotations).toEqual([
      annotation(10, "~", { subtype: 0x30, channel: 1, number: -1 }),
      annotation(11, "N", { channel: 1, number: -1 }),
    ]);
  });

  it("reads padded text and cuts NUL bytes at its end", () => {
    const { annotations } = parse(
      ...word(28, 18),
      ...word(63, 3),
      ...text("(VT"),
      0,
      ...word(28, 9),
      ...word(63, 4),
      ...text("(N"),
      0,
      0,
      0,
      0,
    );
    expect(annotations.map((a) => a.aux)).toEqual(["(VT", "(N"]);
  });

  it("states its own rate in a first note, which is no annotation", () => {
    const note = "## time resolution: 1000";
    const file = parse(...word(22, 0), ...word(63, note.length), ...text(note), ...word(1, 9), 0, 0);
    expect(file).toEqual({ annotations: [annotation(9, "N")], rateHz: 1000 });
  });

  it.each([
    ["without an end mark", [...word(1, 5)]],
    ["cut inside a word", [...word(1, 5), 7]],
    ["cut inside a text", [...word(28, 5), ...word(63, 10), 65, 65]],
    ["cut inside a skip", [...word(59, 0), 0]],
    ["with text before any annotation", [...word(63, 2), 65, 65, 0, 0]],
  ])("%s is damaged, and named", (_, bytes) => {
    expect(() => parse(...bytes)).toThrow("r.atr");
    expect(() => parse(...bytes)).toThrow(expect.objectContaining({ code: "recording.annotation_damaged", kind: "world" }));
  });

  it("reads back what it wrote, for any annotations", () => {
    const symbols = [..."NLRaVFJASEj/Q~|sT*D=pB^t+u?![]en@xf()r"].filter((s) => codeOf(s) !== undefined);
    const one = fc.record({
      step: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 30_000_000 })),
      symbol: fc.constantFrom(...symbols),
      subtype: fc.integer({ min: -128, max: 127 }),
      channel: fc.integer({ min: 0, max: 255 }),
      number: fc.integer({ min: -128, max: 127 }),
      aux: fc.string({ maxLength: 20 }).filter((s) => !s.includes("\0")),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), (steps) => {
        let sample = 0;
        const annotations = steps.map(({ step, symbol, ...more }) => {
          sample += step;
          return annotation(sample, symbol, more);
        });
        expect(parseAnnotations(formatAnnotations(annotations), "f").annotations).toEqual(annotations);
      }),
    );
  });

  it("refuses to write what cannot be read back", () => {
    expect(() => formatAnnotations([annotation(1, "?!")])).toThrow(expect.objectContaining({ code: "recording.annotation_invalid" }));
    expect(() => formatAnnotations([annotation(-1, "N")])).toThrow(expect.objectContaining({ code: "recording.annotation_invalid" }));
    expect(() => formatAnnotations([annotation(1, "+", { aux: "x".repeat(256) })])).toThrow(
      expect.objectContaining({ code: "recording.annotation_invalid" }),
    );
  });
});
