/** Beats and rates of the heart by lead II: of each "RATE PATH" on stdin (float32 mV, NaN where there is none) PATH.json, as `npm run eval -- ppg` has them. */

import { readFileSync, writeFileSync } from "node:fs";
import { pulseReference } from "../signal/pulse-reference.ts";

for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const space = line.indexOf(" ");
  const path = line.slice(space + 1);
  const bytes = readFileSync(path);
  const mv = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  writeFileSync(`${path}.json`, JSON.stringify(pulseReference(mv, Number(line.slice(0, space)))));
}
