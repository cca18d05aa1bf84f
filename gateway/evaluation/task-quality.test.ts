import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DataRecord } from "./data-folder.ts";
import { classesOf } from "./recording-classes.ts";
import type { ScoredRecord } from "./replay-set.ts";
import { classF1 } from "./score-classes.ts";
import { qualityTask } from "./task-quality.ts";

/** `seconds`: one letter each, g good, n good by its measures and noise to the model, p poor. */
function recording(name: string, recordingClass: string, seconds: string): ScoredRecord {
  const quality = (letter: string, i: number) => ({
    ...{ kind: "quality", timeUs: (i + 1) * 1e6, level: letter === "g" ? "good" : "poor" },
    ...(letter === "n" ? { signalLevel: "good" } : {}),
  });
  const replayed = { baseUs: 0, run: { qualities: [...seconds].map(quality) } };
  return { record: { name }, replayed, reference: [], recordingClass } as unknown as ScoredRecord;
}

const score = (...recordings: ScoredRecord[]) => qualityTask.score(recordings, { classMap: "aami" });

test("a recording is noise when more than two thirds of the seconds behind the first window are not good", () => {
  const { records } = score(
    recording("two thirds", "N", "gggggggg" + "nnnngg"),
    recording("more", "~", "gggggggg" + "nnnnng"),
    recording("before it", "N", "pppppppp" + "gggggg"),
    recording("by its measures", "~", "gggggggg" + "pppppp"),
  );
  expect(records.map(({ called, measured }) => [called, measured])).toEqual([
    ["readable", "readable"],
    ["~", "readable"],
    ["readable", "readable"],
    ["~", "~"],
  ]);
});

test("F1 of noise, coverage and what of each class is called noise are those of all recordings, beside the measures alone", () => {
  const noise = "nnnnnnnn".repeat(2);
  const good = "gggggggg".repeat(2);
  const { metrics, baselines } = score(
    ...[recording("a", "~", noise), recording("b", "~", good), recording("c", "N", good), recording("d", "O", noise)],
  );
  expect(metrics).toMatchObject({ noise_f1: 0.5, noise_se: 50, noise_ppv: 50, coverage_pct: 50, coverage_noise_pct: 50 });
  expect(metrics).toMatchObject({ called_noise_n_pct: 0, called_noise_a_pct: null, called_noise_o_pct: 100 });
  expect(baselines).toEqual({ noise_f1_measures: 0 });
});

test("where nothing stands every figure is null", () => {
  expect(Object.values(score().metrics).every((value) => value === null)).toBe(true);
  expect(classF1([{ reference: "N", called: "N" }], "~")).toBeNull();
});

test("classes come from the list beside the recordings; one that is not in it has none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-classes-"));
  try {
    writeFileSync(join(folder, "REFERENCE.csv"), "A1,N\r\nA2, ~\nA3\n");
    const records = ["A1", "A2", "A3"].map((name) => ({
      id: `cinc2017/${name}`,
      name,
      path: join(folder, name),
    })) as unknown as DataRecord[];
    expect([...(await classesOf(records))]).toEqual([
      ["cinc2017/A1", "N"],
      ["cinc2017/A2", "~"],
    ]);
    expect([...(await classesOf([{ ...records[0], path: join(folder, "elsewhere", "A1") } as DataRecord]))]).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
