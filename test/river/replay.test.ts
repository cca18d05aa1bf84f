import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { excerptPath } from "../../firmware-sim/excerpts/excerpt.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import { loadDriver } from "../../gateway/ingest/load-drivers.ts";
import { NO_VALUE } from "../../gateway/recordings/signal-formats.ts";
import { readAnnotations, readRecord } from "../../gateway/recordings/wfdb.ts";
import { deviceBytes } from "../../gateway/replay/chunk-source.ts";
import { writeOutputs } from "../../gateway/replay/outputs.ts";
import { recordSource } from "../../gateway/replay/record-source.ts";
import { replayGateway } from "../../gateway/replay/replay-keys.ts";
import { replaySource } from "../../gateway/replay/replay-record.ts";
import type { ReplaySource } from "../../gateway/replay/source.ts";
import { verifyFrame } from "../../gateway/semantic/frame.ts";
import { readFrames } from "../../gateway/twin/decode.ts";

const endings = [".alerts.ndjson", ".hearth", ".sem", ".strips", ".summary.json", "_twin.dat", "_twin.hea", "_twin.hearth"];
let folder: string;
let models: Models;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hearth-replay-"));
  models = await startModels({ clock: virtualClock(), timeouts: false });
});
afterAll(async () => {
  await models.host.close();
  rmSync(folder, { recursive: true, force: true });
});

let runs = 0;
async function replay(source: ReplaySource): Promise<string> {
  const dir = join(folder, String(++runs));
  await writeOutputs(dir, await replaySource(source, models));
  return join(dir, source.name);
}

/** Everything but the figures of this machine's clock. */
function bytesOf(path: string): Record<string, string> {
  const dir = join(path, "..");
  return Object.fromEntries(
    readdirSync(dir).map((file) => {
      const bytes = readFileSync(join(dir, file));
      if (!file.endsWith(".summary.json")) return [file, bytes.toString("base64")];
      const { wall_s: _, model_ms: __, ...rest } = JSON.parse(bytes.toString());
      return [file, JSON.stringify(rest)];
    }),
  );
}

