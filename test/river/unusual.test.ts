/** A model that learns its wearer, from a strap's bytes to an alert: over restarts, another strap, another version of the model and a person's word. */

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { excerptPath, loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import type { SignalSource } from "../../firmware-sim/signal/signal-source.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { atExercise } from "../../gateway/evaluation/exercise-stress.ts";
import type { Fact } from "../../gateway/facts/fact.ts";
import type { DatedLearnAct } from "../../gateway/facts/learning.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import { loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import { createPipeline } from "../../gateway/pipeline/pipeline.ts";
import { annotation } from "../../gateway/recordings/annotations.ts";
import { readAnnotations, readRecord, type WfdbRecord } from "../../gateway/recordings/wfdb.ts";
import { strictListener } from "../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import type { PersonCommit, Snapshot, Watermark } from "../../gateway/store/store-port.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { journalInto } from "../support/journal-into.ts";
import { sent } from "../toys/models/lives.ts";

type Unusual = Fact & { readonly kind: "unusual" };

const person = "person-a";
const startUs = 1_700_000_000_000_000;
const learnS = 45;
let models: Models;
let committed: Models;

beforeAll(async () => {
  const registry = {
    "ecg-beat": modelRegistry["ecg-beat"] as NonNullable<(typeof modelRegistry)["ecg-beat"]>,
    "own-shape": {
      load: async () => (await import("../toys/models/own-shape/spec.ts")).ownShape as ModelSpec,
      manifestSha256: "7af4dfd8dd7aa719781bda9b3e62970e1dbf2a3223bdb369b25073d78d893357",
    },
  };
  models = await startModels({ clock: virtualClock(), timeouts: false, registry });
  committed = await startModels({ clock: virtualClock(), timeouts: false });
});
afterAll(() => Promise.all([models.host.close(), committed.host.close()]));

async function strap(): Promise<SignalSource> {
  const excerpt = await loadExcerpt("mitdb-230");
  return recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] });
}

/** A record's first lead as a strap sends it, round and round. */
function strapOf({ header, signals }: WfdbRecord): SignalSource {
  const { gain, baseline, unit } = header.signals[0] as (typeof header.signals)[number];
  const channel = { lead: "MLII", samples: Int16Array.from(signals[0] ?? []), scale: 1 / gain, offset: -baseline / gain, unit };
  return recordingSource(
    { rateHz: header.rateHz, channels: [channel] },
    { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] },
  );
}

/** Eleven seconds of usual beats of another wearer again and again, for nine minutes; behind the first of them faster, up to 1.6 times, and back. */
async function atWork(): Promise<SignalSource> {
  const path = excerptPath("mitdb-205");
  const [record, { annotations }] = await Promise.all([readRecord(path), readAnnotations(path, "atr")]);
  const peaks = annotations.filter(({ symbol }) => symbol === "N").map(({ sample }) => sample);
  const cutAt = (s: number) => (peaks.find((at) => at > s * 360) as number) + 144;
  const [from, to] = [cutAt(1), cutAt(12)];
  const times = Math.ceil((540 * 360) / (to - from));
  const turns = Array.from({ length: times }, (_, turn) => turn * (to - from) - from);
  const within = peaks.filter((at) => at >= from && at < to);
  const whole = Int32Array.from({ length: times * (to - from) }, (_, i) => record.signals[0]?.[from + (i % (to - from))] as number);
  const reference = turns.flatMap((offset) => within.map((at) => annotation(at + offset, "N")));
  return strapOf(atExercise({ ...record, signals: [whole] }, reference, 1.6).record);
}

interface Life {
  /** Killed after so many chunks, with a snapshot some chunks before; afterwards the model is of this version. */
  readonly fall?: { readonly snapshotAt: number; readonly killedAt: number; readonly version?: string };
  readonly acts?: readonly DatedLearnAct[];
  readonly blocks?: boolean;
  /** The toy unless told. */
  readonly by?: Models;
}

interface Lived {
  readonly facts: readonly Unusual[];
  /** As they were stored when they were raised. */
  readonly alerts: readonly AlertRecord[];
}

const secondsOf = (us: number) => (us - startUs) / 1e6;

