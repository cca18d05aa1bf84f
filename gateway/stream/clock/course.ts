/** Where a block stands in a run of one stream by each of its witnesses: sample numbers, the device's clock, the arrival. Pure; it decides nothing. */

import type { SampleBlock } from "../../../device-drivers/contract/sample-block.ts";

/** Added to what the device says. */
export interface Mapping {
  readonly index: number;
  readonly clockUs: number;
}

/** Blocks of one boot whose numbers follow each other. */
export interface Run {
  readonly bootId: string;
  /** Names the run for all that follows: the boot's id until numbers within the boot start again. */
  readonly id: string;
  mapping: Mapping;
  earlier: readonly Mapping[];
  /** Corrected: one past the newest sample, and the time just after it. */
  nextIndex: number;
  nextUs: number;
  /** Everything from here to the newest sample has come. */
  wholeFrom: number;
  /** Blocks in a row whose numbers had all been used, and no clock said otherwise. */
  used: { readonly sinceUs: number; signalUs: number; blocks: number } | undefined;
  /** A block some seconds back: what is right from block to block can be wrong in sum. */
  mark: { readonly index: number; readonly us: number };
  /** Smallest (arrival − end); how low it was when it last fell, and when. */
  offsetUs: number;
  fellToUs: number;
  fellUs: number;
  /** The offset has stood for a second: what claims to be from the future is wrong. */
  isPaced: boolean;
  gatewayRunUs: number;
  /** Arrival of the newest block that went on. */
  seenUs: number;
  /** Arrivals at which the clock had to be replaced, the newest few; until when it is not asked at all. */
  clockFaultsUs: readonly number[];
  mistrustUntilUs: number;
}

/** Steps from the end of the newest block to the start of this one. */
export interface Reading {
  readonly mapping: Mapping;
  readonly byIndexUs: number;
  readonly byClockUs: number;
  readonly agrees: boolean;
}

/** Between blocks clock and count may differ by this, and by a share of the time between them: stamps jitter, and rates are not what a label says. */
export const stampJitterUs = 300_000;
const rateShare = 0.2;
const markJitterUs = 500_000;
/** Further behind than this the order of a person's streams has gone on. */
const behindUs = 2_500_000;
/** So much ahead of the arrival is no jitter of the offset. */
const aheadUs = 2_000_000;
/** An earlier mapping counts again only for what goes on about where the stream is. */
const nearUs = 10_000_000;
/** Between two equally good witnesses the count is believed. */
const preferUs = 500_000;

export interface Asked {
  readonly block: SampleBlock;
  readonly rateHz: number;
  readonly isClockAsked: boolean;
}

export const spanOf = ({ block, rateHz }: Asked): number => (block.count * 1e6) / rateHz;

export function readingOf(run: Run, asked: Asked, mapping: Mapping): Reading {
  const { block, rateHz, isClockAsked } = asked;
  const index = block.firstIndex + mapping.index;
  const byIndexUs = ((index - run.nextIndex) * 1e6) / rateHz;
  if (!isClockAsked) return { mapping, byIndexUs, byClockUs: byIndexUs, agrees: true };
  const us = block.deviceTimeUs + mapping.clockUs;
  const byClockUs = us - run.nextUs;
  const sinceMarkUs = ((index - run.mark.index) * 1e6) / rateHz;
  const isStep = Math.abs(byClockUs - byIndexUs) > stampJitterUs + rateShare * Math.min(Math.abs(byClockUs), Math.abs(byIndexUs));
  const isDrift = Math.abs(us - run.mark.us - sinceMarkUs) > markJitterUs + rateShare * Math.abs(sinceMarkUs);
  return { mapping, byIndexUs, byClockUs, agrees: !isStep && !isDrift };
}

/** The numbers of the block have come before, and its clock says that it is new. */
export function isRenumbered(run: Run, asked: Asked, { mapping, byIndexUs, byClockUs }: Reading): boolean {
  const index = asked.block.firstIndex + mapping.index;
  const overlapUs = Math.min(-byIndexUs, spanOf(asked));
  return asked.isClockAsked && index < run.nextIndex && index >= run.wholeFrom && byClockUs > byIndexUs + overlapUs / 2;
}

/** All numbers of the block have come before, and no clock says that it is new. */
export function isUsed(run: Run, { block }: Asked, { mapping }: Reading): boolean {
  const index = block.firstIndex + mapping.index;
  return index >= run.wholeFrom && index + block.count <= run.nextIndex;
}

/** How far a step leads past the arrival, by the best offset seen. */
const aheadOf = (run: Run, asked: Asked, stepUs: number) => run.nextUs + stepUs + spanOf(asked) + run.offsetUs - asked.block.stamps.timeUs;

export const isBehind = (asked: Asked, stepUs: number): boolean => stepUs + spanOf(asked) < -behindUs;

export const isPossible = (run: Run, asked: Asked, stepUs: number): boolean =>
  !isBehind(asked, stepUs) && (!run.isPaced || aheadOf(run, asked, stepUs) <= aheadUs + spanOf(asked));

export const isNear = ({ byIndexUs }: Reading): boolean => Math.abs(byIndexUs) < nearUs;

/** The step that the arrival tells: time since the newest block, less what this one lasts. */
export const sinceSeenUs = (run: Run, asked: Asked): number => asked.block.stamps.timeUs - run.seenUs - spanOf(asked);

/** Which of two witnesses that contradict each other is to be believed; neither where both are impossible. */
export function believed(run: Run, asked: Asked, { byIndexUs, byClockUs }: Reading): "index" | "clock" | "arrival" {
  const isIndexPossible = isPossible(run, asked, byIndexUs);
  const isClockPossible = asked.isClockAsked && isPossible(run, asked, byClockUs);
  if (!isIndexPossible) return isClockPossible ? "clock" : "arrival";
  if (!isClockPossible) return "index";
  const arrivals = [sinceSeenUs(run, asked), ...(run.isPaced ? [-aheadOf(run, asked, 0)] : [])];
  const off = (stepUs: number) => Math.min(...arrivals.map((us) => Math.abs(stepUs - us)));
  return off(byIndexUs) <= off(byClockUs) + preferUs ? "index" : "clock";
}
