import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { type BitReader, type BitWriter, bitReader, bitWriter, golombBits, unzigzag, zigzag } from "./bits.ts";
import { readColumn, readSigned, readSpread, readTimes, writeColumn, writeCount, writeSigned, writeSpread, writeTimes } from "./columns.ts";
import { decodeEvents, type EventsPayload, encodeEvents, needsSources } from "./payloads/events.ts";
import { readText, writeText } from "./words.ts";

const undecodable = expect.objectContaining({ code: "semantic.undecodable", kind: "world" });
const written = (write: (bits: BitWriter) => void): Uint8Array => {
  const bits = bitWriter();
  write(bits);
  return bits.bytes();
};
const hexOf = (write: (bits: BitWriter) => void) => Buffer.from(written(write)).toString("hex");
const reader = (write: (bits: BitWriter) => void): BitReader => bitReader(written(write));

describe("bits", () => {
  test("stand most significant first and are padded with zeros", () => {
    expect(hexOf((bits) => [bits.write(5, 3), bits.write(0x1ff, 9), bits.write(1, 1)])).toBe("bff8");
    expect(hexOf((bits) => bits.write(2 ** 53 - 1, 54))).toBe("7ffffffffffffc");
    expect(hexOf((bits) => bits.write(0x12345, 17))).toBe("91a280");
    expect(hexOf(() => undefined)).toBe("");
  });

  test("of a number beyond its width only the lowest count", () => {
    expect(hexOf((bits) => bits.write(0x1ff, 8))).toBe("ff");
    expect(hexOf((bits) => bits.write(2 ** 40 + 3, 24))).toBe("000003");
  });

  test("a Golomb code of order k has k + 1 bits below 2^k and two more for each doubling", () => {
    for (const [value, k, bits] of [
      [0, 0, 1],
      [1, 0, 3],
      [3, 0, 5],
      [3, 2, 3],
      [4, 2, 5],
      [11, 2, 5],
      [12, 2, 7],
      [2 ** 31, 0, 63],
      [2 ** 32, 3, 62],
    ] as const) {
      expect([value, k, golombBits(value, k)]).toEqual([value, k, bits]);
      const bytes = written((out) => out.golomb(value, k));
      expect(bytes).toHaveLength(Math.ceil(bits / 8));
    }
    expect(hexOf((out) => [out.golomb(0, 0), out.golomb(1, 0), out.golomb(4, 2)])).toBe("a400");
  });

  test("beyond the end there is nothing to read, and no code is longer than any number", () => {
    expect(() => bitReader(Uint8Array.of(1)).read(9)).toThrow(undecodable);
    const read = bitReader(Uint8Array.of(1, 2));
    expect([read.read(8), read.read(8)]).toEqual([1, 2]);
    expect(() => read.read(1)).toThrow(undecodable);
    expect(() => bitReader(new Uint8Array(20)).golomb(0)).toThrow(undecodable);
    // 53 zeros, then a head beyond 2⁵³.
    expect(() => reader((out) => [out.write(0, 53), out.write(1, 1), out.write(4, 53)]).golomb(0)).toThrow(undecodable);
    expect(reader((out) => out.golomb(Number.MAX_SAFE_INTEGER - 1, 0)).golomb(0)).toBe(Number.MAX_SAFE_INTEGER - 1);
  });

  test("signs are folded as 0 1 −1 2 −2", () => {
    expect([0, 1, -1, 2, -2, 2 ** 51].map(zigzag)).toEqual([0, 1, 2, 3, 4, 2 ** 52 - 1]);
    expect([0, 1, 2, 3, 4, 2 ** 52 - 1].map(unzigzag)).toEqual([0, 1, -1, 2, -2, 2 ** 51]);
  });
});

