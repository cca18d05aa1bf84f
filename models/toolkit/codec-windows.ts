/**
 * The weighted windows of signals, as `ecg-codec` cuts them: reads lines `RATE_HZ PATH` on stdin, where PATH holds float32 and PATH.peaks the samples of R peaks,
 * and writes PATH.windows, float32 by window.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { addLine, levelAt, pointsOf, segmentsOf, weightsOf, windowOf } from "../ecg-codec/grid.ts";

for (const line of readFileSync(0, "utf8").split("\n")) {
  const [rate = "", path] = line.split(" ");
  if (path === undefined) continue;
  const bytes = readFileSync(path);
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const peaks = readFileSync(`${path}.peaks`, "utf8").split(/\s+/).filter(Boolean).map(Number);
  const segments = segmentsOf(samples.length, Number(rate), peaks);
  const levels = segments.map((segment) => levelAt(samples, segment));
  const windows = segments.map((segment, i) => {
    const points = pointsOf(samples, segment);
    addLine(points, -1, levels[i] ?? 0, levels[i + 1] ?? levels[i] ?? 0);
    const weights = weightsOf(segment.count);
    return Float32Array.from(windowOf(points), (value, j) => value * (weights[j] ?? 0));
  });
  writeFileSync(`${path}.windows`, Buffer.concat(windows.map((window) => Buffer.from(window.buffer))));
}
