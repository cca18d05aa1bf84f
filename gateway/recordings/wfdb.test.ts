import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotation, formatAnnotations } from "./annotations.ts";
import { NO_VALUE } from "./signal-formats.ts";
import { readAnnotations, readRecord, writeRecord } from "./wfdb.ts";

const excerpt = fileURLToPath(new URL("./testdata/205-excerpt", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-wfdb-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("reading a record", () => {
  it("gives the samples of both leads of a MIT-BIH excerpt with CR LF in its header", async () => {
    const { header, signals, warnings } = await readRecord(excerpt);
    expect(warnings).toEqual([]);
    expect(header.signals.map((s) => s.name)).toEqual(["MLII", "V1"]);
    expect(signals.map((s) => s.length)).toEqual([2880, 2880]);
    expect(signals.map((s) => [...s.subarray(0, 4)])).toEqual([
      [958, 958, 955, 952],
      [916, 917, 913, 912],
    ]);
  });

  it("gives its annotations, rhythm changes included", async () => {
    const { annotations } = await readAnnotations(excerpt, "atr");
    expect(annotations.filter((a) => a.symbol === "+").map((a) => [a.sample, a.aux])).toEqual([
      [1001, "(VT"],
      [2090, "(N"],
      [2529, "(VT"],
    ]);
    expect(annotations.filter((a) => a.symbol === "V")).toHaveLength(11);
  });

  it("takes a path with .hea too", async () => {
    expect((await readRecord(`${excerpt}.hea`)).header.name).toBe("205-excerpt");
  });

  it("reads a signal file once, however often and in whatever spelling its header names it", async () => {
    await copyExcerpt();
    const lines = ["205-excerpt.dat", "./205-excerpt.dat", ".//205-excerpt.dat"].map((file) => `${file} 212 200 11 1024`);
    await writeFile(join(folder, "again.hea"), `again 3 360\n${lines.join("\n")}\n`);
    const { signals } = await readRecord(join(folder, "again"));
    expect(signals.map(({ length }) => length)).toEqual([1920, 1920, 1920]);
  });

  it("refuses a header of 300 kB by its size, and one that is a folder", async () => {
    await writeFile(join(folder, "large.hea"), Buffer.alloc(300_000, "# more\n"));
    await expect(readRecord(join(folder, "large"))).rejects.toMatchObject({ code: "recording.too_large", kind: "operator" });
    await mkdir(join(folder, "folder.hea"));
    await expect(readRecord(join(folder, "folder"))).rejects.toMatchObject({ code: "recording.not_found" });
  });

  it("names a truncated signal file", async () => {
    await copyExcerpt();
    await truncate(join(folder, "205-excerpt.dat"), 8639);
    await expect(readRecord(join(folder, "205-excerpt"))).rejects.toMatchObject({
      code: "recording.truncated",
      kind: "world",
      message: expect.stringContaining("205-excerpt.dat"),
    });
  });

  it("finds one flipped bit by the checksum", async () => {
    await copyExcerpt();
    const path = join(folder, "205-excerpt.dat");
    const bytes = await readFile(path);
    bytes[4000] = (bytes[4000] ?? 0) ^ 0x10;
    await writeFile(path, bytes);
    await expect(readRecord(join(folder, "205-excerpt"))).rejects.toMatchObject({ code: "recording.checksum", kind: "world" });
  });

  it("warns of a wrong first sample and goes on", async () => {
    await copyExcerpt();
    const path = join(folder, "205-excerpt.hea");
    await writeFile(path, (await readFile(path, "utf8")).replace(" 958 ", " 957 "));
    const { warnings } = await readRecord(join(folder, "205-excerpt"));
    expect(warnings).toEqual([expect.stringContaining('"MLII" is 958, the header says 957')]);
  });

  it("that is not there is the operator's error and names the path", async () => {
    await expect(readRecord(join(folder, "none"))).rejects.toMatchObject({
      code: "recording.not_found",
      kind: "operator",
      message: expect.stringContaining("none.hea"),
    });
  });

  it("reads a MATLAB v4 file column by column, with the offset in the header or without", async () => {
    const head = new Uint8Array(Int32Array.of(30, 2, 3, 0, 4).buffer);
    const data = new Uint8Array(Int16Array.of(1, 10, 2, -32768, 3, 30).buffer);
    await writeFile(join(folder, "A1.mat"), Buffer.concat([head, Buffer.from("val\0"), data]));
    for (const format of ["16+24", "16"]) {
      await writeFile(
        join(folder, "A1.hea"),
        `A1 2 300 3\nA1.mat ${format} 1000/mV 16 0 1 0 0 ECG\nA1.mat ${format} 1000/mV 16 0 10 0 0 PLETH`,
      );
      const { signals } = await readRecord(join(folder, "A1"));
      expect(signals.map((s) => [...s])).toEqual([
        [1, 2, 3],
        [10, NO_VALUE, 30],
      ]);
    }
  });

  it("says so where the MATLAB matrix and the header disagree", async () => {
    await writeFile(
      join(folder, "A1.mat"),
      Buffer.concat([new Uint8Array(Int32Array.of(30, 1, 3, 0, 4).buffer), Buffer.from("val\0"), Buffer.alloc(6)]),
    );
    await writeFile(join(folder, "A1.hea"), "A1 2 300 1\nA1.mat 16+24\nA1.mat 16+24\n");
    await expect(readRecord(join(folder, "A1"))).rejects.toMatchObject({ code: "recording.damaged" });
  });

  it("spreads several samples a frame and takes skew out", async () => {
    await writeFile(join(folder, "x.dat"), new Uint8Array(Int16Array.of(1, 2, 100, 3, 4, 200, 5, 6, 300).buffer));
    await writeFile(join(folder, "x.hea"), "x 2 100 3\nx.dat 16x2\nx.dat 16:1\n");
    const { signals, header } = await readRecord(join(folder, "x"));
    expect([...signals[0]!]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...signals[1]!]).toEqual([200, 300, NO_VALUE]);
    expect(header.frameCount).toBe(3);
  });

  it("takes the length from the file where the header gives none, and signals from several files", async () => {
    await writeFile(join(folder, "p.dat"), new Uint8Array([129, 130, 0]));
    await writeFile(join(folder, "q.dat"), new Uint8Array([1, 0, 0, 2, 0, 0, 0, 0, 0x80]));
    await writeFile(join(folder, "m.hea"), "m 2 50\np.dat 80\nq.dat 24\n");
    const { signals, header } = await readRecord(join(folder, "m"));
    expect(header.frameCount).toBe(3);
    expect(signals.map((s) => [...s])).toEqual([
      [1, 2, NO_VALUE],
      [1, 2, NO_VALUE],
    ]);
  });
});

describe("writing a record", () => {
  it.each([16, 212] as const)("in format %i reads back to the same counts, gains and missing samples", async (format) => {
    const a = Int32Array.of(5, -7, NO_VALUE, 2047, -2047);
    const b = Int32Array.of(NO_VALUE, 0, 1, 2, 3);
    const common = { unit: "mV", adcResolution: 12, baseline: -4 };
    const signals = [
      { ...common, name: "II", gain: 200.5, samples: a },
      { ...common, name: "V1", gain: 1000, samples: b },
    ];
    await writeRecord(folder, {
      name: "w",
      rateHz: 128,
      format,
      comments: ["twin"],
      baseTime: "10:00:00",
      baseDate: "01/02/2020",
      signals,
    });
    const back = await readRecord(join(folder, "w"));
    expect(back.warnings).toEqual([]);
    expect(back.signals.map((s) => [...s])).toEqual([[...a], [...b]]);
    expect(back.header).toMatchObject({ rateHz: 128, frameCount: 5, comments: ["twin"], baseTime: "10:00:00", baseDate: "01/02/2020" });
    expect(back.header.signals.map((s) => [s.name, s.gain, s.baseline])).toEqual([
      ["II", 200.5, -4],
      ["V1", 1000, -4],
    ]);
  });

  it("writes a unit back as the header had it", async () => {
    const signal = { name: "II", unit: "\u00b5V", gain: 1, baseline: 0, adcResolution: 16, samples: Int32Array.of(1, 2) };
    await writeRecord(folder, { name: "w", rateHz: 128, format: 16, signals: [signal] });
    expect((await readFile(join(folder, "w.hea"))).includes(Buffer.from([0x2f, 0xb5, 0x56]))).toBe(true);
    expect((await readRecord(join(folder, "w"))).header.signals[0]?.unit).toBe("\u00b5V");
  });

  it("refuses signals of unequal length", async () => {
    const of = (n: number) => ({ name: "x", unit: "mV", gain: 1, baseline: 0, adcResolution: 12, samples: new Int32Array(n) });
    await expect(writeRecord(folder, { name: "w", rateHz: 1, format: 16, signals: [of(1), of(2)] })).rejects.toMatchObject({
      code: "recording.unequal_lengths",
    });
  });

  it("writes the same annotations to the same bytes", async () => {
    const annotations = [annotation(3, "N"), annotation(5000, "+", { aux: "(AFIB" })];
    const bytes = formatAnnotations(annotations);
    expect(formatAnnotations(annotations)).toEqual(bytes);
    await writeFile(join(folder, "w.hearth"), bytes);
    expect((await readAnnotations(join(folder, "w"), "hearth")).annotations).toEqual(annotations);
  });
});

async function copyExcerpt(): Promise<void> {
  for (const extension of ["hea", "dat"]) await cp(`${excerpt}.${extension}`, join(folder, `205-excerpt.${extension}`));
}
