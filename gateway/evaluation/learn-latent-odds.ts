/**
 * Learns models/ecg-codec/odds.ts from signals and prints it: node gateway/evaluation/learn-latent-odds.ts FILE…, each `RATE_HZ:MV_PER_COUNT:PATH`,
 * where PATH holds float32 counts and PATH.peaks the samples of R peaks. `models/ecg-codec/train/train.py` calls it.
 */

import { readFileSync } from "node:fs";
import { segmentsOf } from "../../models/ecg-codec/grid.ts";
import { walkWindows } from "../semantic/codecs/latent-symbols.ts";
import { learned, readWindows } from "../semantic/codecs/learned.ts";
import { encodeWithin } from "../semantic/encode-within.ts";
import { oddsText, type Seen, within } from "./odds-of.ts";

/** A frame of the gateway holds a minute. */
const windowS = 60;

function learnFrom(seen: Seen, rateHz: number, mvPerCount: number, path: string): void {
  const bytes = readFileSync(path);
  const signal = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const all = readFileSync(`${path}.peaks`, "utf8").split(/\s+/).filter(Boolean).map(Number);
  const length = windowS * rateHz;
  for (let from = 0; from + length <= signal.length; from += length) {
    const samples = Int32Array.from(signal.subarray(from, from + length), Math.round);
    const own = all.filter((peak) => peak >= from && peak < from + length).map((peak) => peak - from);
    const { codec, code, peaks } = encodeWithin({ samples, rateHz, peaks: own, mvPerCount }, [learned]);
    if (codec !== learned.number) continue;
    const { length: count } = segmentsOf(length, rateHz, peaks);
    const windows = readWindows(code, count);
    within(seen, (bit) => walkWindows(count, windows, { bit }));
  }
}

const seen: Seen = new Map();
for (const file of process.argv.slice(2)) {
  const [rateHz, mvPerCount, ...path] = file.split(":");
  learnFrom(seen, Number(rateHz), Number(mvPerCount), path.join(":"));
}
process.stdout.write(`/** What is usual in levels and latents. Made by gateway/evaluation/learn-latent-odds.ts. */

export const latentOdds =
${oddsText(seen)};
`);
