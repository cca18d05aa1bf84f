import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeRecord } from "../recordings/wfdb.ts";
import { evaluateSignalCodec } from "./evaluate-signal-codec.ts";

let folder = "";
const evaluated = (signal: "ppg" | "imu") => evaluateSignalCodec({ signal, data: [folder], onProgress: () => {} });
const rateHz = 125;

/** A finger at 72 a minute, with a breath in it. */
const pleth = (i: number) => {
  const phase = (i / rateHz) * 1.2 - Math.floor((i / rateHz) * 1.2);
  return Math.round(
    3000 * Math.exp(-(((phase - 0.25) / 0.12) ** 2)) + 900 * Math.exp(-(((phase - 0.6) / 0.14) ** 2)) + 200 * Math.sin(i / 90),
  );
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-signal-"));
  await mkdir(join(folder, "ppg/bidmc"), { recursive: true });
  const signal = {
    name: "PLETH,",
    unit: "NU",
    gain: 5000,
    baseline: 0,
    adcResolution: 16,
    samples: Int32Array.from({ length: 180 * rateHz }, (_, i) => pleth(i)),
  };
  await writeRecord(join(folder, "ppg/bidmc"), { name: "finger", rateHz, format: 16, comments: [], signals: [signal] });
  await writeFile(join(folder, "ppg/bidmc/odd.hea"), "odd 1 125 100\nodd.dat 16 1/NU 0 0 0 0 0 PLETH\n");
  const walk = join(folder, "motion/sp-sw-har/s01");
  await mkdir(walk, { recursive: true });
  const rows = Array.from({ length: 103 * 60 }, (_, i) => {
    const swing = Math.sin((2 * Math.PI * i) / 103);
    return [3 * swing, 1 + swing, 9.5 - swing, 0.8 * swing, 0.02, -0.01, i, "WALKING"].join(",");
  });
  await writeFile(join(walk, "s01_01_sw.csv.gz"), gzipSync(["x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label", ...rows].join("\n")));
  await writeFile(join(walk, "s01_02_sw.csv.gz"), "not packed");
});
afterAll(() => rm(folder, { recursive: true }));

test("a pulse by light is scored by its frames, its error and its rates, and a damaged record is named", async () => {
  const { metrics, baselines, skipped, data, below } = await evaluated("ppg");
  expect(data).toEqual(["bidmc/finger"]);
  expect(skipped).toMatchObject([{ record: "bidmc/odd" }]);
  expect(metrics.cr).toBeGreaterThan(15);
  expect(metrics.prdn).toBeGreaterThan(4);
  expect(metrics.prdn).toBeLessThanOrEqual(8);
  expect(metrics).toMatchObject({ hr_within1_pct: 100, waveform_pct: 100, lossless_pct: 0 });
  expect(metrics.rates).toBeGreaterThan(70);
  expect(baselines.gzip_cr).toBeLessThan(metrics.cr ?? 0);
  expect(below).toEqual([]);
});

test("movement is scored by how far any sample and any second's turn is off", async () => {
  const { metrics, skipped, parts, records } = await evaluated("imu");
  expect(records).toBe(1);
  expect(skipped).toMatchObject([{ record: "sp-sw-har/s01/s01_02_sw" }]);
  expect(metrics.cr).toBeGreaterThan(10);
  expect(metrics.acc_off_g).toBeGreaterThan(0.02);
  expect(metrics.acc_off_g).toBeLessThanOrEqual(0.05);
  expect(metrics.gyro_off_deg_per_s).toBeLessThanOrEqual(3);
  expect(metrics.turn_off_p95_deg).toBeGreaterThan(0);
  expect(parts["sp-sw-har"]).toEqual(metrics);
});
