/** What odds a coder's contexts should begin with, from the bits that were seen under them. */

import { writeOdds } from "../semantic/codecs/odds.ts";
import { costOf, type Odds } from "../semantic/codecs/range-coder.ts";

/** Bits under each context, frame by frame. */
export type Seen = Map<number, number[][]>;

/** Fewer bits than this saved over all frames, and a context stays even. */
const leastSaved = 12;
const worths = [0, 1, 2, 4, 7, 12, 20, 36, 60];

/** As a text of TypeScript in lines. */
export function oddsText(seen: Seen): string {
  const text = writeOdds([...seen].flatMap(([context, frames]) => oddsOf(context, frames) ?? []));
  return (text.match(/.{1,120}/g) ?? []).map((line) => `  "${line}"`).join(" +\n");
}

/** Notes the bits of one frame. */
export function within(seen: Seen, walk: (bit: (context: number, bit: number) => number) => void): void {
  const frame = new Map<number, number[]>();
  walk((context, bit) => {
    const bits = frame.get(context);
    if (bits === undefined) frame.set(context, [bit]);
    else bits.push(bit);
    return bit;
  });
  for (const [context, bits] of frame) {
    const frames = seen.get(context);
    if (frames === undefined) seen.set(context, [bits]);
    else frames.push(bits);
  }
}

/** The odds that would have cost least; undefined where even ones cost hardly more. */
function oddsOf(context: number, frames: readonly (readonly number[])[]): Odds | undefined {
  const bits = frames.flat();
  const zeros = bits.filter((bit) => bit === 0).length;
  const zero = Math.max(1, Math.min(255, Math.round((256 * (zeros + 0.4)) / (bits.length + 0.8))));
  const cost = (odds: Pick<Odds, "zero" | "worth">) => frames.reduce((sum, frame) => sum + costOf(frame, odds), 0);
  const tried = worths.map((worth) => ({ context, zero, worth }));
  const best = tried.reduce((least, odds) => (cost(odds) < cost(least) ? odds : least));
  return cost({ zero: 128, worth: 0 }) - cost(best) < leastSaved ? undefined : best;
}
