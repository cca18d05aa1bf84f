/** A snapshot's parts: each begins afresh alone, and one from before there were parts is whole. */

import { deserialize, serialize } from "node:v8";
import { beforeAll, expect, test } from "vitest";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { labelled, type ModelSpec } from "../../models/model-spec.ts";
import { createRules, defaultProfile } from "../rules/index.ts";
import { createPerson } from "./person.ts";
import type { PersonState } from "./person-state.ts";
import { fromBytes, type Parts, type Reader, type RunState, toBytes } from "./snapshot.ts";
import { excerptBlocks } from "./testdata/excerpt-blocks.ts";
import { warmUp } from "./warm-up.ts";

let blocks: SampleBlock[];

beforeAll(async () => {
  blocks = await excerptBlocks();
});

/** Counts the beats that it has been shown. */
const counting = (id: string): ModelSpec => {
  const spec: ModelSpec<{ beats: number }> = {
    ...{ id, title: id, folder: new URL("file:///"), labels: ["N"], warmupS: 3600, resultTimeoutMs: 1000 },
    input: { kind: "ecg", unit: "mV" },
    trigger: { kind: "beat", beforeS: 0.3, afterS: 0.5, runs: [{ name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 }] },
    initialMemory: () => ({ beats: 0 }),
    features(_context, memory) {
      memory.beats++;
      return { x: { data: Float32Array.of(memory.beats), shape: [1] } };
    },
    read: () => labelled(["N"], "N", [1]),
  };
  return spec as ModelSpec;
};

function readerOf(versions: Readonly<Record<string, string>>, driver = "recording"): Reader {
  return { specs: Object.keys(versions).map(counting), modelVersion: (id) => versions[id] ?? "", driverName: () => driver };
}

const home = { "ecg-beat": "1.0.0" };

/** The state after so many blocks, with its driver and decider. */
function stateAfter(count: number): RunState {
  let person: PersonState | undefined;
  const river = createPerson({
    ...{ profile: defaultProfile, models: readerOf(home).specs, versions: home, onSettled() {} },
    submit: (_model, _tensors, settled) => settled({ kind: "unknown", reason: "down" }),
  });
  for (const block of blocks.slice(0, count)) river.push(block);
  river.checkpoint((reached) => {
    person = reached;
  });
  return { person: person as PersonState, takenUs: 1, decider: { packed: [1] }, drivers: [["recording", { taken: 7 }]] };
}

const memoriesIn = ({ person }: RunState) =>
  Object.fromEntries((person.memories ?? []).map(({ model, memory }) => [model, (memory as { beats: number }).beats]));

test("what was written is read again, part by part, with nothing afresh", () => {
  const state = stateAfter(40);
  const { state: read, fresh } = fromBytes(toBytes(state, readerOf(home)), readerOf(home));
  expect(fresh).toEqual([]);
  expect(read).toEqual(state);
  const { format, parts } = deserialize(toBytes(state, readerOf(home))) as { format: number; parts: Parts };
  expect(format).toBe(1);
  expect(Object.entries(parts).map(([name, { version }]) => `${name} ${version}`)).toEqual(
    expect.arrayContaining([
      "river 1",
      "decider 1",
      "driver/recording recording",
      "rules/heart-rate 1",
      expect.stringMatching(/^model\/ecg-beat\/.* 1\.0\.0$/),
    ]),
  );
});

test("a model that has seen nothing yet is not afresh at the next start", () => {
  const state = stateAfter(1);
  expect(memoriesIn(state)).toEqual({});
  const { state: read, fresh } = fromBytes(toBytes(state, readerOf(home)), readerOf(home));
  expect(fresh).toEqual([]);
  expect(read).toEqual(state);
});

