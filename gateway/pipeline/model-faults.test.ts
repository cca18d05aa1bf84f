/** What a faulty model costs a person's river: its own answers, and nothing else. */

import { deserialize, serialize } from "node:v8";
import { beforeAll, expect, test } from "vitest";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { labelled, type ModelSpec } from "../../models/model-spec.ts";
import { beatOf } from "../facts/beat.ts";
import { defaultProfile } from "../rules/index.ts";
import { createPerson } from "./person.ts";
import type { PersonState } from "./person-state.ts";
import type { Settled } from "./settle-queue.ts";
import { excerptBlocks } from "./testdata/excerpt-blocks.ts";

let blocks: SampleBlock[];

beforeAll(async () => {
  blocks = await excerptBlocks();
});

/** Calls everything a normal beat with p = 0.7, and counts the beats that it has been shown. */
function beatModel(more: Partial<ModelSpec<{ beats: number }, "beat">> = {}): ModelSpec {
  const spec: ModelSpec<{ beats: number }, "beat"> = {
    id: "ecg-beat",
    title: "All normal",
    folder: new URL("file:///"),
    input: { kind: "ecg", unit: "mV" },
    trigger: { kind: "beat", beforeS: 0.3, afterS: 0.5, runs: [{ name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 }] },
    labels: ["N", "V"],
    warmupS: 10,
    resultTimeoutMs: 1000,
    initialMemory: () => ({ beats: 0 }),
    features(_context, memory) {
      memory.beats++;
      return { x: { data: Float32Array.of(memory.beats), shape: [1] } };
    },
    read: () => labelled(["N", "V"], "N", [0.7, 0.3]),
    ...more,
  };
  return spec as ModelSpec;
}

function open(models: readonly ModelSpec[], saved?: PersonState) {
  const settled: Settled[] = [];
  const faults: string[] = [];
  const person = createPerson({
    ...{ profile: defaultProfile, models, versions: Object.fromEntries(models.map(({ id }) => [id, "1"])) },
    submit: (_model, { x }, done) => done({ kind: "outputs", outputs: { x: x?.data ?? new Float32Array() } }),
    onSettled: (each) => void settled.push(each),
    onPartFault: (part) => void faults.push(part),
    ...(saved === undefined ? {} : { saved }),
  });
  const of = <Kind extends Settled["input"]["kind"]>(kind: Kind) =>
    settled.flatMap(({ input }) => (input.kind === kind ? [input as Settled["input"] & { kind: Kind }] : []));
  const beats = () => settled.flatMap(({ input }) => beatOf(input) ?? []);
  return { person, settled, faults, of, beats };
}

function whole(models: readonly ModelSpec[]) {
  const run = open(models);
  for (const block of blocks) run.person.push(block);
  run.person.end();
  return run;
}

test("an answer that cannot be read is an unknown class with its reason; everything behind it is decided, kept and ended as ever", () => {
  const fails = beatModel({
    read() {
      throw new TypeError("no such output");
    },
  });
  const run = open([fails]);
  for (const block of blocks) run.person.push(block);
  let state: PersonState | undefined;
  run.person.checkpoint((reached) => {
    state = reached;
  });
  run.person.end();
  const beats = run.beats();
  expect(beats.length).toBe(run.of("qrs").length);
  expect(new Set(beats.map(({ label, reason }) => `${label} ${reason}`))).toEqual(new Set(["unknown unreadable"]));
  expect(run.faults).toEqual(beats.map(() => "model/ecg-beat"));
  expect(state?.ordinal).toBeGreaterThan(beats.length);
  // The recording's end is the last that is settled: nothing waits in the queue.
  expect(run.settled.at(-1)?.ordinal).toBe(run.person.newest.ordinal);
});

test.each([
  ["a label that it does not have", () => labelled(["N", "P"], "P", [0.7, 0.3])],
  ["a probability that is no number", () => labelled(["N", "V"], "N", [Number.NaN, Number.NaN])],
  ["no probability", () => labelled(["N", "V"], "N", [])],
])("%s is no class of a beat", (_what, read) => {
  const run = whole([beatModel({ read })]);
  expect(new Set(run.beats().map(({ label }) => label))).toEqual(new Set(["unknown"]));
});

test.each([
  [new Float32Array(60).fill(0.5), "pose"],
  [new Float32Array(60).fill(Number.NaN), "unknown"],
  [new Float32Array(56), "unknown"],
])("a body comes whole or not at all", (rotations, kind) => {
  const run = whole([beatModel({ read: () => ({ kind: "pose", rateHz: 30, rotations, states: new Uint8Array(15) }) })]);
  expect(new Set(run.of("result").map(({ outcome }) => outcome.kind))).toEqual(new Set([kind]));
});

test("the stored confidence is the probability of the label, not the largest", () => {
  const run = whole([beatModel({ read: () => labelled(["N", "V"], "V", [0.72, 0.24]) })]);
  expect(new Set(run.beats().map(({ confidence }) => confidence))).toEqual(new Set([0.24]));
});

