import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { recordSource } from "./record-source.ts";
import type { ReplaySource } from "./source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A record in format 16 from its header's lines and a frame's values by its number. */
function write(head: string, signals: readonly string[], frames: number, frame: (n: number) => readonly number[]): string {
  const path = join(folder, "made");
  writeFileSync(`${path}.hea`, `made ${signals.length} ${head}\n${signals.map((line) => `made.dat ${line}`).join("\n")}\n`);
  const values = Array.from({ length: frames }, (_, n) => frame(n)).flat();
  writeFileSync(`${path}.dat`, new Uint8Array(Int16Array.from(values).buffer));
  return path;
}

async function blocksOf({ chunks, driverOf }: ReplaySource): Promise<Record<string, SampleBlock[]>> {
  const found = driverOf("recording");
  const instance = found?.driver.create(found.options, "recording");
  const blocks: Record<string, SampleBlock[]> = {};
  for await (const chunk of chunks)
    for (const block of instance?.push(chunk) ?? []) {
      if (block.kind !== "samples") continue;
      blocks[block.descriptor.stream] = [...(blocks[block.descriptor.stream] ?? []), block];
      expect(block.stamps.timeUs).toBe(chunk.stamps.timeUs);
    }
  return blocks;
}

const samplesOf = (blocks: readonly SampleBlock[] | undefined, channel = 0) =>
  (blocks ?? []).flatMap((block) => [...(block.channels[channel] ?? [])]);

describe("a record as a source", () => {
  test("offers every channel at its own rate, each sample once, and each chunk the moment its last sample is taken", async () => {
    const path = write("125 1000", ["16x2 200/mV 16 0 0 0 0 II", "16 100/NU 16 0 0 0 0 PLETH", "16 1/mV 16 0 0 0 0 V"], 1000, (n) => [
      2 * n,
      2 * n + 1,
      -n,
      n,
    ]);
    const source = await recordSource(path);
    const blocks = await blocksOf(source);
    expect(Object.keys(blocks).sort()).toEqual(["ecg", "ecg-125", "ppg"]);
    expect(samplesOf(blocks.ecg)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(samplesOf(blocks.ppg)).toEqual(Array.from({ length: 1000 }, (_, i) => 0 - i));
    for (const block of Object.values(blocks).flat()) {
      const endUs = ((block.firstIndex + block.count) * 1e6) / block.descriptor.rateHz;
      expect(block.stamps.timeUs - (source.stated?.baseUs ?? 0)).toBe(Math.round(endUs));
    }
    expect(source.stated).toMatchObject({ rateHz: 125, lengthS: 8, rawBytes: 4000, channel: { name: "II", gain: 200 } });
  });

  test("cuts its span to the sample, and says how long the whole is", async () => {
    const path = write("250 2500", ["16 200/mV 16 0 0 0 0 ECG"], 2500, (n) => [n]);
    const source = await recordSource(path, { fromS: 1.1, toS: 2.05 });
    const samples = samplesOf((await blocksOf(source)).ecg);
    expect([samples[0], samples.at(-1)]).toEqual([275, 512]);
    expect(source.stated).toMatchObject({ fromS: 1.1, toS: 2.05, lengthS: 10 });
  });

  test("takes averaged trends for no ECG, and is a source all the same", async () => {
    const path = write("1 60", ["16 1/bpm 16 0 0 0 0 HR", "16 10/mV 16 0 0 0 0 II"], 60, (n) => [n, n]);
    const source = await recordSource(path);
    expect(source.stated?.channel).toBeUndefined();
    expect(samplesOf((await blocksOf(source)).other, 1)).toHaveLength(60);
  });

  test("says what was odd, with the file's name, and that nothing here is an ECG", async () => {
    const path = write("62.5 500", ["16 nan/mV 16 0 0 0 0 PLETH", "16 200/mV 16 0 0 0 0 II"], 500, (n) => [n, n]);
    const { warnings } = await recordSource(path);
    expect(warnings).toHaveLength(2);
    for (const text of warnings ?? []) expect(text).toContain(path);
    expect(warnings?.join()).toMatch(/gain "nan".*no ECG lead at 100/);
    expect((await recordSource(write("250 500", ["16 200/mV 16 0 0 0 0 II"], 500, (n) => [n]))).warnings).toEqual([]);
  });

  test.each([
    ["without a date", "250 500", "2000-01-01T00:00:00Z"],
    ["with a time alone", "250 500 13:05:00", "2000-01-01T13:05:00Z"],
    ["with both", "250 500 13:05:00 02/03/2011", "2011-03-02T13:05:00Z"],
    ["from before the axis", "250 500 13:05:00 02/03/1957", "2000-01-01T13:05:00Z"],
    ["shifted by a century", "250 500 13:05:00 02/03/2153", "2153-03-02T13:05:00Z"],
    ["from behind the axis", "250 500 13:05:00 99/99/9999", "2000-01-01T13:05:00Z"],
  ])("%s begins where it says", async (_what, head, begins) => {
    const source = await recordSource(write(head, ["16 200/mV 16 0 0 0 0 ECG"], 500, (n) => [n]));
    expect(source.stated?.baseUs).toBe(Date.parse(begins) * 1000);
  });

  test.each(["II", "MLII", "ii", "ECG II", "ECG lead II", "Lead_II"])("is analysed in lead II where one is there, as %s", async (name) => {
    const path = write("250 500", ["16 200/mV 16 0 0 0 0 I", `16 200/mV 16 0 0 0 0 ${name}`, "16 200/mV 16 0 0 0 0 III"], 500, (n) => [
      n,
      n,
      n,
    ]);
    expect((await recordSource(path)).stated?.channel?.name).toBe(name);
  });

  test.each(["uV", "\u00b5V", "V", "mv"])("takes a voltage in %s for an ECG, whatever its name", async (unit) => {
    const path = write("250 500", [`16 1/mmHg 16 0 0 0 0 ABP`, `16 200/${unit} 16 0 0 0 0 strap`], 500, (n) => [n, n]);
    expect((await recordSource(path)).stated?.channel?.name).toBe("strap");
  });

  test("has its rails the right way round under a negative gain", async () => {
    const blocks = await blocksOf(await recordSource(write("250 500", ["16 -200(0)/mV 12 0 0 0 0 II"], 500, (n) => [n])));
    expect(blocks.ecg?.[0]?.descriptor.channels[0]?.range).toEqual([-2047 / 200, 2048 / 200]);
  });

  test("may be named by any of its files", async () => {
    const path = write("250 500", ["16 200/mV 16 0 0 0 0 ECG"], 500, (n) => [n]);
    for (const name of [path, `${path}.hea`, `${path}.dat`]) expect((await recordSource(name)).name).toBe("made");
  });
});
