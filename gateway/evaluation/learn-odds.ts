/**
 * Learns the tables of semantic/usual-odds.ts from what a replay of DS1 in mode semantic sends, and prints that file:
 * node gateway/evaluation/learn-odds.ts DIR, where DIR holds NAME.sem of the records to learn from. Symbols and coefficients are learnt apart.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { walkCoefficients } from "../semantic/codecs/coefficients.ts";
import { writeOdds } from "../semantic/codecs/odds.ts";
import { costOf, type Odds } from "../semantic/codecs/range-coder.ts";
import { beatWavelet, readQuantised } from "../semantic/codecs/wavelet.ts";
import { codeEvents } from "../semantic/compact-events.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { symbolsOf } from "../semantic/symbols.ts";
import { codeWaveform } from "../semantic/waveform-code.ts";
import { readFrames } from "../twin/decode.ts";

/** Bits under each context, frame by frame. */
type Seen = Map<number, number[][]>;

/** Fewer bits than this saved over all frames, and a context stays even. */
const leastSaved = 12;
const worths = [0, 1, 2, 4, 7, 12, 20, 36, 60];

function main(dir: string): void {
  const [symbols, coefficients]: [Seen, Seen] = [new Map(), new Map()];
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".sem")))
    learn(
      readFrames(readFileSync(join(dir, file))).map(({ p }) => decodePayload(p)),
      symbols,
      coefficients,
    );
  const text = (seen: Seen) =>
    (writeOdds([...seen].flatMap(([context, frames]) => oddsOf(context, frames) ?? [])).match(/.{1,120}/g) ?? [])
      .map((line) => `  "${line}"`)
      .join(" +\n");
  process.stdout.write(`/** What is usual in symbols and in wavelet coefficients. Made by evaluation/learn-odds.ts; codecs and layouts that use it change their number with it. */

import { readOdds } from "./codecs/odds.ts";

export const usualSymbols = readOdds(
${text(symbols)},
);

export const usualCoefficients = readOdds(
${text(coefficients)},
);
`);
}

function learn(payloads: readonly TwinPayload[], symbols: Seen, coefficients: Seen): void {
  for (const payload of payloads) {
    const events = payload.kind === "window" ? payload.events : payload.kind === "events" ? payload : undefined;
    const waveforms = payload.kind === "window" ? payload.waveforms : payload.kind === "waveform" ? [payload] : [];
    if (events !== undefined)
      within(symbols, (bit) => {
        const io = symbolsOf({ isReading: false, learnt: bit, plain: (value) => value });
        codeEvents(io, events);
        for (const waveform of waveforms) codeWaveform(io, { given: waveform, code: waveform.code, events });
      });
    for (const { codec, code, samples, peaks, rateHz } of waveforms) {
      if (codec !== beatWavelet.number) continue;
      const { values, levels } = readQuantised(code, samples.length, { rateHz, peaks });
      // With beats known and without: the two coders share a table.
      for (const known of [peaks, []]) within(coefficients, (bit) => walkCoefficients(values, { levels, rateHz, peaks: known }, { bit }));
    }
  }
}

function within(seen: Seen, walk: (bit: (context: number, bit: number) => number) => void): void {
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

const [dir] = process.argv.slice(2);
if (dir !== undefined) main(dir);
