/**
 * Finds pulses in a pleth: steep strokes and slower returns, whichever way up the sensor gives them. A sign that blood moves, in time order; not a pulse rate
 * for a chart. What rises as it falls (noise, flicker, a blinking lamp, a slow drift) has no pulses, however large it is.
 */

/** A way between two turning points of the smoothed signal. */
interface Leg {
  readonly direction: 1 | -1;
  /** Where it began. */
  readonly fromIndex: number;
  readonly fromValue: number;
  /** Farthest point so far. */
  toIndex: number;
  toValue: number;
  /** Steepest slope in its own direction, per sample, and where. */
  slope: number;
  slopeIndex: number;
  /** Steepest slope of the way back from the farthest point. */
  backSlope: number;
  backSlopeIndex: number;
  /** Largest step between two raw samples, and the largest since the farthest point. */
  jump: number;
  backJump: number;
}

export interface PulseState {
  count: number;
  raw?: number;
  /** Newest samples, oldest first, as many as are smoothed over. */
  recent?: readonly number[];
  previous?: number;
  leg?: Leg | undefined;
  /** Height of the last legs, fading. */
  height?: number;
  lastSlope?: number;
  skew?: number;
  legs?: number;
  lastPulse: number;
}

export interface Pulse {
  /** The steepest point of the stroke, in samples before the newest one. */
  readonly ageSamples: number;
  /** Height of the stroke in the signal's own unit. */
  readonly amplitude: number;
}

interface PulseDetector {
  /** Any unit; NaN = no sample. A pulse is known when its stroke has turned, some 0.1 s behind its peak; push sample by sample to place it. */
  push(samples: Float32Array): readonly Pulse[];
  state(): PulseState;
}

/** Below this a stroke is two samples and has no shape. */
export const slowestPulseHz = 20;
/** Half of what is smoothed over, with weights that are the same on both sides: a filter that only looks back would make any corner steeper on one side. */
const smoothS = 0.065;
/** A turn counts when it is this share of the usual height: a dicrotic notch is none. */
const turnShare = 0.35;
/** The usual height halves in this time, so that a weakening pulse is still found. */
const memoryS = 2;
/** Strokes are this much steeper than returns, over the last pulses: of 43 people (BIDMC) in nearly all of the time, of noise in a twentieth of it. */
const leastSkew = Math.log(1.25);
const skewMemory = 8;
const legsNeeded = 8;
const mostLogRatio = 1.5;
/** No two samples lie this share of a stroke apart: a blinking lamp and a single count are steps. */
const mostJump = 0.8;
/** At its steepest slope a stroke would take no longer than this; a drift does. */
const longestStrokeS = 0.4;
/** 220 beats a minute. */
const refractoryS = 0.27;
const none: readonly Pulse[] = [];

/** `rateHz` of at least `slowestPulseHz`; a slower signal has no pulses. */
export function createPulseDetector({ rateHz, state: saved }: { rateHz: number; state?: PulseState }): PulseDetector {
  const isFast = rateHz >= slowestPulseHz;
  const half = Math.max(1, Math.round(smoothS * rateHz));
  const weights = Array.from({ length: 2 * half + 1 }, (_, i) => (1 - Math.cos((Math.PI * (i + 1)) / (half + 1))) / (2 * half + 2));
  const fade = 2 ** (-1 / (memoryS * rateHz));
  // The state of an older version has no shapes and can't be gone on from.
  const was = saved?.recent === undefined ? undefined : saved;
  const recent = [...(was?.recent ?? [])];
  let count = saved?.count ?? 0;
  let raw = was?.raw ?? Number.NaN;
  let previous = was?.previous ?? Number.NaN;
  let leg = was?.leg === undefined ? undefined : { ...was.leg };
  let height = was?.height ?? 0;
  let lastSlope = was?.lastSlope ?? 0;
  let skew = was?.skew ?? 0;
  let legs = was?.legs ?? 0;
  let lastPulse = saved?.lastPulse ?? Number.NEGATIVE_INFINITY;

  const turned = ({ direction, toIndex, toValue, ...back }: Leg, index: number, value: number): Leg => ({
    ...{ direction: direction === 1 ? -1 : 1, fromIndex: toIndex, fromValue: toValue, toIndex: index, toValue: value },
    ...{ slope: back.backSlope, slopeIndex: back.backSlopeIndex, jump: back.backJump, backSlope: 0, backSlopeIndex: index, backJump: 0 },
  });

  /** A leg has turned: what it says about the shape, and whether it was the stroke of a pulse. */
  const end = (ended: Leg): Pulse | undefined => {
    const ratio = lastSlope > 0 && ended.slope > 0 ? Math.log(ended.slope / lastSlope) * ended.direction : 0;
    skew += (Math.max(-mostLogRatio, Math.min(mostLogRatio, ratio)) - skew) / skewMemory;
    lastSlope = ended.slope;
    legs++;
    const amplitude = Math.abs(ended.toValue - ended.fromValue);
    const isSmooth = ended.jump <= mostJump * amplitude && amplitude <= longestStrokeS * rateHz * ended.slope;
    const isStroke = isSmooth && ended.direction * skew >= leastSkew;
    if (!isStroke || legs < legsNeeded || ended.slopeIndex - lastPulse < refractoryS * rateHz) return undefined;
    lastPulse = ended.slopeIndex;
    return { ageSamples: count - 1 - ended.slopeIndex + half, amplitude };
  };

  const step = (sample: number, index: number): Pulse | undefined => {
    if (recent.length === 0) recent.push(...weights.map(() => sample));
    recent.push(sample);
    recent.shift();
    let value = 0;
    for (let i = 0; i < weights.length; i++) value += (weights[i] ?? 0) * (recent[i] ?? 0);
    const slope = value - previous;
    const jump = Math.abs(sample - raw);
    previous = value;
    raw = sample;
    if (Number.isNaN(slope)) return undefined;
    leg ??= {
      ...{ direction: slope < 0 ? -1 : 1, fromIndex: index, fromValue: value, toIndex: index, toValue: value },
      ...{ slope: 0, slopeIndex: index, backSlope: 0, backSlopeIndex: index, jump: 0, backJump: 0 },
    };
    leg.jump = Math.max(leg.jump, jump);
    leg.backJump = Math.max(leg.backJump, jump);
    const along = leg.direction * slope;
    if (along > leg.slope) {
      leg.slope = along;
      leg.slopeIndex = index;
    }
    if (-along > leg.backSlope) {
      leg.backSlope = -along;
      leg.backSlopeIndex = index;
    }
    height *= fade;
    if (leg.direction * (value - leg.toValue) > 0) {
      leg.toValue = value;
      leg.toIndex = index;
      leg.backSlope = 0;
      leg.backJump = 0;
      height = Math.max(height, Math.abs(value - leg.fromValue));
    }
    if (Math.abs(leg.toValue - value) <= turnShare * height) return undefined;
    const ended = leg;
    leg = turned(ended, index, value);
    return end(ended);
  };

  return {
    push(samples) {
      let pulses: Pulse[] | undefined;
      for (let i = 0; i < samples.length; i++) {
        const sample = samples[i] as number;
        const index = count++;
        if (!isFast || !Number.isFinite(sample)) continue;
        const pulse = step(sample, index);
        if (pulse === undefined) continue;
        pulses ??= [];
        pulses.push(pulse);
      }
      return pulses ?? none;
    },
    state: () => ({
      ...{ count, raw, recent: [...recent], previous, height, lastSlope, skew, legs, lastPulse },
      ...(leg === undefined ? {} : { leg: { ...leg } }),
    }),
  };
}
