/** A smooth disturbance that the signal's own measures find good: what the model makes of it, from a recording to the files of its replay; and without the model. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { excerptPath } from "../../firmware-sim/excerpts/excerpt.ts";
import { seededRandom } from "../../gateway/evaluation/bootstrap.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import type { WfdbRecord } from "../../gateway/recordings/wfdb.ts";
import { replayRecord } from "../../gateway/replay/replay-record.ts";
import { modelRegistry, type RegisteredModel } from "../../models/index.ts";

const noiseFromS = 30;
let withModel: Models;
let without: Models;

const registryOf = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, modelRegistry[id] as RegisteredModel]));

beforeAll(async () => {
  const options = { clock: virtualClock(), timeouts: false };
  withModel = await startModels({ ...options, registry: registryOf("ecg-beat", "ecg-quality") });
  without = await startModels({ ...options, registry: registryOf("ecg-beat") });
});
afterAll(async () => {
  await withModel.host.close();
  await without.host.close();
});

/** From `noiseFromS` on a random wave below 10 Hz, three times as high as the beats. */
function disturbed(record: WfdbRecord): WfdbRecord {
  const { rateHz, signals: specs } = record.header;
  const signals = record.signals.map((samples, channel) => {
    const random = seededRandom(7);
    const waves = Array.from({ length: 24 }, () => ({ hz: 1 + 9 * random(), phase: 6.28 * random() }));
    const heightCounts = 0.25 * (specs[channel]?.gain ?? 200);
    return samples.map((value, i) => {
      const atS = i / rateHz;
      if (atS < noiseFromS) return value;
      return value + Math.round(heightCounts * waves.reduce((sum, { hz, phase }) => sum + Math.sin(6.28 * hz * atS + phase), 0));
    });
  });
  return { ...record, signals };
}

const replayed = async (models: Models, prepare?: (record: WfdbRecord) => WfdbRecord) => {
  const { run, annotations, baseUs } = await replayRecord(excerptPath("mitdb-230"), models, prepare === undefined ? {} : { prepare });
  const level = (fromS: number) => run.qualities.filter(({ timeUs }) => timeUs > baseUs + fromS * 1e6).map((second) => second.level);
  return { level, marks: annotations.filter(({ symbol }) => symbol === "~"), run, baseUs };
};

test("seconds in which nobody could read a beat are poor, in the rules and in the record, and nothing is told of the rate in them", async () => {
  const { level, marks, run, baseUs } = await replayed(withModel, disturbed);
  const noisy = level(noiseFromS + 10);
  expect(noisy.filter((each) => each !== "good").length).toBeGreaterThan(0.9 * noisy.length);
  expect(run.qualities.some(({ level, signalLevel }) => level === "poor" && signalLevel === "good")).toBe(true);
  expect(marks.length).toBeGreaterThan(0);
  const rates = run.events.filter(
    (event) => event.kind === "vital" && event.code === "hr" && event.timeUs > baseUs + (noiseFromS + 15) * 1e6,
  );
  expect(rates).toEqual([]);
});

test("without the model the measures stand alone; what is clean is judged alike with it and without", async () => {
  const alone = await replayed(without, disturbed);
  expect(alone.run.qualities.every(({ signalLevel }) => signalLevel === undefined)).toBe(true);
  const good = (levels: readonly string[]) => levels.filter((each) => each === "good").length;
  expect(good(alone.level(noiseFromS + 10))).toBeGreaterThan(good((await replayed(withModel, disturbed)).level(noiseFromS + 10)));
  const [clean, cleanAlone] = [await replayed(withModel), await replayed(without)];
  expect(clean.run.events).toEqual(cleanAlone.run.events);
  expect(clean.run.outbox).toEqual(cleanAlone.run.outbox);
});
