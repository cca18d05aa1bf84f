/**
 * A person's one heart rate of all that they wear: good signal before poor, then beats of an ECG before pulses by light before a number that a device measures
 * itself. The source stays as long as it knows the rate, so that the page does not flicker between sensors. Good sensors that differ by more than 10 beats/min
 * for 30 s leave no number: which of them is wrong cannot be told from here.
 */

import { rateKinds } from "../../device-drivers/contract/event.ts";
import type { Fact } from "../facts/fact.ts";
import type { HeartRateFact, RateDisagreement, RateReading } from "../facts/heart-rate.ts";
import { type PulseRate, pulseRateFreshUs, pulseRateOf } from "../facts/pulse.ts";
import { addBeat, type BeatIntervals, forgetIntervals, meanBpm, newestBpm, noIntervals } from "./beat-intervals.ts";
import { addPulseRate, meanPulseBpm, noPulseRates, type PulseRates, pulseQuality } from "./pulse-rates.ts";
import { createShaken } from "./shaken.ts";
import { createGate, isAwake, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

export interface OneHeartRate {
  /** Each whole second of the grid gives what is known then. */
  push(input: Fact): HeartRateFact | undefined;
  /** Structured-cloneable. */
  state(): OneHeartRateState;
}

export interface OneHeartRateState {
  readonly gate: readonly StreamFacts[];
  readonly beats: readonly (readonly [string, BeatIntervals])[];
  /** Newest of each source that tells its rate itself: a pulse by light, a device's own number. */
  readonly numbers: readonly (readonly [string, RateReading])[];
  /** Absent in states of earlier versions. */
  readonly pulses?: readonly (readonly [string, PulseRates])[];
  readonly shakenUs?: readonly number[];
  readonly choice: Choice;
  readonly pairs: readonly (readonly [string, Pair])[];
}

interface Choice {
  /** Key of the source that has the place, and what it said last. */
  source: string | undefined;
  reading: RateReading | undefined;
  /** Since when its source has not known the rate. */
  lostUs: number | undefined;
  /** By source: since when it has known the rate without a break. */
  knownUs: [string, number][];
}

/** Two good sources, and since when they differ or agree. */
interface Pair {
  apartUs: number | undefined;
  togetherUs: number | undefined;
  /** When both were last known. */
  seenUs: number;
  /** Set while they contradict each other. */
  disagreement: RateDisagreement | undefined;
}

const secondUs = 1_000_000;
/** A rate whose last beat is older than this is not of now. */
const beatAgeUs = 5 * secondUs;
const meanS = 15;
/** A source that is silent for less keeps its place, and a better one is believed after it has known the rate for so long. */
const lostUs = 3 * secondUs;
const provenUs = 10 * secondUs;
/** Rates of two sensors lie further apart only for a moment (one averages longer than the other) or because one of them is wrong. */
const apartBpm = 10;
/** An older number may have been right in its time. A battery device sends one every 5 s. */
const comparableUs = 6 * secondUs;
const sustainedUs = 30 * secondUs;
/** A pair that was not seen for so long begins anew; one that contradicted itself is believed again. */
const unseenUs = { pending: 5 * secondUs, found: 60 * secondUs } as const;

export function createOneHeartRate(saved?: OneHeartRateState): OneHeartRate {
  const gate = createGate(saved?.gate);
  const beats = new Map(structuredClone(saved?.beats));
  const numbers = new Map(structuredClone(saved?.numbers));
  const pulses = new Map(structuredClone(saved?.pulses));
  const shaken = createShaken(saved?.shakenUs);
  const choice: Choice = structuredClone(saved?.choice) ?? { source: undefined, reading: undefined, lostUs: undefined, knownUs: [] };
  const pairs = new Map(structuredClone(saved?.pairs));

  const onBeat = (facts: StreamFacts, input: Fact & { kind: "qrs" }) => {
    const key = streamKey(facts);
    const intervals = beats.get(key) ?? noIntervals();
    beats.set(key, intervals);
    addBeat(intervals, facts, input.timeUs, input.rrMs);
  };

  const onNumber = ({ device, stream, timeUs, value, freshUs }: Fact & { kind: "vital" }) => {
    const of = { device, stream, kind: "device" } as const;
    if (value === undefined) numbers.delete(sourceKey(of));
    else numbers.set(sourceKey(of), { ...of, bpm: value, meanBpm: value, quality: "good", atUs: timeUs, freshUs });
  };

  const onPulseRate = (rate: PulseRate) => {
    const { device, stream, timeUs, bpm } = rate;
    const of = { device, stream, kind: "ppg" } as const;
    const rates = pulses.get(streamKey(rate)) ?? noPulseRates();
    pulses.set(streamKey(rate), rates);
    addPulseRate(rates, rate, shaken);
    const quality = pulseQuality(rate, shaken);
    if (bpm === undefined || quality === undefined) return void numbers.delete(sourceKey(of));
    const mean = meanPulseBpm(rates, timeUs, meanS);
    const known = { quality, atUs: timeUs, freshUs: timeUs + pulseRateFreshUs } as const;
    numbers.set(sourceKey(of), { ...of, ...known, bpm, ...(mean === undefined ? {} : { meanBpm: mean }) });
  };

  const ofBeats = (nowUs: number): RateReading[] =>
    gate.all().flatMap((facts) => {
      const intervals = beats.get(streamKey(facts));
      const atUs = intervals?.endUs.at(-1);
      if (intervals === undefined || atUs === undefined || !isAwake(facts, nowUs) || nowUs - atUs > beatAgeUs) return [];
      const mean = meanBpm(intervals, nowUs, meanS);
      const bpm = newestBpm(intervals) ?? mean;
      const { device, stream } = facts;
      const known = { kind: "ecg", quality: "good", atUs, freshUs: atUs + beatAgeUs } as const;
      return bpm === undefined ? [] : [{ device, stream, ...known, bpm, ...(mean === undefined ? {} : { meanBpm: mean }) }];
    });

  /** An ECG that is judged and shows no rate has taken its last one back; one that is silent has not. */
  const isSilent = ({ device, stream, kind }: RateReading, nowUs: number) => {
    if (kind !== "ecg") return numbers.has(sourceKey({ device, stream, kind }));
    const facts = gate.all().find((each) => each.device === device && each.stream === stream);
    return facts !== undefined && facts.goodSinceUs !== undefined && !facts.beatless && !isFresh(facts, nowUs);
  };

  const choose = (readings: readonly RateReading[], nowUs: number) => {
    choice.knownUs = readings.map((reading) => {
      const key = sourceKey(reading);
      return [key, choice.knownUs.find(([known]) => known === key)?.[1] ?? nowUs];
    });
    const [best] = [...readings].sort(byRank);
    const current = readings.find((each) => sourceKey(each) === choice.source);
    const provenSinceUs = choice.knownUs.find(([key]) => best !== undefined && key === sourceKey(best))?.[1] ?? nowUs;
    if (current !== undefined) {
      const isBetter = best !== undefined && byRank(best, current) < 0 && nowUs - provenSinceUs >= provenUs;
      return settleOn(isBetter ? best : current);
    }
    choice.lostUs ??= nowUs;
    if (best !== undefined && (choice.source === undefined || nowUs - choice.lostUs >= lostUs)) return settleOn(best);
    if (choice.reading !== undefined && !isSilent(choice.reading, nowUs)) choice.reading = undefined;
  };

  const settleOn = (reading: RateReading) => void Object.assign(choice, { source: sourceKey(reading), reading, lostUs: undefined });

  const compare = (good: readonly RateReading[], nowUs: number) => {
    good.forEach((one, at) => {
      for (const other of good.slice(at + 1)) {
        const key = JSON.stringify([sourceKey(one), sourceKey(other)]);
        const pair = pairs.get(key) ?? { apartUs: undefined, togetherUs: undefined, seenUs: nowUs, disagreement: undefined };
        pairs.set(key, pair);
        stepPair(pair, [one, other], nowUs);
      }
    });
    for (const [key, { seenUs, disagreement }] of pairs)
      if (nowUs - seenUs > (disagreement === undefined ? unseenUs.pending : unseenUs.found)) pairs.delete(key);
  };

  /** A finding about the chosen source hides its number, unless a third one bears it out. */
  const judge = (nowUs: number): HeartRateFact => {
    const readings = [...ofBeats(nowUs), ...[...numbers.values()].filter(({ freshUs }) => nowUs <= freshUs)];
    const isOfNow = ({ quality, meanBpm: mean, atUs }: RateReading) =>
      quality === "good" && mean !== undefined && nowUs - atUs <= comparableUs;
    const good = readings.filter(isOfNow).sort(byRank);
    choose(readings, nowUs);
    compare(good, nowUs);
    const found = [...pairs.values()].flatMap(({ disagreement }) => disagreement ?? []);
    const { reading } = choice;
    const own = found.filter(({ between }) => reading !== undefined && names(between, reading));
    const isOdd = (each: RateReading) => own.some(({ between }) => names(between, each));
    const isBorneOut = good.some((each) => !isOdd(each) && isNear(each, reading));
    const isHidden = own.length > 0 && !isBorneOut;
    const disagreement = own[0] ?? found[0];
    return {
      kind: "heart-rate",
      timeUs: nowUs,
      sources: good.length,
      ...(reading === undefined || isHidden ? {} : { reading }),
      ...(disagreement === undefined ? {} : { disagreement }),
    };
  };

  return {
    push(input) {
      const facts = gate.push(input);
      if (facts !== undefined && input.kind === "qrs") onBeat(facts, input);
      if (facts !== undefined && input.kind === "quality") forgetIntervals(beats.get(streamKey(facts)) ?? noIntervals(), facts);
      shaken.note(input);
      const rate = pulseRateOf(input);
      if (rate !== undefined) onPulseRate(rate);
      if (input.kind === "vital" && input.code === "hr") onNumber(input);
      return input.kind === "tick" && input.timeUs % secondUs === 0 ? judge(input.timeUs) : undefined;
    },
    state: () =>
      structuredClone({
        ...{ gate: gate.state(), beats: [...beats], numbers: [...numbers], pulses: [...pulses], shakenUs: shaken.state() },
        ...{ choice, pairs: [...pairs] },
      }),
  };
}

function stepPair(pair: Pair, between: RateDisagreement["between"], nowUs: number): void {
  if (nowUs - pair.seenUs > unseenUs.pending) Object.assign(pair, { apartUs: undefined, togetherUs: undefined });
  pair.seenUs = nowUs;
  if (!isNear(...between)) {
    pair.apartUs ??= nowUs;
    pair.togetherUs = undefined;
    if (nowUs - pair.apartUs >= sustainedUs) pair.disagreement = { sinceUs: pair.disagreement?.sinceUs ?? pair.apartUs, between };
    return;
  }
  pair.apartUs = undefined;
  pair.togetherUs ??= nowUs;
  if (nowUs - pair.togetherUs >= sustainedUs) pair.disagreement = undefined;
}

function isNear(one: RateReading, other: RateReading | undefined): boolean {
  return other !== undefined && Math.abs((one.meanBpm ?? one.bpm) - (other.meanBpm ?? other.bpm)) <= apartBpm;
}

function names(between: RateDisagreement["between"], reading: RateReading): boolean {
  return between.some((each) => sourceKey(each) === sourceKey(reading));
}

/** Negative where `a` is the better one; 0 leaves the place to whoever has it. */
function byRank(a: RateReading, b: RateReading): number {
  const isPoor = ({ quality }: RateReading) => Number(quality === "poor");
  return isPoor(a) - isPoor(b) || rateKinds.indexOf(a.kind) - rateKinds.indexOf(b.kind);
}

function sourceKey({ device, stream, kind }: Pick<RateReading, "device" | "stream" | "kind">): string {
  return `${kind} ${device}/${stream}`;
}