describe("columns", () => {
  const small = fc.array(fc.nat({ max: 2 ** 32 }), { maxLength: 20 });

  test("come back, of either sign, spread or as times, and cost nothing where there is nothing", () => {
    fc.assert(
      fc.property(small, fc.constantFrom(1, 1000, 250_000), (values, unit) => {
        const signed = values.map((value, i) => (i % 2 === 0 ? value : -value));
        const times = signed.map((value) => value * unit);
        const read = reader((bits) => [
          writeColumn(bits, values),
          writeSigned(bits, signed),
          writeSpread(bits, times),
          writeTimes(bits, times, 7),
        ]);
        const count = values.length;
        expect([readColumn(read, count), readSigned(read, count), readSpread(read, count), readTimes(read, count, 7)]).toEqual([
          values,
          signed.map((value) => value + 0),
          times.map((value) => value + 0),
          times.map((value) => value + 0),
        ]);
      }),
      runs(60),
    );
    expect(hexOf((bits) => [writeColumn(bits, []), writeSpread(bits, []), writeTimes(bits, [], 5)])).toBe("");
  });

  test("are written as they have always been, each with what costs least", () => {
    expect(hexOf((bits) => writeColumn(bits, [7, 7, 7]))).toBe("f880");
    expect(hexOf((bits) => writeColumn(bits, [0, 1]))).toBe("0500");
    expect(hexOf((bits) => writeColumn(bits, [500, 501, 502, 503]))).toBe("4fe9fafedfb8");
    expect(hexOf((bits) => writeSigned(bits, [-1, 1, 0]))).toBe("0350");
    expect(hexOf((bits) => writeSpread(bits, [3_000_000, 3_250_000]))).toBe("b82828");
    expect(hexOf((bits) => writeSpread(bits, [-4000]))).toBe("d847e0");
    expect(hexOf((bits) => writeTimes(bits, [1_000_005, 1_001_005, 1_002_005], 5))).toBe("f80ffb01fc");
  });
});

describe("texts", () => {
  test("of the list take nine bits, others their UTF-8; each word keeps its place", () => {
    expect(hexOf((bits) => writeText(bits, "rhythm.asystole"))).toBe("8000");
    expect(hexOf((bits) => writeText(bits, "data.missing"))).toBe("8a00");
    expect(hexOf((bits) => writeText(bits, "~clean"))).toBe("9000");
    expect(hexOf((bits) => writeText(bits, "%"))).toBe("9500");
    expect(hexOf((bits) => writeText(bits, "ü"))).toBe("4b0ef0");
    for (const text of ["", "ü", "own.rule", "x".repeat(4096)]) expect(readText(reader((bits) => writeText(bits, text)))).toBe(text);
  });

  test("a word of a newer version, and a text longer than any, are undecodable", () => {
    expect(readText(reader((bits) => bits.write(0x100 + 48, 9)))).toBe("anomaly.unusual");
    expect(() => readText(reader((bits) => bits.write(0x100 + 49, 9)))).toThrow(undecodable);
    expect(() => readText(reader((bits) => writeText(bits, "x".repeat(4097))))).toThrow(undecodable);
  });
});

const baseUs = 1_700_000_040_000_000;
const empty: EventsPayload = {
  kind: "events",
  person: "p",
  fromUs: baseUs,
  toUs: baseUs + 5,
  beats: [],
  rhythms: [],
  vitals: [],
  gaps: [],
  watched: [],
};
const vital = (more: object = {}) => ({ kind: "vital" as const, code: "hr" as const, timeUs: baseUs, value: 1, unit: "bpm", ...more });

