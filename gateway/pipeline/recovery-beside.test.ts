import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Chunk, Driver } from "../../device-drivers/contract/driver.ts";
import { createAlertCore } from "../alert/core.ts";
import { readRecord } from "../recordings/wfdb.ts";
import { chunksOf, recordingDriver, streamsOf } from "../replay/recording-driver.ts";
import { defaultProfile } from "../rules/index.ts";
import { createPipeline } from "./pipeline.ts";
import type { PipelineOptions } from "./pipeline-options.ts";

const record = await readRecord(fileURLToPath(new URL("../recordings/testdata/205-excerpt", import.meta.url)));
const streams = streamsOf(record, "given");
const chunks = [...chunksOf(record, streams, { fromS: 0, toS: 10, baseUs: 1_000_000_000 })];

/** Person A wears the recording's device; a journal of which one person's part can be held back. */
function river(readOf: (person: string) => AsyncGenerator<never>) {
  const settled: string[] = [];
  const pipeline = createPipeline({
    journal: {
      offer: (_lane: string, _chunk: Chunk, done: (error: undefined, position: number) => void) => done(undefined, 1),
      read: (lane: string) => readOf(lane),
      last: async () => undefined,
    },
    store: { commit: async () => {}, mark: async () => ({}), events: async () => [] },
    driverOf: () => ({ driver: recordingDriver(streams) as Driver, options: {} }),
    personOf: () => "person-a",
    person: () => ({ profile: defaultProfile, models: [], versions: {}, submit() {} }),
    decider: () => ({ flushS: 60, alerts: createAlertCore({ newId: (key) => key, mode: "real" }) }),
    idle: () => new Promise<void>((resolve) => setImmediate(resolve)),
    nowUs: () => 0,
    listener: {
      ...{ onAlert() {}, onEvents() {}, onStripsDue() {}, onStoreError() {}, onReply() {} },
      onFault: (error: Error) => expect.unreachable(error.message),
      onSettled: (person: string, { input }: { input: { kind: string } }) => settled.push(`${person} ${input.kind}`),
    },
  } as unknown as PipelineOptions);
  return { pipeline, settled };
}

test("while one person's record is read back, what the others' rivers settle is told", async () => {
  const gate = Promise.withResolvers<void>();
  const { pipeline, settled } = river(async function* (person) {
    if (person === "person-b") await gate.promise;
    yield* [];
  });
  await pipeline.recover("person-a");
  const recovering = pipeline.recover("person-b");
  await new Promise<void>((resolve) => setImmediate(resolve));
  for (const chunk of chunks) pipeline.offer(chunk, () => {});
  expect(settled).toContain("person-a quality");
  gate.resolve();
  await recovering;
  await pipeline.close();
});
