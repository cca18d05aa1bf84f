/**
 * Which signs of life may contradict a silent ECG. A source (a pleth, another ECG) is believed when for most of a minute each beat that a good ECG saw had its
 * pulse at one and the same delay; noise, flicker and another person's pulse never do that for so long. It stays believed while its pulses go on.
 */

import { median } from "../../models/signal/statistics.ts";

interface Row {
  readonly kind: "pleth" | "ecg";
  /** Pulses or beats of the newest minute, oldest first. */
  timesUs: number[];
  /** Heights of the pulses, in the source's own unit; 0 for beats. */
  heights: number[];
  /** What the pulses were like when they last agreed with beats. */
  agreed: { readonly intervalUs: number; readonly height: number } | undefined;
  comparedUs: number;
}

export interface BeliefState {
  readonly rows: readonly (readonly [string, Row])[];
  /** By sensor: its newest movement while beats of a good ECG said that it was worn. */
  readonly wornUs: readonly (readonly [string, number])[];
}

interface LifeBelief {
  /** A pulse of a pleth. */
  pulse(key: string, timeUs: number, height: number): void;
  /** A beat of an ECG in good signal: the measure for all other sources, and itself a source for other ECGs. */
  beat(key: string, timeUs: number): void;
  /** A movement of a body; `isWorn`: beats are being seen in good signal. True when the sensor has shown that it is on a living body. */
  moved(key: string, timeUs: number, isWorn: boolean): boolean;
  /**
   * The newest of enough pulses within `spanUs` up to `nowUs` that speak against the silence of `key`; undefined when there are too few. An ECG that has never
   * shown a beat (`isNew`) does not count against one that has.
   */
  newest(key: string, nowUs: number, spanUs: number, isNew: boolean): number | undefined;
  /** Pleths whose pulses have gone with this person's beats, and when each last pulsed. */
  believed(): { readonly key: string; readonly newestUs: number }[];
  state(): BeliefState;
}

const secondUs = 1_000_000;
const minuteUs = 60 * secondUs;
/** Comparing a minute of pulses with its beats is costly, and belief changes slowly. */
const compareEveryUs = 5 * secondUs;
/** Beats this young may still wait for their pulse. */
const youngUs = 2 * secondUs;
const spanNeededUs = 45 * secondUs;
const beatsNeeded = 25;
/** Pulse minus R peak: the way of the pulse wave (0.1 to 0.4 s), the sensor's own filters, and clocks that the gateway could only fit. */
const delayUs = [-500_000, 2_000_000] as const;
/** Delays lie this close together, at fast rates a fifth of the interval. A wider span would believe another pacemaker of nearly the same rate. */
const widthUs = 100_000;
const widthShare = 0.2;
/** Share of beats with a pulse at the delay, and of pulses with a beat, at which belief is earned, and below which it is lost. */
const earned = 0.8;
const lost = 0.6;
/** Pulses that pause for longer have to agree anew. */
const brokenUs = 10 * secondUs;
/** A pulse lower than this share of what agreed is no pulse of that kind. */
const leastHeight = 1 / 3;
/** So many pulses within the silence say that the heart beats. */
const pulsesOfLife = 2;
/** Their interval over that of before. */
const intervalRange = [0.5, 2] as const;
/** A sensor that has not moved on a living body for so long may have been laid aside. */
const movementMemoryUs = 3600 * secondUs;

