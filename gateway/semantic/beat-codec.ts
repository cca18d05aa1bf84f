/**
 * Beats as about two bytes each. Times are exact to the microsecond: a step is so many samples of the best-fitting rate plus a small rest.
 * Stated losses: confidence in 31 steps, rrMs to 1 µs (to 1 ms where all are whole milliseconds: then exactly).
 */

import type { BeatEvent, BeatLabel } from "../../device-drivers/contract/event.ts";
import { type BitReader, type BitWriter, bitWriter, undecodable } from "./bits.ts";
import { readColumn, readCount, readSigned, readSpread, writeColumn, writeCount, writeSigned, writeSpread } from "./columns.ts";

/** Confidence is sent as a whole number of 1/31. */
export const confidenceSteps = 31;

const labels: readonly BeatLabel[] = ["N", "V", "S", "F", "Q"];
/** Rates whose sample grid R peaks may lie on; the first stands for "none". Only ever grows at its end. */
const gridRates = [1_000_000, 1000, 500, 360, 250, 200, 128, 125, 130, 256, 257, 300, 400, 512, 1024, 120] as const;

export function writeBeats(bits: BitWriter, beats: readonly BeatEvent[], sourceOf: (beat: BeatEvent) => number, originUs: number): void {
  writeCount(bits, beats.length);
  if (beats.length === 0) return;
  const sources = beats.map(sourceOf);
  writeColumn(bits, sources);
  const timesUs = beats.map(({ timeUs }) => Math.round(timeUs));
  for (const rows of groups(sources))
    writeGroup(
      bits,
      rows.map((row) => timesUs[row] ?? 0),
      originUs,
    );
  writeColumn(
    bits,
    beats.map(({ label }) => labels.indexOf(label)),
  );
  writeColumn(
    bits,
    beats.map(({ confidence }) => confidenceSteps - Math.round(Math.min(1, Math.max(0, confidence)) * confidenceSteps)),
  );
  writeIntervals(bits, beats, stepsBefore(sources, timesUs));
}

export function readBeats(bits: BitReader, sources: readonly { device: string; stream: string }[], originUs: number): BeatEvent[] {
  const count = readCount(bits);
  if (count === 0) return [];
  const sourceColumn = readColumn(bits, count);
  const timesUs = new Array<number>(count).fill(0);
  for (const rows of groups(sourceColumn)) {
    const group = readGroup(bits, rows.length, originUs);
    rows.forEach((row, i) => {
      timesUs[row] = group[i] ?? 0;
    });
  }
  const labelColumn = readColumn(bits, count);
  const confidenceColumn = readColumn(bits, count);
  const rrColumn = readIntervals(bits, stepsBefore(sourceColumn, timesUs));
  return timesUs.map((timeUs, i) => {
    const source = sources[sourceColumn[i] ?? -1];
    const label = labels[labelColumn[i] ?? -1];
    const rrMs = rrColumn[i];
    if (source === undefined || label === undefined) throw undecodable("a beat of an unknown source or class");
    const confidence = (confidenceSteps - (confidenceColumn[i] ?? 0)) / confidenceSteps;
    return { kind: "beat", ...source, timeUs, label, confidence, ...(rrMs === undefined ? {} : { rrMs }) };
  });
}

/** Row numbers by source, in order of the sources' first appearance. */
function groups(sources: readonly number[]): number[][] {
  const rows = new Map<number, number[]>();
  sources.forEach((source, row) => {
    const known = rows.get(source);
    if (known === undefined) rows.set(source, [row]);
    else known.push(row);
  });
  return [...rows.values()];
}

/** Time since the beat before of the same source; undefined for its first. */
function stepsBefore(sources: readonly number[], timesUs: readonly number[]): (number | undefined)[] {
  const last = new Map<number, number>();
  return sources.map((source, i) => {
    const timeUs = timesUs[i] ?? 0;
    const beforeUs = last.get(source);
    last.set(source, timeUs);
    return beforeUs === undefined ? undefined : timeUs - beforeUs;
  });
}

