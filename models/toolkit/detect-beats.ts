/** Runs the gateway's own QRS detector over float32 files for the training scripts: lines `rateHz path` on stdin, R peaks to `path.peaks`. It trains nothing. */

import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { createQrsDetector } from "../signal/qrs.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const [rate = "", ...path] = line.split(" ");
  const file = path.join(" ");
  const bytes = await readFile(file);
  const samplesMv = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const peaks = createQrsDetector({ rateHz: Number(rate) }).push(samplesMv);
  await writeFile(`${file}.peaks`, `${peaks.map((p) => p.index).join("\n")}\n`);
}