async function live(chunks: readonly Chunk[], { fall, acts = [], blocks = true, by = models }: Life = {}): Promise<Lived> {
  const driverOf = await loadDrivers([]);
  const kept: { mark?: Watermark; snapshot?: Snapshot } = {};
  const journalled: Chunk[] = [];
  let [nowUs, life, version] = [0, 0, "1"];
  const facts: Unusual[] = [];
  const alerts = new Map<string, AlertRecord>();
  const open = () => {
    const own = ++life;
    return createPipeline({
      ...{ journal: journalInto(journalled), driverOf, personOf: () => person, nowUs: () => nowUs },
      store: {
        async commit({ mark, snapshot, alerts: rows = [] }: PersonCommit) {
          if (own !== life) return;
          Object.assign(kept, mark === undefined ? {} : { mark }, snapshot === undefined ? {} : { snapshot });
          for (const alert of rows) if (!alerts.has(alert.id)) alerts.set(alert.id, alert);
        },
        mark: async () => kept,
        events: async () => [],
      },
      ...(blocks ? { blocks: (_person: string, _device: string, span: Span) => blocksOf(journalled, driverOf, span) } : {}),
      person: () => ({
        ...{ profile: { ...defaultProfile, anomalyLearnS: learnS }, models: by.specs, submit: by.host.submit },
        ...{ versions: { ...by.versions, "own-shape": version }, learnActs: () => acts },
      }),
      decider: () => ({ flushS: 2, alerts: createAlertCore({ newId: (key) => key, mode: "real" }) }),
      idle: by.host.idle,
      listener: strictListener({
        onSettled(_person, { derived }) {
          if (own === life) facts.push(...derived.flatMap((each) => (each.kind === "unusual" ? [each] : [])));
        },
      }),
    });
  };
  const give = async (pipeline: ReturnType<typeof open>, from: number, to: number) => {
    for (const chunk of chunks.slice(from, to)) {
      nowUs = chunk.stamps.timeUs;
      pipeline.offer(chunk, () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  let pipeline = open();
  if (fall !== undefined) {
    await give(pipeline, 0, fall.snapshotAt);
    await pipeline.snapshot(person);
    await give(pipeline, fall.snapshotAt, fall.killedAt);
    version = fall.version ?? version;
    pipeline = open();
    await pipeline.recover(person);
  }
  await give(pipeline, fall?.killedAt ?? 0, chunks.length);
  await pipeline.end(person);
  return { facts, alerts: [...alerts.values()] };
}

type Span = { readonly fromUs: number; readonly toUs: number };

async function* blocksOf(chunks: readonly Chunk[], driverOf: Awaited<ReturnType<typeof loadDrivers>>, { fromUs, toUs }: Span) {
  const drivers = new Map<string, ReturnType<NonNullable<ReturnType<typeof driverOf>>["driver"]["create"]>>();
  for (const chunk of chunks) {
    const { driver, options } = driverOf(chunk.device) as NonNullable<ReturnType<typeof driverOf>>;
    const own = drivers.get(chunk.device) ?? driver.create(options as never, chunk.device);
    drivers.set(chunk.device, own);
    const decoded = own.push(chunk);
    if (chunk.stamps.timeUs >= fromUs && chunk.stamps.timeUs <= toUs) yield* decoded;
  }
}

const anomaly = (of: Lived) => of.alerts.filter(({ rule }) => rule === "anomaly.morphology");
const beatsOf = (of: Lived) => new Map(of.facts.map(({ timeUs, judged }) => [timeUs, judged?.score]));

test("a wearer who has learnt for 45 s is told of nine seconds of another shape, with the beats and the minutes that it was learnt from", async () => {
  const chunks = sent([{ device: "strap", source: await strap() }], 80);
  const whole = await live(chunks);
  const [alert] = anomaly(whole);
  if (alert === undefined) throw new Error("nothing was told");
  // The recording's beats are of another shape from 64.5 s to 74 s.
  expect(secondsOf(alert.onsetUs)).toBeGreaterThan(64);
  expect(secondsOf(alert.raisedUs)).toBeLessThan(72);
  expect(alert).toMatchObject({ priority: "low", kind: "physiological", device: "strap", model: { id: "own-shape", version: "1" } });
  expect(alert.evidence?.beats.length).toBeGreaterThanOrEqual(3);
  expect(alert.evidence?.usual).toHaveLength(64);
  const learnt = whole.facts.find(({ judged }) => judged !== undefined);
  expect(secondsOf(learnt?.learning.finishedUs ?? 0)).toBeGreaterThan(learnS);
  expect(secondsOf(learnt?.learning.finishedUs ?? 0)).toBeLessThan(60);
});

test("a restart, before it has learnt or after, changes no judgement and no alert", async () => {
  const chunks = sent([{ device: "strap", source: await strap() }], 80);
  const whole = await live(chunks);
  for (const share of [0.3, 0.75, 0.9]) {
    const killedAt = Math.floor(chunks.length * share);
    const lived = await live(chunks, { fall: { snapshotAt: killedAt - 10, killedAt } });
    // What was under way when it fell is decided by the next life while it recovers, and not shown.
    expect(lived.facts.length).toBeGreaterThan(whole.facts.length - 15);
    for (const [timeUs, score] of beatsOf(lived)) expect(beatsOf(whole).get(timeUs)).toBe(score);
    expect(anomaly(lived)).toEqual(anomaly(whole));
  }
});

test("another version of the model has learnt the same minutes from the record before the first sample comes, and says so", async () => {
  const chunks = sent([{ device: "strap", source: await strap() }], 80);
  const killedAt = Math.floor(chunks.length * 0.75);
  const fall = { snapshotAt: killedAt - 10, killedAt, version: "2" };
  const lived = await live(chunks, { fall });
  const after = lived.facts.filter(({ learning }) => learning.model.version === "2");
  expect(after[0]?.learning).toMatchObject({ isFromRecord: true, of: "chest", finishedUs: expect.any(Number) });
  expect(anomaly(lived)).toHaveLength(1);
  // A journal that has nothing of it: it is learnt from what comes, and nobody is told meanwhile.
  const without = await live(chunks, { fall, blocks: false });
  expect(without.facts.at(-1)?.learning.finishedUs).toBeUndefined();
  expect(anomaly(without)).toEqual([]);
});

test("what a carer calls normal is not told when it comes again, also after a restart", async () => {
  const chunks = sent([{ device: "strap", source: await strap() }], 160);
  const alone = await live(chunks);
  const [alert] = anomaly(alone);
  if (alert?.evidence === undefined) throw new Error("nothing was told");
  const { of, model } = alert.evidence;
  // Every shape of that stretch.
  const seen = alone.facts.filter(({ timeUs, judged }) => (judged?.score ?? 0) > 0.99 && timeUs < startUs + 76e6);
  const evidence = seen.map((each) => ({ ...each.evidence, vector: [...each.evidence.vector] }));
  const act = { kind: "normal", model: model.id, of, evidence, alert: "a1" } as const;
  const acts = [{ number: 1, fromUs: startUs + 100e6, by: "Carer", act }];
  const unlike = ({ facts }: Lived) => facts.filter(({ timeUs, judged }) => timeUs > startUs + 130e6 && (judged?.score ?? 0) > 0.99).length;
  expect(unlike(alone)).toBeGreaterThan(5);
  const told = await live(chunks, { acts });
  expect(unlike(told)).toBe(0);
  expect(told.facts.at(-1)?.learning.normals).toEqual([{ number: 1, atUs: startUs + 100e6, by: "Carer" }]);
  const killedAt = Math.floor(chunks.length * 0.7);
  const again = await live(chunks, { acts, fall: { snapshotAt: killedAt - 20, killedAt } });
  expect(unlike(again)).toBe(0);
  expect(again.facts.at(-1)).toMatchObject({ judged: {}, learning: { normals: [{ number: 1 }] } });
  // Another version of the model has it described by its own network, whether or not the record still has the minutes.
  const fall = { snapshotAt: killedAt - 20, killedAt, version: "2" };
  const other = await live(chunks, { acts, fall });
  expect(unlike(other)).toBe(0);
  expect(other.facts.at(-1)).toMatchObject({ judged: {}, learning: { model: { version: "2" }, normals: [{ number: 1, by: "Carer" }] } });
  const undone = [...acts, { number: 2, fromUs: startUs + 105e6, by: "Carer", act: { kind: "undo", number: 1 } as const }];
  const taken = await live(chunks, { acts: undone, fall });
  expect(unlike(taken)).toBeGreaterThan(5);
});

test("a heart that works beats faster and is as usual: hardly a beat at 1.25 times its pace and more is unlike what was learnt at rest", async () => {
  const lived = await live(sent([{ device: "strap", source: await atWork() }], 520), { by: committed });
  const judged = lived.facts.filter((fact) => fact.judged !== undefined);
  const restMs = judged[0]?.evidence.rrMs ?? 0;
  const fast = judged.filter(({ evidence }) => (evidence.rrMs ?? 0) < restMs / 1.25);
  expect(fast.length).toBeGreaterThan(200);
  expect(fast.filter(({ judged: by }) => (by?.score ?? 0) >= 0.99).length).toBeLessThan(0.05 * fast.length);
  expect(lived.alerts.filter(({ rule }) => rule === "anomaly.morphology" || rule === "device.seat")).toEqual([]);
});

test("the beats of a pacemaker are learnt as its wearer's own, and nothing is told of them", async () => {
  const source = strapOf(await readRecord(fileURLToPath(new URL("./testdata/mitdb-107", import.meta.url))));
  const lived = await live(sent([{ device: "strap", source }], 180), { by: committed });
  const judged = lived.facts.filter((fact) => fact.judged !== undefined);
  expect(judged.length).toBeGreaterThan(80);
  expect(judged.filter(({ judged: by }) => (by?.score ?? 0) >= 0.99).length).toBeLessThan(0.05 * judged.length);
  expect(lived.alerts).toEqual([]);
});