function writeGroup(bits: BitWriter, timesUs: readonly number[], originUs: number): void {
  writeSpread(bits, [(timesUs[0] ?? 0) - originUs]);
  const steps = timesUs.slice(1).map((timeUs, i) => timeUs - (timesUs[i] ?? 0));
  if (steps.length === 0) return;
  const trials = gridRates.map((rateHz) => {
    const trial = bitWriter();
    writeSteps(trial, steps, rateHz);
    return trial.bytes().length;
  });
  const best = trials.indexOf(Math.min(...trials));
  bits.write(best, 4);
  writeSteps(bits, steps, gridRates[best] ?? gridRates[0]);
}

function writeSteps(bits: BitWriter, stepsUs: readonly number[], rateHz: number): void {
  const samples = stepsUs.map((stepUs) => Math.round((stepUs * rateHz) / 1e6));
  writeSpread(bits, samples.slice(0, 1));
  writeSigned(
    bits,
    samples.slice(1).map((sample, i) => sample - (samples[i] ?? 0)),
  );
  writeSigned(
    bits,
    stepsUs.map((stepUs, i) => stepUs - gridUs(samples[i] ?? 0, rateHz)),
  );
}

function readGroup(bits: BitReader, count: number, originUs: number): number[] {
  let timeUs = originUs + (readSpread(bits, 1)[0] ?? 0);
  const timesUs = [timeUs];
  if (count === 1) return timesUs;
  const rateHz = gridRates[bits.read(4)] ?? gridRates[0];
  let samples = readSpread(bits, 1)[0] ?? 0;
  const turns = readSigned(bits, count - 2);
  const rests = readSigned(bits, count - 1);
  rests.forEach((rest, i) => {
    samples += i === 0 ? 0 : (turns[i - 1] ?? 0);
    timeUs += gridUs(samples, rateHz) + rest;
    timesUs.push(timeUs);
  });
  return timesUs;
}

function gridUs(samples: number, rateHz: number): number {
  return Math.round((samples * 1e6) / rateHz);
}

function writeIntervals(bits: BitWriter, beats: readonly BeatEvent[], stepsUs: readonly (number | undefined)[]): void {
  const isWhole = beats.every(({ rrMs }) => rrMs === undefined || Number.isInteger(rrMs));
  const unitUs = isWhole ? 1000 : 1;
  bits.write(isWhole ? 1 : 0, 1);
  writeColumn(
    bits,
    beats.map(({ rrMs }) => (rrMs === undefined ? 1 : 0)),
  );
  const first: number[] = [];
  const rest: number[] = [];
  beats.forEach(({ rrMs }, i) => {
    if (rrMs === undefined) return;
    const stepUs = stepsUs[i];
    const units = Math.round((rrMs * 1000) / unitUs);
    if (stepUs === undefined) first.push(units);
    else rest.push(units - Math.round(stepUs / unitUs));
  });
  writeSpread(bits, first);
  writeSigned(bits, rest);
}

function readIntervals(bits: BitReader, stepsUs: readonly (number | undefined)[]): (number | undefined)[] {
  const unitUs = bits.read(1) === 1 ? 1000 : 1;
  const absent = readColumn(bits, stepsUs.length);
  const has = (i: number) => absent[i] === 0;
  const firstCount = stepsUs.filter((stepUs, i) => has(i) && stepUs === undefined).length;
  const restCount = stepsUs.filter((stepUs, i) => has(i) && stepUs !== undefined).length;
  const first = readSpread(bits, firstCount).values();
  const rest = readSigned(bits, restCount).values();
  return stepsUs.map((stepUs, i) => {
    if (!has(i)) return undefined;
    const units = stepUs === undefined ? first.next().value : Math.round(stepUs / unitUs) + (rest.next().value ?? 0);
    return ((units ?? 0) * unitUs) / 1000;
  });
}
