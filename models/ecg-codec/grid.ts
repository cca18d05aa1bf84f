/**
 * A stretch of signal cut at its beats, each on a grid of 120 Hz of its own that begins 1/3 s before the R peak, so that alike beats give alike numbers
 * whatever the stream's rate; and back. Sums of doubles in a fixed order: every machine has the same ones.
 */

export const gridHz = 120;
/** Grid points before the R peak; points that stand as they are; numbers of a window: the points behind are spread over the rest. */
const before = 40;
export const head = 88;
export const width = 112;
const tail = width - head;
/** Longer stretches without a beat go in pieces. */
const longest = 216;
const piece = 96;
const shortest = 12;
/** Of the time since the last beat at most so much lies before this one's. */
const mostBefore = 0.4;

/** Holds the samples `from` … `to` − 1; its grid has `count` points from sample `start` on, `step` samples apart. */
export interface Segment {
  /** The point of its R peak; none has it that begins at no beat. */
  readonly peakAt?: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** @param peaks samples of R peaks, rising */
export function segmentsOf(samples: number, rateHz: number, peaks: readonly number[]): Segment[] {
  if (samples === 0) return [];
  const step = rateHz / gridHz;
  const starts: { readonly at: number; readonly peakAt?: number }[] = [{ at: 0 }];
  let last = Number.NEGATIVE_INFINITY;
  for (const peak of peaks) {
    const lead = Math.min(before, Math.floor((mostBefore * (peak - last)) / step));
    last = peak;
    const start = peak - lead * step;
    if (start > (starts.at(-1)?.at ?? 0) + shortest * step && start < samples - step) starts.push({ at: start, peakAt: lead });
  }
  const segments: Segment[] = [];
  const add = (start: number, end: number, peakAt: number | undefined) => {
    const [from, to] = [Math.ceil(start), Math.min(samples, Math.ceil(end))];
    const count = Math.max(1, Math.ceil((to - start) / step));
    segments.push({ from, to, start, step, count, ...(peakAt === undefined ? {} : { peakAt }) });
  };
  starts.forEach(({ at: start, peakAt }, i) => {
    const end = starts[i + 1]?.at ?? samples;
    let at = start;
    for (; end - at > longest * step; at += piece * step) add(at, at + piece * step, at === start ? peakAt : undefined);
    add(at, end, at === start ? peakAt : undefined);
  });
  return segments;
}

/** A low pass at 50 Hz as a Hamming-windowed sinc, ten grid points to either side, in 1/48 of a point and 1/65,536. */
const fineness = 48;
const reach = 10;
const cut = 50 / (gridHz / 2);
export const kernel: readonly number[] = Array.from({ length: reach * fineness + 2 }, (_, i) => {
  const x = i / fineness;
  if (x >= reach) return 0;
  const sinc = x === 0 ? cut : Math.sin(Math.PI * cut * x) / (Math.PI * x);
  return Math.round(65_536 * sinc * (0.54 + 0.46 * Math.cos((Math.PI * x) / reach)));
});

/** Weight at this distance, in grid points. */
function weightAt(distance: number): number {
  const x = Math.abs(distance) * fineness;
  const i = Math.floor(x);
  const [a, b] = [kernel[i] ?? 0, kernel[i + 1] ?? 0];
  return a + (b - a) * (x - i);
}

/** For a place between two whole ones, in `phases` steps: the weights of those around it, `radius` before the lower one first. */
interface Weights {
  readonly phases: number;
  readonly radius: number;
  readonly rows: readonly Float64Array[];
}

/** @param unit grid points in one step of what is weighed */
function weightsBy(phases: number, unit: number): Weights {
  const radius = Math.ceil(reach / unit);
  const rows = Array.from({ length: phases }, (_, phase) => {
    const row = Float64Array.from({ length: 2 * radius + 2 }, (_, k) => weightAt((k - radius - phase / phases) * unit));
    let sum = 0;
    for (const weight of row) sum += weight;
    return row.map((weight) => weight / sum);
  });
  return { phases, radius, rows };
}

const ofPoints = weightsBy(fineness, 1);
/** Of a stream's samples; a rate's grid steps are multiples of 1/24 sample at all rates that are multiples of 5 Hz. */
const samplePhases = 24;
const bySampleStep = new Map<number, Weights>();
/** Rates whose weights are remembered: more than a house has. */
const maxRates = 16;

function ofSamples(step: number): Weights {
  const known = bySampleStep.get(step);
  if (known !== undefined) return known;
  const made = weightsBy(samplePhases, Math.min(1, 1 / step));
  if (bySampleStep.size >= maxRates) bySampleStep.clear();
  bySampleStep.set(step, made);
  return made;
}

/** The weighted mean of the values round a place; those beyond the ends are as the ends. */
function meanAt(values: ArrayLike<number>, at: number, { phases, radius, rows }: Weights): number {
  const place = Math.round(at * phases);
  const lower = Math.floor(place / phases);
  const row = rows[place - lower * phases];
  if (row === undefined) return 0;
  const [first, last] = [lower - radius, values.length - 1];
  let sum = 0;
  if (first >= 0 && first + row.length <= values.length)
    for (let k = 0; k < row.length; k++) sum += (row[k] as number) * (values[first + k] as number);
  else for (let k = 0; k < row.length; k++) sum += (row[k] as number) * (values[Math.max(0, Math.min(last, first + k))] as number);
  return sum;
}

/** The signal at a segment's points. */
export function pointsOf(samples: ArrayLike<number>, { start, step, count }: Segment): Float64Array {
  const weights = ofSamples(step);
  return Float64Array.from({ length: count }, (_, j) => meanAt(samples, start + j * step, weights));
}

/** Writes the samples of a segment from its points. */
export function writeSamples(points: Float64Array, { from, to, start, step }: Segment, out: Float64Array): void {
  for (let i = from; i < to; i++) out[i] = meanAt(points, (i - start) / step, ofPoints);
}

/** Where the signal lies at a segment's start: the mean of a twentieth of a second. */
export function levelAt(samples: ArrayLike<number>, { start, step }: Pick<Segment, "start" | "step">): number {
  const around = Math.round(2.67 * step);
  const [from, to] = [Math.max(0, Math.round(start) - around), Math.min(samples.length - 1, Math.round(start) + around)];
  let sum = 0;
  for (let i = from; i <= to; i++) sum += samples[i] ?? 0;
  return sum / Math.max(1, to - from + 1);
}

/** Takes from (or, with sign 1, adds to) the points the line between two levels. */
export function addLine(points: Float64Array, sign: 1 | -1, from: number, to: number): void {
  for (let j = 0; j < points.length; j++) points[j] = (points[j] ?? 0) + sign * (from + ((to - from) * j) / points.length);
}

/** Points as the numbers of a window: the first as they are, the rest as the means of equal parts. */
export function windowOf(points: Float64Array): Float64Array {
  const window = new Float64Array(width);
  window.set(points.subarray(0, head));
  const more = points.length - head;
  if (more <= 0) return window;
  if (more <= tail) {
    for (let i = 0; i < tail; i++) window[head + i] = valueAt(points, head + ((i + 0.5) * more) / tail - 0.5);
    return window;
  }
  for (let i = 0; i < tail; i++) {
    const [from, to] = [head + (i * more) / tail, head + ((i + 1) * more) / tail];
    let sum = 0;
    for (let j = Math.floor(from); j < to && j < points.length; j++) sum += (Math.min(to, j + 1) - Math.max(from, j)) * (points[j] ?? 0);
    window[head + i] = sum / (to - from);
  }
  return window;
}

/** @param count points */
export function pointsFrom(window: Float64Array, count: number): Float64Array {
  const points = new Float64Array(count);
  points.set(window.subarray(0, Math.min(head, count)));
  const more = count - head;
  for (let j = 0; j < more; j++) points[head + j] = valueAt(window, head + ((j + 0.5) * tail) / more - 0.5);
  return points;
}

/** Between two numbers on the straight line; as the ends beyond them. */
function valueAt(values: Float64Array, at: number): number {
  const place = Math.max(0, Math.min(values.length - 1, at));
  const i = Math.floor(place);
  const [a = 0, b = a] = [values[i], values[i + 1]];
  return a + (b - a) * (place - i);
}

/** From the P wave to the ST segment an error weighs more. */
const dear = { from: 12, to: 60, weight: 1.25 };

/** What a unit of error in each number of a window weighs: by how many points it stands for, none where it stands for none. */
export function weightsOf(count: number): Float64Array {
  const ofTail = Math.sqrt(Math.max(0, Math.min(2 * tail, count - head)) / tail);
  return Float64Array.from({ length: width }, (_, j) =>
    j >= head ? ofTail : j >= count ? 0 : j >= dear.from && j < dear.to ? dear.weight : 1,
  );
}