describe("events", () => {
  /** A frame's head with one source, then what a test writes by hand. */
  const decoded = (write: (bits: BitWriter) => void, isSourced = false) =>
    decodeEvents(
      written((bits) => {
        writeText(bits, "p");
        writeSpread(bits, [baseUs]);
        writeSpread(bits, [5]);
        writeCount(bits, 1);
        writeText(bits, "strap-a");
        writeText(bits, "ecg");
        write(bits);
      }),
      { isSourced },
    );
  const none = (bits: BitWriter, ...counts: number[]) => {
    for (const count of counts) writeCount(bits, count);
  };

  test("a frame with nothing in it comes back", () => {
    expect(decoded((bits) => none(bits, 0, 0, 0, 0, 0))).toEqual(empty);
  });

  test("only numbers that a device measured itself, or of another kind than heart rate, need the layout with sources", () => {
    expect(needsSources({ vitals: [] })).toBe(false);
    expect(needsSources({ vitals: [vital()] })).toBe(false);
    expect(needsSources({ vitals: [vital(), vital({ code: "temp" })] })).toBe(true);
    expect(needsSources({ vitals: [vital({ device: "strap-a", stream: "hr" })] })).toBe(true);
  });

  test("events of a source that is not in the table are undecodable", () => {
    const rhythmOf = (source: number) => (bits: BitWriter) => {
      none(bits, 0, 1);
      writeColumn(bits, [source]);
      writeTimes(bits, [baseUs + 1], baseUs);
      writeCount(bits, 1);
      writeText(bits, "(N");
      none(bits, 0, 0, 0);
    };
    expect(decoded(rhythmOf(0)).rhythms).toEqual([{ kind: "rhythm", device: "strap-a", stream: "ecg", timeUs: baseUs + 1, label: "(N" }]);
    expect(() => decoded(rhythmOf(1))).toThrow(undecodable);
    const gapOf = (source: number) => (bits: BitWriter) => {
      none(bits, 0, 0, 0, 1);
      writeSpread(bits, [2]);
      writeSpread(bits, [3]);
      writeColumn(bits, [source]);
      none(bits, 0);
    };
    expect(decoded(gapOf(0)).gaps).toEqual([{ kind: "gap", device: "strap-a", stream: "ecg", fromUs: baseUs + 2, toUs: baseUs + 5 }]);
    expect(() => decoded(gapOf(1))).toThrow(undecodable);
  });

  test("beats of an unknown class or source are undecodable", () => {
    const beatOf = (source: number, label: number) => (bits: BitWriter) => {
      none(bits, 1);
      writeColumn(bits, [source]);
      writeSpread(bits, [7]);
      writeColumn(bits, [label]);
      writeColumn(bits, [1]);
      bits.write(1, 1);
      writeColumn(bits, [0]);
      writeSpread(bits, [800]);
      none(bits, 0, 0, 0, 0);
    };
    expect(decoded(beatOf(0, 4)).beats).toEqual([
      { kind: "beat", device: "strap-a", stream: "ecg", timeUs: baseUs + 7, label: "Q", confidence: 30 / 31, rrMs: 800 },
    ]);
    expect(() => decoded(beatOf(0, 5))).toThrow(undecodable);
    expect(() => decoded(beatOf(1, 0))).toThrow(undecodable);
  });

  const vitalOf = (code: string, kind: number, place?: number) => (bits: BitWriter) => {
    none(bits, 0, 0, 1);
    writeTimes(bits, [baseUs + 1], baseUs);
    for (const text of [code, "bpm"]) {
      writeCount(bits, 1);
      writeText(bits, text);
    }
    bits.write(kind, 3);
    if (kind === 7) bits.write(0, 64 - 10);
    if (kind === 7) bits.write(0, 10);
    else writeSpread(bits, [1234]);
    if (place !== undefined) writeColumn(bits, [place]);
    none(bits, 0, 0);
  };

  test("numbers are whole, of up to three decimals, or 64 bits; any other kind is undecodable", () => {
    const values = [0, 1, 2, 3, 7].map((kind) => decoded(vitalOf("hr", kind)).vitals[0]?.value);
    expect(values).toEqual([1234, 123.4, 12.34, 1.234, 0]);
    for (const kind of [4, 5, 6]) expect(() => decoded(vitalOf("hr", kind))).toThrow(undecodable);
  });

  test("the first layout knows heart rate alone; the second every number of the contract, and 0 for the house", () => {
    expect(() => decoded(vitalOf("spo2", 0))).toThrow(undecodable);
    expect(() => decoded(vitalOf("own", 0, 0), true)).toThrow(undecodable);
    const read = (place: number) => decoded(vitalOf("spo2", 0, place), true).vitals;
    const spo2 = { kind: "vital", code: "spo2", timeUs: baseUs + 1, value: 1234, unit: "bpm" };
    expect([read(0), read(1)]).toEqual([[spo2], [{ ...spo2, device: "strap-a", stream: "ecg" }]]);
    expect(() => read(2)).toThrow(undecodable);
  });

  test("a text that is not in its table is undecodable", () => {
    const rulesOf =
      (...places: number[]) =>
      (bits: BitWriter) => {
        none(bits, 0, 0, 0, 0, 3);
        writeSpread(bits, [1, 1, 1]);
        writeSpread(bits, [1, 1, 1]);
        writeCount(bits, 2);
        writeText(bits, "hr.high");
        writeText(bits, "hr.low");
        writeColumn(bits, places);
      };
    expect(decoded(rulesOf(0, 1, 0)).watched.map(({ rule }) => rule)).toEqual(["hr.high", "hr.low", "hr.high"]);
    expect(() => decoded(rulesOf(0, 1, 2))).toThrow(undecodable);
  });

  test("values go with the fewest decimals that hold them exactly, at most three, and else as they are", () => {
    const sizeOf = (...values: number[]) => {
      const payload = { ...empty, vitals: values.map((value) => vital({ value })) };
      const bytes = encodeEvents(payload);
      expect(decodeEvents(bytes, { isSourced: false })).toEqual(payload);
      return bytes.length;
    };
    const [whole, tenths, thousandths, beyond, real] = [sizeOf(60), sizeOf(60.1), sizeOf(60.125), sizeOf(60.0625), sizeOf(1 / 3)];
    expect(tenths).toBeLessThanOrEqual(whole + 1);
    expect(thousandths).toBeLessThanOrEqual(whole + 2);
    expect([beyond, real]).toEqual([real, sizeOf(Math.PI)]);
    expect(real).toBeGreaterThan(thousandths + 3);
    const fourFrom = (value: number) => sizeOf(value, value + 1, value + 3, value + 4);
    expect(fourFrom(999_999_995)).toBeLessThan(fourFrom(999_999_996));
    expect(fourFrom(-999_999_999)).toBeLessThan(fourFrom(-1e9));
    expect(sizeOf(-0)).toBe(real);
  });

  test("times are whole microseconds, rounded, for every kind", () => {
    const source = { device: "strap-a", stream: "ecg" };
    const at = baseUs + 100.75;
    const given: EventsPayload = {
      ...empty,
      fromUs: baseUs + 0.25,
      toUs: baseUs + 9.75,
      beats: [{ kind: "beat", ...source, timeUs: at, label: "N", confidence: 1.5 }],
      rhythms: [{ kind: "rhythm", ...source, timeUs: at, label: "(N" }],
      vitals: [vital({ timeUs: at })],
      gaps: [{ kind: "gap", ...source, fromUs: at, toUs: at + 0.5 }],
      watched: [{ kind: "watched", rule: "hr.high", fromUs: at - 0.5, toUs: at }],
    };
    const [early, late] = [baseUs + 100, baseUs + 101];
    expect(decodeEvents(encodeEvents(given), { isSourced: false })).toEqual({
      ...given,
      fromUs: baseUs,
      toUs: baseUs + 10,
      beats: [{ ...given.beats[0], timeUs: late, confidence: 1 }],
      rhythms: [{ ...given.rhythms[0], timeUs: late }],
      vitals: [{ ...given.vitals[0], timeUs: late }],
      gaps: [{ ...given.gaps[0], fromUs: late, toUs: late }],
      watched: [{ ...given.watched[0], fromUs: early, toUs: late }],
    });
    const negative = { ...given, beats: [{ ...given.beats[0], confidence: -0.5 }] } as EventsPayload;
    expect(decodeEvents(encodeEvents(negative), { isSourced: false }).beats[0]?.confidence).toBe(0);
  });
});
