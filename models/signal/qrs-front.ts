/** The front of the QRS detector: samples in, candidate peaks of QRS-band activity out. It decides nothing about beats and keeps less than half a second of signal. */

import { createBiquad, highPass, lowPass } from "./biquad.ts";

/** A local peak of activity that dominates its neighbourhood. */
export interface Candidate {
  /** The R peak (extremum of the raw signal), in samples since the start. */
  readonly fiducial: number;
  /** Peak of the activity envelope in mV (about a third of the R wave). */
  readonly height: number;
  /** Steepest slope of the QRS band near the peak, mV per sample. */
  readonly slope: number;
}

export interface FrontState {
  readonly count: number;
  readonly filters: readonly (readonly [number, number])[];
  readonly raw: readonly number[];
  readonly band: readonly number[];
  readonly envelope: readonly number[];
  readonly sum: number;
  /** −1 where the next sample starts a new stretch. */
  readonly validFrom: number;
}

interface Front {
  /** Takes one sample and returns a candidate that has just become certain, if any. */
  step(mv: number): Candidate | undefined;
  /** The signal ends here: a candidate whose envelope has already fallen to half is still returned; what follows is a new stretch. */
  end(): Candidate | undefined;
  /** Counts samples that are missing. */
  skip(count: number): void;
  /** Envelope of the newest sample in mV. */
  level(): number;
  count(): number;
  /** First sample of the present stretch. */
  stretchStart(): number;
  state(): FrontState;
  restore(state: FrontState): void;
}

// Tuned on DS1 of mitdb. The pass band favours steep QRS flanks over P and T waves.
const highPassHz = 8;
const lowPassHz = 20;
const envelopeS = 0.09;
/** A candidate is the highest point of the envelope for this long on both sides. */
const dominanceS = 0.18;
const ringS = 0.4;
const fiducialReachS = 0.09;
const flankS = 0.055;
const polishS = 0.012;

export function createFront(rateHz: number): Front {
  const size = 2 ** Math.ceil(Math.log2(ringS * rateHz));
  const mask = size - 1;
  const raw = new Float64Array(size);
  const band = new Float64Array(size);
  const envelope = new Float64Array(size);
  const hp = createBiquad(highPass(highPassHz, rateHz));
  const lp = createBiquad(lowPass(lowPassHz, rateHz));
  const width = Math.max(2, Math.round(envelopeS * rateHz));
  const dominance = Math.round(dominanceS * rateHz);
  // Group delay of the low-pass at low frequency plus half the moving average.
  const delay = Math.round((Math.SQRT2 / (2 * Math.PI * lowPassHz)) * rateHz + (width - 1) / 2);
  const reach = Math.round(fiducialReachS * rateHz);
  const flank = Math.max(1, Math.round(flankS * rateHz));
  const polish = Math.max(1, Math.round(polishS * rateHz));
  let n = 0;
  // Of the envelope, in a row of its own: a variable that closures share is a new object each time a fraction is put into it.
  const sum = new Float64Array(1);
  let validFrom = 0;
  let isSettled = false;

  const smooth = (i: number): number => ((raw[(i - 1) & mask] ?? 0) + (raw[i & mask] ?? 0) + (raw[(i + 1) & mask] ?? 0)) / 3;

  /** Zero-phase: the point that stands out most against its flanks, then the extremum beside it. */
  function fiducialNear(centre: number): number {
    const low = validFrom + 1;
    const high = n - 2;
    const from = Math.max(centre - reach, low);
    const to = Math.min(centre + reach, high);
    let best = Math.min(Math.max(centre, from), to);
    let bestRise = 0;
    for (let i = from; i <= to; i++) {
      const rise = smooth(i) - (smooth(Math.max(i - flank, low)) + smooth(Math.min(i + flank, high))) / 2;
      if (Math.abs(rise) > Math.abs(bestRise)) {
        bestRise = rise;
        best = i;
      }
    }
    let at = best;
    for (let i = Math.max(from, best - polish); i <= Math.min(to, best + polish); i++)
      if (bestRise < 0 ? smooth(i) < smooth(at) : smooth(i) > smooth(at)) at = i;
    return at;
  }

  function candidateAt(i: number, rightEnd: number): Candidate | undefined {
    const height = envelope[i & mask] ?? 0;
    if (height <= (envelope[(i - 1) & mask] ?? 0)) return undefined;
    for (let k = 1; k <= dominance; k++) {
      if (i - k >= validFrom && (envelope[(i - k) & mask] ?? 0) > height) return undefined;
      if (i + k <= rightEnd && (envelope[(i + k) & mask] ?? 0) > height) return undefined;
    }
    let slope = 0;
    for (let k = i - width; k <= i; k++)
      if (k > validFrom) slope = Math.max(slope, Math.abs((band[k & mask] ?? 0) - (band[(k - 1) & mask] ?? 0)));
    return { fiducial: fiducialNear(i - delay), height, slope };
  }

  return {
    step(mv) {
      if (!isSettled) {
        hp.settle(mv);
        lp.settle(0);
        sum[0] = 0;
        band.fill(0);
        validFrom = n;
        isSettled = true;
      }
      const at = n & mask;
      const value = lp.step(hp.step(mv));
      sum[0] = (sum[0] as number) + (Math.abs(value) - Math.abs(band[(n - width) & mask] as number));
      raw[at] = mv;
      band[at] = value;
      // A fresh sum once a round keeps rounding from piling up.
      if (at === 0) {
        let whole = 0;
        for (let k = 0; k < width; k++) whole += Math.abs(band[(n - k) & mask] as number);
        sum[0] = whole;
      }
      envelope[at] = (sum[0] as number) / width;
      n++;
      const ripe = n - 1 - dominance;
      return ripe > validFrom ? candidateAt(ripe, n - 1) : undefined;
    },
    end() {
      if (!isSettled) return undefined;
      isSettled = false;
      const newest = n - 1;
      for (let i = newest - 1; i > Math.max(validFrom, newest - dominance); i--) {
        const c = candidateAt(i, newest);
        if (c !== undefined) return (envelope[newest & mask] ?? 0) <= c.height / 2 ? c : undefined;
      }
      return undefined;
    },
    skip(count) {
      n += count;
    },
    level: () => envelope[(n - 1) & mask] ?? 0,
    count: () => n,
    stretchStart: () => (isSettled ? validFrom : n),
    state: () => ({
      count: n,
      filters: [hp.state(), lp.state()],
      raw: Array.from(raw),
      band: Array.from(band),
      envelope: Array.from(envelope),
      sum: sum[0] as number,
      validFrom: isSettled ? validFrom : -1,
    }),
    restore(state) {
      n = state.count;
      const [first, second] = state.filters;
      if (first !== undefined) hp.restore(first);
      if (second !== undefined) lp.restore(second);
      raw.set(state.raw);
      band.set(state.band);
      envelope.set(state.envelope);
      sum[0] = state.sum;
      isSettled = state.validFrom >= 0;
      validFrom = Math.max(0, state.validFrom);
    },
  };
}
