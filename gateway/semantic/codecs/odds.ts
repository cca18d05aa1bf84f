/** Tables of usual odds as text, three bytes a row: how far on the next context is, its zero in 1/256, what that is worth in bits. */

import type { Odds } from "./range-coder.ts";

const farthest = 255;

export function readOdds(text: string): Odds[] {
  const bytes = Buffer.from(text, "base64");
  const odds: Odds[] = [];
  let context = 0;
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    const [step = 0, zero = 0, worth = 0] = bytes.subarray(at, at + 3);
    context += step;
    // A zero is never impossible: such a row only goes on.
    if (zero > 0) odds.push({ context, zero, worth });
  }
  return odds;
}

export function writeOdds(odds: readonly Odds[]): string {
  const bytes: number[] = [];
  let before = 0;
  for (const { context, zero, worth } of [...odds].sort((a, b) => a.context - b.context)) {
    for (; context - before > farthest; before += farthest) bytes.push(farthest, 0, 0);
    bytes.push(context - before, zero, worth);
    before = context;
  }
  return Buffer.from(bytes).toString("base64");
}
