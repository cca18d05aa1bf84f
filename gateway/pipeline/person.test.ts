import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { labelled, type ModelSpec } from "../../models/model-spec.ts";
import { runs } from "../../test/runs.ts";
import { beatOf } from "../facts/beat.ts";
import { readRecord, type WfdbRecord } from "../recordings/wfdb.ts";
import { chunksOf, recordingDriver, streamsOf } from "../replay/recording-driver.ts";
import { defaultProfile } from "../rules/index.ts";
import { createPerson } from "./person.ts";
import type { PersonState } from "./person-state.ts";
import type { Settled } from "./settle-queue.ts";

const excerpt = fileURLToPath(new URL("../recordings/testdata/205-excerpt", import.meta.url));

/** A beat model whose answer is a plain function of its features, so that a test needs no child process. */
const plainModel: ModelSpec<{ beats: number }, "beat"> = {
  id: "ecg-beat",
  title: "Peak to peak",
  folder: new URL("file:///"),
  input: { kind: "ecg", unit: "mV" },
  trigger: {
    kind: "beat",
    beforeS: 0.3,
    afterS: 0.5,
    runs: [
      { name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 },
      { name: "final", afterS: 0.5, afterBeats: 4, waitS: 3 },
    ],
  },
  labels: ["N", "V"],
  warmupS: 10,
  resultTimeoutMs: 1000,
  initialMemory: () => ({ beats: 0 }),
  features(context, memory, run) {
    if (run === "first") memory.beats++;
    const present = context.samples.filter((value) => !Number.isNaN(value));
    return {
      x: { data: Float32Array.of(Math.max(...present) - Math.min(...present), memory.beats, context.rrAfterS.length), shape: [1, 3] },
    };
  },
  read: ({ y }) => labelled(["N", "V"], (y?.[0] ?? 0) > 2 ? "V" : "N", [(y?.[1] ?? 0) / 1000, (y?.[2] ?? 0) / 10]),
};

let blocks: SampleBlock[];
let record: WfdbRecord;

beforeAll(async () => {
  record = await readRecord(excerpt);
  blocks = blocksOf(record);
});

function blocksOf(of: WfdbRecord): SampleBlock[] {
  const streams = streamsOf(of, "given");
  const driver = recordingDriver(streams).create({}, "recording");
  const span = { fromS: 0, toS: (of.header.frameCount ?? 0) / of.header.rateHz, baseUs: 1_000_000_000 };
  return [...chunksOf(of, streams, span)].flatMap((chunk) => driver.push(chunk));
}

/** `delay`: how many later pushes a model's answer takes. */
function open(saved?: PersonState, delay = 0) {
  const settled: Settled[] = [];
  const waiting: { left: number; answer: () => void }[] = [];
  const person = createPerson({
    profile: defaultProfile,
    models: [plainModel as ModelSpec],
    versions: { "ecg-beat": "1" },
    submit: (_model, tensors, done) =>
      void waiting.push({ left: delay, answer: () => done({ kind: "outputs", outputs: { y: tensors.x?.data ?? new Float32Array() } }) }),
    onSettled: (each) => void settled.push(each),
    ...(saved === undefined ? {} : { saved }),
  });
  const answer = (all = false) => {
    for (const each of waiting) each.left--;
    while (waiting[0] !== undefined && (all || waiting[0].left < 0)) waiting.shift()?.answer();
  };
  const push = (block: SampleBlock) => {
    person.push(block);
    answer();
  };
  const finish = () => {
    person.end();
    answer(true);
  };
  return { person, settled, push, finish };
}

function whole(delay = 0): Settled[] {
  const run = open(undefined, delay);
  for (const block of blocks) run.push(block);
  run.finish();
  return run.settled;
}

describe("a person's river", () => {
  it("finds the beats of a real excerpt and gives each a first and a final class", () => {
    const inputs = whole().map(({ input }) => input);
    const count = (kind: "qrs" | "result", pass?: string) =>
      inputs.filter((input) => input.kind === kind && (pass === undefined || beatOf(input)?.pass === pass)).length;
    expect(count("qrs")).toBeGreaterThan(5);
    expect(count("result", "first")).toBe(count("qrs"));
    expect(count("result", "final")).toBe(count("qrs"));
  });

  it("numbers its items without holes and in one order of time", () => {
    const settled = whole();
    expect(settled.map(({ ordinal }) => ordinal)).toEqual(settled.map((_, i) => i + 1));
    const ticks = settled.flatMap(({ input }) => (input.kind === "tick" ? [input.timeUs] : []));
    for (let i = 1; i < ticks.length; i++) expect((ticks[i] ?? 0) - (ticks[i - 1] ?? 0)).toBe(250_000);
  });

  it("decides the same however late the models answer", () => {
    expect(whole(7)).toEqual(whole(0));
  });

  it("goes on after a restart from any snapshot exactly as if nothing had happened", () => {
    const expected = whole();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: blocks.length - 1 }), fc.integer({ min: 0, max: 6 }), (cut, delay) => {
        const first = open(undefined, delay);
        for (const block of blocks.slice(0, cut)) first.push(block);
        let state: PersonState | undefined;
        first.person.checkpoint((reached) => {
          state = deserialize(serialize(reached)) as PersonState;
        });
        first.finish();
        expect(state).toBeDefined();
        const second = open(state, delay);
        for (const block of blocks.slice(cut)) second.push(block);
        second.finish();
        const before = first.settled.filter(({ ordinal }) => ordinal <= (state?.ordinal ?? 0));
        expect([...before, ...second.settled]).toEqual(expected);
      }),
      runs(12),
    );
  });

  it("ticks the same whether a timer or the next block moves the grid", () => {
    const run = open();
    for (const block of blocks) {
      for (let us = block.stamps.timeUs - 240_000; us <= block.stamps.timeUs; us += 60_000) run.person.advance(us);
      run.push(block);
    }
    run.finish();
    expect(run.settled).toEqual(whole());
  });

  it("lets its items go at the times of the new axis once that has begun, so that no mark stays where the old one was", () => {
    const run = open();
    const aheadUs = 10 * 365 * 86_400_000_000;
    for (const block of blocks) run.push({ ...block, stamps: { ...block.stamps, timeUs: block.stamps.timeUs + aheadUs } });
    run.person.renewAxis();
    for (const block of blocks) run.push(block);
    expect(run.person.newest.releasedUs).toBe(blocks.at(-1)?.stamps.timeUs);
  });

  it("keeps a snapshot small", () => {
    const run = open();
    for (const block of blocks) run.push(block);
    run.finish();
    let size = 0;
    run.person.checkpoint((state) => {
      size = serialize(state).length;
    });
    expect(size).toBeGreaterThan(1000);
    expect(size).toBeLessThan(80_000);
  });
});
