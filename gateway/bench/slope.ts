/** Whether a quantity grows, and how sure that is: a straight line through what it was at its lowest in each window of time. Pure. */

export interface Sample {
  readonly atS: number;
  readonly value: number;
}

interface Slope {
  /** Per hour. */
  readonly perHour: number;
  /** Bounds of the 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
}

/** Memory goes up and down with each collection; its lowest in a window is what is held. */
const windows = 20;
/** Student's t, two-sided 95 %, for `windows` − 2 degrees of freedom. */
const t18 = 2.101;

/** Ordinary least squares over the windows' minima. The error of the slope is that of independent residuals. Throws RangeError below two samples a window. */
export function slopeOf(samples: readonly Sample[]): Slope {
  if (samples.length < 2 * windows) throw new RangeError(`a slope wants at least ${2 * windows} samples`);
  const size = samples.length / windows;
  const lowest = Array.from({ length: windows }, (_, i) => {
    const own = samples.slice(Math.round(i * size), Math.round((i + 1) * size));
    return own.reduce((least, each) => (each.value < least.value ? each : least));
  });
  const mean = (of: (each: Sample) => number) => lowest.reduce((sum, each) => sum + of(each), 0) / windows;
  const meanS = mean(({ atS }) => atS);
  const meanValue = mean(({ value }) => value);
  const spread = windows * mean(({ atS }) => (atS - meanS) ** 2);
  const slope = (windows * mean(({ atS, value }) => (atS - meanS) * (value - meanValue))) / spread;
  const residual = windows * mean(({ atS, value }) => (value - meanValue - slope * (atS - meanS)) ** 2);
  const margin = t18 * Math.sqrt(residual / (windows - 2) / spread);
  const perHour = (perS: number) => perS * 3600;
  return { perHour: perHour(slope), low: perHour(slope - margin), high: perHour(slope + margin) };
}