test("a model of another version begins afresh, alone; so does one that is new", () => {
  const state = stateAfter(40);
  const bytes = toBytes(state, readerOf(home));
  const other = fromBytes(bytes, readerOf({ "ecg-beat": "1.1.0" }));
  expect(other.fresh).toEqual([expect.stringMatching(/^model\/ecg-beat\//)]);
  expect(memoriesIn(other.state)).toEqual({});
  expect(other.state.person.lanes).toEqual(state.person.lanes);
  expect(other.state.decider).toEqual(state.decider);
  const both = fromBytes(bytes, readerOf({ ...home, "beat-shape": "1" }));
  expect(both.fresh).toEqual([expect.stringMatching(/^model\/beat-shape\//)]);
  expect(memoriesIn(both.state)).toEqual(memoriesIn(state));
});

test("what begins afresh is fed what came before: a new model remembers as much as one that was always there", async () => {
  const state = stateAfter(40);
  const reader = readerOf({ ...home, "beat-shape": "1" });
  const restored = fromBytes(toBytes(state, readerOf(home)), reader);
  const asked: { fromUs: number; toUs: number }[] = [];
  const warmed = await warmUp(restored, {
    ...{ profile: defaultProfile, models: reader.specs, versions: { ...home, "beat-shape": "1" }, reader, toUs: 5e9 },
    async *blocks(_device, span) {
      asked.push(span);
      yield* blocks.slice(0, 40);
    },
  });
  expect(memoriesIn(state)["ecg-beat"]).toBeGreaterThan(3);
  expect(memoriesIn(warmed)).toEqual({ "ecg-beat": memoriesIn(state)["ecg-beat"], "beat-shape": memoriesIn(state)["ecg-beat"] });
  expect({ ...warmed.person, memories: [] }).toEqual({ ...state.person, memories: [] });
  // Its own hour, and the time in which a detector finds its footing.
  expect(asked).toEqual([{ fromUs: 5e9 - 3620e6, toUs: 5e9 }]);
});

test("a device that has another driver now begins afresh, and its person's river does not", () => {
  const state = stateAfter(20);
  const { state: read, fresh } = fromBytes(toBytes(state, readerOf(home)), readerOf(home, "hearth-stream"));
  expect(fresh).toEqual(["driver/recording"]);
  expect(read).toEqual({ ...state, drivers: [["recording", undefined]] });
});

test("a snapshot from before there were parts is read whole, the memories that its stages kept among it", () => {
  const state = stateAfter(40);
  const { memories = [], ...person } = state.person;
  const kept = memories.map(({ model, memory }) => [model, memory]);
  const old = {
    ...state,
    person: { ...person, lanes: person.lanes.map((lane) => ({ ...lane, stage: { ...(lane.stage as object), memory: kept } })) },
  };
  const { state: read, fresh } = fromBytes(serialize(old), readerOf(home));
  expect(fresh).toEqual([]);
  expect(memoriesIn(read)).toEqual(memoriesIn(state));
  expect(read.decider).toEqual(state.decider);
  expect(read.drivers).toEqual(state.drivers);
  expect(read.person.rules).toEqual(state.person.rules);
});

test("a snapshot of a format of tomorrow is refused whole", () => {
  expect(() => fromBytes(serialize({ format: 2, parts: {} }), readerOf(home))).toThrow("format 2");
});

test("a family of which nothing was kept holds no condition of its own over others", () => {
  const begin = {
    kind: "begin",
    device: "strap",
    stream: "ecg",
    alertKind: "physiological",
    onsetUs: 1,
    timeUs: 1,
    quality: "good",
  } as const;
  const { families } = createRules(defaultProfile).state() as { families: Record<string, unknown> };
  const { "rhythm-runs": _runs, "heart-rate": _rate, ...others } = families;
  const vt = { ...begin, rule: "rhythm.vt", priority: "high" } as const;
  const active = [
    vt,
    { ...begin, rule: "hr.low", priority: "medium" },
    { ...begin, rule: "hr.high", priority: "medium", inhibitedBy: "rhythm.vt" },
  ];
  const rules = createRules(defaultProfile, { families: others, spans: [], active });
  const told = rules.push({ kind: "tick", timeUs: 250_000 }).flatMap((each) => ("rule" in each ? [`${each.kind} ${each.rule}`] : []));
  expect(told).toEqual(["begin hr.high", "end hr.low", "end hr.high"]);
  expect(rules.push({ kind: "tick", timeUs: 500_000 })).toEqual([]);
});