export function createLifeBelief(saved?: BeliefState): LifeBelief {
  const rows = new Map<string, Row>(saved?.rows.map(([key, row]) => [key, structuredClone(row)]));
  const wornUs = new Map<string, number>(saved?.wornUs);

  const add = (kind: Row["kind"], key: string, timeUs: number, height: number): Row => {
    const row = rows.get(key) ?? { kind, timesUs: [], heights: [], agreed: undefined, comparedUs: timeUs };
    rows.set(key, row);
    const newestUs = row.timesUs.at(-1) ?? timeUs;
    if (Math.abs(timeUs - newestUs) > brokenUs) Object.assign(row, { timesUs: [], heights: [], agreed: undefined });
    else if (timeUs < newestUs) return row;
    row.timesUs.push(timeUs);
    row.heights.push(height);
    const old = row.timesUs.findIndex((each) => each >= timeUs - minuteUs - youngUs);
    row.timesUs.splice(0, old);
    row.heights.splice(0, old);
    return row;
  };

  const compare = (row: Row, beatsUs: readonly number[]) => {
    const share = agreement(beatsUs, row.timesUs);
    if (share !== undefined && share < lost) row.agreed = undefined;
    if (share === undefined || share < earned) return;
    row.agreed = { intervalUs: median(intervalsOf(row.timesUs)), height: median(row.heights) };
  };

  return {
    pulse: (key, timeUs, height) => void add("pleth", key, timeUs, height),
    beat(key, timeUs) {
      const { timesUs } = add("ecg", key, timeUs, 0);
      for (const [other, row] of rows) {
        if (other === key || Math.abs(timeUs - row.comparedUs) < compareEveryUs) continue;
        row.comparedUs = timeUs;
        compare(
          row,
          timesUs.filter((beatUs) => beatUs <= timeUs - youngUs),
        );
      }
    },
    moved(key, timeUs, isWorn) {
      if (isWorn) wornUs.set(key, timeUs);
      return timeUs - (wornUs.get(key) ?? Number.NEGATIVE_INFINITY) <= movementMemoryUs;
    },
    newest(key, nowUs, spanUs, isNew) {
      let newestUs: number | undefined;
      for (const [other, { kind, timesUs, heights, agreed }] of rows) {
        if (other === key || (agreed === undefined && !(isNew && kind === "ecg"))) continue;
        const least = leastHeight * (agreed?.height ?? 0);
        const pulsesUs = timesUs.filter((timeUs, at) => timeUs > nowUs - spanUs && timeUs <= nowUs && (heights[at] ?? 0) >= least);
        const isInStep = agreed === undefined || inStep(pulsesUs, agreed.intervalUs);
        if (pulsesUs.length >= pulsesOfLife && isInStep) newestUs = Math.max(newestUs ?? 0, pulsesUs.at(-1) ?? 0);
      }
      return newestUs;
    },
    believed: () =>
      [...rows].flatMap(([key, { kind, agreed, timesUs }]) =>
        kind === "pleth" && agreed !== undefined ? [{ key, newestUs: timesUs.at(-1) ?? Number.NEGATIVE_INFINITY }] : [],
      ),
    state: () => structuredClone({ rows: [...rows], wornUs: [...wornUs] }),
  };
}

function intervalsOf(timesUs: readonly number[]): number[] {
  return timesUs.slice(1).map((timeUs, at) => timeUs - (timesUs[at] ?? 0));
}

function inStep(pulsesUs: readonly number[], beforeUs: number): boolean {
  return intervalsOf(pulsesUs).some((each) => each >= intervalRange[0] * beforeUs && each <= intervalRange[1] * beforeUs);
}

/** The smaller of two shares, beats with a pulse at the commonest delay and pulses with a beat; undefined where too little was seen to tell. */
function agreement(beatsUs: readonly number[], pulsesUs: readonly number[]): number | undefined {
  const firstUs = Math.max(beatsUs[0] ?? Number.POSITIVE_INFINITY, pulsesUs[0] ?? Number.POSITIVE_INFINITY);
  const beats = beatsUs.filter((beatUs) => beatUs >= firstUs);
  const lastUs = beats.at(-1) ?? firstUs;
  if (beats.length < beatsNeeded || lastUs - firstUs < spanNeededUs) return undefined;
  const delays: number[] = [];
  for (const beatUs of beats) {
    for (const pulseUs of pulsesUs) {
      const delay = pulseUs - beatUs;
      if (delay >= delayUs[0] && delay <= delayUs[1]) delays.push(delay);
    }
  }
  delays.sort((a, b) => a - b);
  const width = Math.min(widthUs, widthShare * median(intervalsOf(beats)));
  let most = 0;
  for (let from = 0, to = 0; to < delays.length; to++) {
    while ((delays[to] ?? 0) - (delays[from] ?? 0) > width) from++;
    most = Math.max(most, to - from + 1);
  }
  const pulses = pulsesUs.filter((pulseUs) => pulseUs >= firstUs && pulseUs <= lastUs).length;
  return Math.min(most / beats.length, most / Math.max(1, pulses));
}