test("a throw in features costs its own window: every other fact reaches the rules, and the model's memory is as it was before", () => {
  const healthy = whole([beatModel()]);
  let calls = 0;
  const shown: number[] = [];
  const fails = beatModel({
    features(_context, memory) {
      memory.beats++;
      shown.push(memory.beats);
      if (++calls % 3 === 0) throw new RangeError("an odd beat");
      return { x: { data: Float32Array.of(memory.beats), shape: [1] } };
    },
  });
  const run = whole([fails]);
  const besideBeats = (each: typeof run) => each.settled.filter(({ input }) => input.kind !== "result").map(({ input }) => input);
  expect(run.of("qrs").length).toBeGreaterThan(5);
  expect(besideBeats(run)).toEqual(besideBeats(healthy));
  const lost = run.beats().filter(({ label }) => label === "unknown");
  expect(lost.length).toBe(Math.floor(run.beats().length / 3));
  expect(lost.every(({ reason }) => reason === "features")).toBe(true);
  expect(run.faults).toEqual(lost.map(() => "model/ecg-beat"));
  // The third beat is forgotten: the fourth is counted as the third.
  expect(shown.slice(0, 5)).toEqual([1, 2, 3, 3, 4]);
});

test("a memory that cannot be kept costs its window, and a state can be kept all the same", () => {
  const run = open([
    beatModel({
      features(_context, memory) {
        Object.assign(memory, { later: () => 1 });
        return { x: { data: Float32Array.of(1), shape: [1] } };
      },
    }),
  ]);
  for (const block of blocks) run.person.push(block);
  let bytes = 0;
  run.person.checkpoint((state) => {
    bytes = serialize(state).length;
  });
  expect(bytes).toBeGreaterThan(1000);
  expect(run.faults.length).toBeGreaterThan(5);
});

test("a river whose model fails goes on after a restart exactly as if nothing had happened", () => {
  const fails = () =>
    beatModel({
      features(_context, memory) {
        if (memory.beats % 2 === 1) throw new RangeError("an odd beat");
        memory.beats++;
        return { x: { data: Float32Array.of(memory.beats), shape: [1] } };
      },
    });
  const expected = whole([fails()]).settled;
  const cut = Math.floor(blocks.length / 2);
  const first = open([fails()]);
  for (const block of blocks.slice(0, cut)) first.person.push(block);
  let state: PersonState | undefined;
  first.person.checkpoint((reached) => {
    state = deserialize(serialize(reached)) as PersonState;
  });
  first.person.end();
  const second = open([fails()], state);
  for (const block of blocks.slice(cut)) second.person.push(block);
  second.person.end();
  expect([...first.settled.filter(({ ordinal }) => ordinal <= (state?.ordinal ?? 0)), ...second.settled]).toEqual(expected);
});

test("a second model on beats gives results under its own name and doubles no beat", () => {
  const other = beatModel({ id: "beat-shape", labels: ["wide", "narrow"], read: () => labelled(["wide", "narrow"], "wide", [0.9, 0.1]) });
  const run = whole([beatModel(), other]);
  expect(run.beats()).toEqual(whole([beatModel()]).beats());
  const results = run.of("result").filter(({ model }) => model.id === "beat-shape");
  expect(results.length).toBe(run.beats().length);
  expect(results[0]).toMatchObject({
    model: { id: "beat-shape", version: "1" },
    outcome: { kind: "label", label: "wide", probability: 0.9 },
  });
});

test("a model that is new since the snapshot is asked from there on, and changes nothing for the one that was there", () => {
  const cut = Math.floor(blocks.length / 2);
  const first = open([beatModel()]);
  for (const block of blocks.slice(0, cut)) first.person.push(block);
  let state: PersonState | undefined;
  first.person.checkpoint((reached) => {
    state = deserialize(serialize(reached)) as PersonState;
  });
  // It looks farther back than any other: the ring of the last seconds grows.
  const trigger = { kind: "beat", beforeS: 4, afterS: 0.5, runs: [{ name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 }] } as const;
  const contexts: number[] = [];
  const added = beatModel({
    ...{ id: "beat-shape", trigger },
    features(context, memory) {
      contexts.push(context.samples.slice(context.rIndex).filter(Number.isNaN).length);
      memory.beats++;
      return { x: { data: Float32Array.of(memory.beats), shape: [1] } };
    },
  });
  const run = (models: readonly ModelSpec[]) => {
    const second = open(models, state);
    for (const block of blocks.slice(cut)) second.person.push(block);
    second.person.end();
    return second;
  };
  const [without, withNew] = [run([beatModel()]), run([beatModel(), added])];
  expect(withNew.faults).toEqual([]);
  expect(withNew.beats()).toEqual(without.beats());
  const fromUs = without.beats()[0]?.timeUs ?? 0;
  const results = withNew.of("result").filter(({ model }) => model.id === "beat-shape");
  expect(results.length).toBe(without.beats().length);
  expect(results.every(({ timeUs }) => timeUs >= fromUs)).toBe(true);
  expect(contexts.slice(0, -3).every((missing) => missing === 0)).toBe(true);
});
