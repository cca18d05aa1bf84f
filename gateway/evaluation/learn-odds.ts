/**
 * Learns the tables of semantic/usual-odds.ts from what a replay of DS1 in mode semantic sends, and prints that file:
 * node gateway/evaluation/learn-odds.ts DIR, where DIR holds NAME.sem of the records to learn from. Symbols and coefficients are learnt apart.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { walkCoefficients } from "../semantic/codecs/coefficients.ts";
import { beatWavelet, readQuantised } from "../semantic/codecs/wavelet.ts";
import { codeEvents } from "../semantic/compact-events.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { symbolsOf } from "../semantic/symbols.ts";
import { codeWaveform } from "../semantic/waveform-code.ts";
import { readFrames } from "../twin/decode.ts";
import { oddsText, type Seen, within } from "./odds-of.ts";

function main(dir: string): void {
  const [symbols, coefficients]: [Seen, Seen] = [new Map(), new Map()];
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".sem")))
    learn(
      readFrames(readFileSync(join(dir, file))).map(({ p }) => decodePayload(p)),
      symbols,
      coefficients,
    );
  process.stdout.write(`/** What is usual in symbols and in wavelet coefficients. Made by evaluation/learn-odds.ts; codecs and layouts that use it change their number with it. */

import { readOdds } from "./codecs/odds.ts";

export const usualSymbols = readOdds(
${oddsText(symbols)},
);

export const usualCoefficients = readOdds(
${oddsText(coefficients)},
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

const [dir] = process.argv.slice(2);
if (dir !== undefined) main(dir);
