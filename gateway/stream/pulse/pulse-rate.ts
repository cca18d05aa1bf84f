/** The rate of a pulse over some seconds, from its beats: how sure it is, and when it is not to be told. */

/** A pulse beat. Seconds on any axis. */
interface Beat {
  readonly timeS: number;
  /** Since the beat before; absent after a hole. */
  readonly intervalS?: number;
  /** To the wearer's last pulses, 0–1. */
  readonly likeness: number;
}

interface Rate {
  readonly bpm?: number;
  /** Holds the rate in nine of ten cases. */
  readonly interval?: readonly [low: number, high: number];
  readonly quality: number;
  readonly without?: "no-signal" | "no-pulse" | "unsure";
}

/** Of the seconds that a rate is told of, its intervals cover at least this share. */
const coverage = 0.6;
const leastIntervals = 3;
const leastQuality = 0.6;
/** What a rate is off by at least, whatever its beats say: the two ends of a window cut other beats than the heart's. */
const leastHalfBpm = 1;

/** `presentShare`: of the window's samples. */
export function rateOf(beats: readonly Beat[], windowS: number, presentShare: number): Rate {
  if (presentShare < coverage) return { quality: 0, without: "no-signal" };
  const intervals = beats.slice(1).flatMap(({ intervalS }) => intervalS ?? []);
  const spanS = intervals.reduce((sum, each) => sum + each, 0);
  if (intervals.length < leastIntervals || spanS < coverage * windowS) return { quality: 0, without: "no-pulse" };
  const quality = beats.reduce((sum, { likeness }) => sum + likeness, 0) / beats.length;
  if (quality < leastQuality) return { quality, without: "unsure" };
  const meanS = spanS / intervals.length;
  const varianceS = intervals.reduce((sum, each) => sum + (each - meanS) ** 2, 0) / (intervals.length - 1);
  const bpm = 60 / meanS;
  const half = leastHalfBpm + (1.64 * bpm * Math.sqrt(varianceS / intervals.length)) / meanS;
  return { bpm, interval: [bpm - half, bpm + half], quality };
}
