import { describe, expect, it } from "vitest";
import { baseWallUs, formatHeader, parseHeader } from "./header.ts";

const one = (line: string): string => `r 1 360 100\n${line}\n`;
const signal = (line: string) => parseHeader(one(line), "r.hea").signals[0]!;

describe("a WFDB header", () => {
  it("is read with every field of a MIT-BIH record", () => {
    const header = parseHeader(
      "114 2 360 650000\r\n114.dat 212 200 11 1024 1015 -11371 0 V5\r\n114.dat 212 200 11 1024 1027 -13230 0 MLII\r\n# 72 F\r\n# Digoxin",
      "114.hea",
    );
    expect(header).toMatchObject({ name: "114", rateHz: 360, frameCount: 650000, comments: ["72 F", "Digoxin"], warnings: [] });
    expect(header.signals[1]).toEqual({
      fileName: "114.dat",
      format: 212,
      samplesPerFrame: 1,
      skew: 0,
      byteOffset: 0,
      gain: 200,
      isCalibrated: true,
      baseline: 1024,
      unit: "mV",
      adcResolution: 11,
      adcZero: 1024,
      firstValue: 1027,
      checksum: -13230,
      blockSize: 0,
      name: "MLII",
    });
  });

  it("takes frames, skew and byte offset from the format field", () => {
    expect(signal("a.dat 16x4:3+24 200")).toMatchObject({ format: 16, samplesPerFrame: 4, skew: 3, byteOffset: 24 });
    expect(signal("a.mat 16+24 7247/mV 16 0 -171 -27403 0 II")).toMatchObject({ format: 16, byteOffset: 24, gain: 7247 });
  });

  it("takes gain 200 and not calibrated where the gain is 0 or absent", () => {
    expect(signal("a.dat 16 0 12 5")).toMatchObject({ gain: 200, isCalibrated: false, baseline: 5 });
    expect(signal("a.dat 16")).toMatchObject({
      gain: 200,
      isCalibrated: false,
      baseline: 0,
      unit: "mV",
      adcResolution: 12,
      name: "signal 0",
    });
    expect(signal("a.dat 16 (7)/uV")).toMatchObject({ gain: 200, isCalibrated: false, baseline: 7, unit: "uV" });
  });

  it("reads a NaN gain with a warning", () => {
    const header = parseHeader(one("n.dat 16 NaN(-32767)/% 0 0 -32768 0 0 SpO2, "), "n.hea");
    expect(header.signals[0]).toMatchObject({ gain: 200, isCalibrated: false, baseline: -32767, unit: "%", name: "SpO2" });
    expect(header.warnings).toHaveLength(1);
  });

  it("reads gains with exponents, and baselines that differ from the ADC zero", () => {
    expect(signal("a.dat 16 1.052e+04(-3)/NU 0 2 1 2 0 PLETH, ")).toMatchObject({
      gain: 10520,
      baseline: -3,
      adcZero: 2,
      unit: "NU",
      adcResolution: 12,
      name: "PLETH",
    });
  });

  it("is read with a byte order mark before it", () => {
    expect(parseHeader(Buffer.from("\ufeffr 1 360 100\na.dat 16\n").toString("latin1"), "r.hea").name).toBe("r");
  });

  it("keeps the blanks inside a signal's name", () => {
    expect(signal("a.dat 16 200 16 0 -29 -16646 0  bw_noise  1 ").name).toBe("bw_noise  1");
  });

  it("reads base time and date, and falls back to the year 2000", () => {
    const header = parseHeader("r 0 125/1000(5) 10 01:02:03.5 17/03/2015\n", "r.hea");
    expect(header.rateHz).toBe(125);
    expect(baseWallUs(header)).toBe(Date.UTC(2015, 2, 17, 1, 2, 3, 500) * 1000);
    expect(baseWallUs({})).toBe(Date.UTC(2000, 0, 1) * 1000);
  });

  it.each([
    ["", "the first line"],
    ["r x 360", "the first line"],
    ["r 1 -5 10\na.dat 16", "sampling rate"],
    ["r 1 360 -1\na.dat 16", "number of samples"],
    ["r 2 360 10\na.dat 16", "2 signals announced"],
    ["r 1 360 10\na.dat", "signal 0"],
    ["r 1 360 10\na.dat sixteen", 'format "sixteen"'],
    ["r 1 360 10\na.dat 16 fast", 'gain "fast"'],
    ["r 1 360 10\n../../a.dat 16", "outside the record's folder"],
    ["r 1 360 10\n/a.dat 16", "outside the record's folder"],
  ])("is refused with the file and the place named: %j", (text, part) => {
    expect(() => parseHeader(text, "dir/r.hea")).toThrow(part);
    expect(() => parseHeader(text, "dir/r.hea")).toThrow("dir/r.hea");
  });

  it("of several segments is refused as unsupported", () => {
    expect(() => parseHeader("r/3 2 360 100\n", "r.hea")).toThrow(
      expect.objectContaining({ code: "recording.unsupported", kind: "operator" }),
    );
  });

  it("reads back what it wrote", () => {
    const text =
      "r 2 99.5 7 12:00:00 01/02/2003\nr.dat 16x2:1+24 51.5(3)/uV 14 0 -1 77 0 lead II\nr.dat 16 0/mV 12 5 5 0 0 V\n# a comment\n";
    const header = parseHeader(text, "r.hea");
    expect(parseHeader(formatHeader(header), "r.hea")).toEqual(header);
  });

  it("of 180 kB of blanks and commas is refused by its line, and as many in allowed lines are read", () => {
    expect(() => signal(`a.dat 16 200 16 0 0 0 0 ${" , ".repeat(60_000)}x`)).toThrow("line 2 is longer than 4096 characters");
    const name = `${" , ".repeat(1300)}x`;
    const lines = Array.from({ length: 60 }, () => `a.dat 16 200 16 0 0 0 0 ${name}${" , ".repeat(10)}`);
    const { signals } = parseHeader(`r 60 360 100\n${lines.join("\n")}\n`, "r.hea");
    expect(new Set(signals.map((each) => each.name))).toEqual(new Set([name.trim()]));
  });

  it("longer than 256 kB is refused before it is cut into lines", () => {
    expect(() => parseHeader(`r 0 360 100\n${"# more\n".repeat(40_000)}`, "r.hea")).toThrow("longer than 262144 bytes");
  });

  it("quotes no more than 40 characters of a field that it refuses", () => {
    const long = "9".repeat(4000);
    for (const text of [
      `r ${long}`,
      `r 1 x${long}`,
      `r 1 360 x${long}`,
      one(`a.dat ${long}x`),
      one(`a.dat 16 x${long}`),
      one(`/${long} 16`),
    ]) {
      const thrown = expect(() => parseHeader(text, "r.hea"));
      thrown.toThrow(expect.objectContaining({ code: "recording.header_malformed", message: expect.stringMatching(/^.{20,120}$/) }));
    }
  });
});

it("a name with folders is a name; only a number behind the slash makes a record of several segments", () => {
  const header = (name: string) => parseHeader(`${name} 1 360 10\nx.dat 16 200 12 0 0 0 0 MLII\n`, "x.hea");
  expect(header("p08/p086703").name).toBe("p08/p086703");
  expect(() => header("a//b")).toThrow(/first line/);
  expect(() => header("p086703/22")).toThrow(/several segments/);
});
