/** Runs an ONNX file over many windows for the training scripts (calibration, checks): one job as JSON on stdin, raw float32 in and out. Never part of the gateway. */

import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { InferenceSession, Tensor } from "../onnx-runtime.ts";

interface Job {
  readonly model: string;
  readonly count: number;
  readonly inputs: readonly { readonly name: string; readonly path: string; readonly shape: readonly number[] }[];
  readonly result: string;
}

const job: Job = JSON.parse(await text(process.stdin));
const session = await InferenceSession.create(job.model, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
});
const inputs = await Promise.all(
  job.inputs.map(async ({ name, path, shape }) => {
    const bytes = await readFile(path);
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    return { name, shape, data, size: shape.reduce((a, b) => a * b, 1) };
  }),
);
const rows = new Map<string, Float32Array[]>(session.outputNames.map((name) => [name, []]));
for (let i = 0; i < job.count; i++) {
  const feeds = Object.fromEntries(
    inputs.map((x) => [x.name, new Tensor("float32", x.data.subarray(i * x.size, (i + 1) * x.size), x.shape)]),
  );
  const outputs = await session.run(feeds);
  for (const [name, list] of rows) list.push(Float32Array.from(outputs[name]?.data as Float32Array));
}
await writeFile(`${job.result}.json`, JSON.stringify([...rows.keys()]));
let index = 0;
for (const list of rows.values()) {
  const size = list[0]?.length ?? 0;
  const all = new Float32Array(size * list.length);
  list.forEach((row, i) => {
    all.set(row, i * size);
  });
  await writeFile(`${job.result}-${index++}.f32`, new Uint8Array(all.buffer));
}