const linesOf = (path: string) =>
  readFileSync(`${path}.alerts.ndjson`, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("a replayed record", () => {
  let path: string;
  beforeAll(async () => {
    path = await replay(await recordSource(excerptPath("mitdb-205")));
  });

  test("leaves every file, and the same bytes on every run", async () => {
    const first = bytesOf(path);
    expect(Object.keys(first)).toEqual(endings.map((ending) => `mitdb-205${ending}`));
    expect(bytesOf(await replay(await recordSource(excerptPath("mitdb-205"))))).toEqual(first);
  });

  test("has its ventricular runs as lines of the stated shape", () => {
    const lines = linesOf(path);
    const vt = lines.find(({ rule }) => rule === "rhythm.vt");
    expect(Object.keys(vt)).toEqual([
      "rule",
      "priority",
      "kind",
      "onset_s",
      "t_s",
      "end_s",
      "value",
      "unit",
      "quality",
      "model",
      "notified",
    ]);
    expect(vt).toMatchObject({ priority: "high", kind: "physiological", unit: "bpm", notified: true, model: { id: "ecg-beat" } });
    expect(vt.t_s - vt.onset_s).toBeGreaterThan(1);
    expect(vt.t_s - vt.onset_s).toBeLessThan(3);
    expect(vt.end_s).toBeGreaterThan(vt.onset_s);
  });

  test("has a beat wherever the reference has one, in the file and at the twin alike", async () => {
    const reference = (await readAnnotations(excerptPath("mitdb-205"), "atr")).annotations.filter(({ symbol }) => "NVAF".includes(symbol));
    const ours = (await readAnnotations(path, "hearth")).annotations.filter(({ symbol }) => "NSVFQ".includes(symbol));
    const twins = (await readAnnotations(`${path}_twin`, "hearth")).annotations.filter(({ symbol }) => "NSVFQ".includes(symbol));
    const isNear = (sample: number) => ours.some((beat) => Math.abs(beat.sample - sample) <= 54);
    const inside = reference.filter(({ sample }) => sample > 360);
    expect(inside.filter(({ sample }) => isNear(sample)).length).toBeGreaterThanOrEqual(inside.length - 1);
    expect(twins).toEqual(ours);
  });

  test("gives the twin a record of its own length that equals the recording where a strip was sent, and is invalid elsewhere", async () => {
    const [original, twin] = [await readRecord(excerptPath("mitdb-205")), await readRecord(`${path}_twin`)];
    const [a, b] = [original.signals[0]!, twin.signals[0]!];
    expect(b.length).toBe(a.length);
    expect([twin.header.rateHz, twin.header.signals[0]!.gain, twin.header.signals[0]!.baseline]).toEqual([
      360,
      200,
      original.header.signals[0]!.baseline,
    ]);
    const sent = [...b.keys()].filter((i) => b[i] !== NO_VALUE);
    expect(sent.length).toBeGreaterThan(20 * 360);
    expect(sent.every((i) => a[i] === b[i])).toBe(true);
  });

  test("signs every frame with the published key, numbered from 0", () => {
    const frames = [".sem", ".strips"].flatMap((ending) => readFrames(readFileSync(`${path}${ending}`)));
    expect(frames.map(({ n }) => n)).toEqual(frames.map((_, i) => i));
    expect(frames.every((frame) => verifyFrame(frame, replayGateway.publicKey))).toBe(true);
    expect(new Set(frames.map(({ g }) => g))).toEqual(new Set(["replay"]));
  });

  test("is annotated only in its span, and the twin's record keeps the whole length", async () => {
    const part = await replay(await recordSource(excerptPath("mitdb-205"), { fromS: 5, toS: 30 }));
    const { annotations } = await readAnnotations(part, "hearth");
    expect(annotations.length).toBeGreaterThan(20);
    expect(annotations.every(({ sample }) => sample >= 5 * 360 && sample < 30 * 360)).toBe(true);
    expect((await readRecord(`${part}_twin`)).signals[0]!.length).toBe((await readRecord(excerptPath("mitdb-205"))).signals[0]!.length);
    expect(JSON.parse(readFileSync(`${part}.summary.json`, "utf8"))).toMatchObject({ seconds: 25, samples: 9000 });
  });

  test("keeps the last beat when the recording ends soon after it", async () => {
    const whole = (await readAnnotations(path, "hearth")).annotations.filter(({ symbol }) => "NSVFQ".includes(symbol));
    const beat = whole[20]!;
    const cut = await replay(await recordSource(excerptPath("mitdb-205"), { toS: (beat.sample + 0.15 * 360) / 360 }));
    const beats = (await readAnnotations(cut, "hearth")).annotations.filter(({ symbol }) => "NSVFQ".includes(symbol));
    expect(beats.at(-1)?.sample).toBe(beat.sample);
  });

  test("with several channels at 125 Hz keeps times exact and uses the pleth as a sign of life", async () => {
    const bidmc = await replay(await recordSource(excerptPath("bidmc-23")));
    const { annotations } = await readAnnotations(bidmc, "hearth");
    expect(annotations.filter(({ symbol }) => symbol === "N").length).toBeGreaterThan(40);
    expect(bytesOf(await replay(await recordSource(excerptPath("bidmc-23"))))).toEqual(bytesOf(bidmc));
  });
});

describe("a file of a device's bytes", () => {
  test("is replayed on the device's own clock, without an ECG and without a waveform for the twin", async () => {
    const bytes = readFileSync(new URL("../../device-drivers/xsens-mti/testdata/1-output.bin", import.meta.url));
    const source = async () => deviceBytes({ name: "1-output", bytes, driver: await loadDriver("xsens-mti"), span: {} });
    const path = await replay(await source());
    const summary = JSON.parse(readFileSync(`${path}.summary.json`, "utf8"));
    expect(summary).toMatchObject({ beats: 0, alerts: {}, bytes_raw: bytes.length });
    expect(summary.seconds).toBeGreaterThan(0.9);
    expect(summary.seconds).toBeLessThan(1.1);
    expect((await readAnnotations(path, "hearth")).annotations).toEqual([]);
    expect(readdirSync(join(path, "..")).filter((file) => /_twin\.(hea|dat)$/.test(file))).toEqual([]);
    expect(bytesOf(await replay(await source()))).toEqual(bytesOf(path));
  });

  test("that the driver cannot read is refused by name", async () => {
    const driver = await loadDriver("xsens-mti");
    expect(() => deviceBytes({ name: "noise", bytes: new Uint8Array(5000).fill(7), driver, span: {} })).toThrow(
      /noise: .*xsens-mti.*no samples/,
    );
  });
});
