/** Counts how fast samples really arrive. A label that says 360 Hz on a strap that sends 306 would let its signal fall further behind with every minute. */

interface PacePoint {
  /** One past the newest sample, without jumps of the numbers. */
  readonly endIndex: number;
  readonly arrivalUs: number;
  /** The device's own time of that sample as it says; undefined where it has no clock. */
  readonly clockUs: number | undefined;
  /** It came later than what had come before: being caught up it would look like a fast strap. */
  readonly isLate: boolean;
}

export interface PaceState {
  readonly points: readonly PacePoint[];
  readonly open: (PacePoint & { readonly sinceUs: number }) | undefined;
  readonly nominalHz: number;
  readonly usedHz: number;
}

interface Pace {
  push(point: PacePoint, nominalHz: number): void;
  /** Forgets what was counted, not what was found: arrivals before and after cannot be compared. */
  reset(): void;
  /** The rate to judge by: the nominal one while that is right. */
  rateHz(nominalHz: number): number;
  /** Of the newest point; undefined before the first. */
  readonly nominalHz: number | undefined;
  /** As counted lately, right or wrong. */
  readonly measuredHz: number | undefined;
  state(): PaceState;
}

/** The earliest arrival of each stretch counts: delay only adds. */
const stretchUs = 2_000_000;
/** A large difference is seen after 10 s, a small one after a minute. Stretches, and the share by which the rate must be off. */
const looks = [
  { points: 6, share: 0.03 },
  { points: 31, share: 0.005 },
];
const longest = 31;
/** Nearer to the label than this the label is right; the clock map follows the rest. */
const rightShare = 0.005;
/** Arrivals of a steady pace lie on a line to within this, and a share of what the rate is off by: a link that chokes bends it. */
const bendUs = 60_000;
const bendShare = 0.15;
/** Beyond this a link that chokes is likelier than such a strap, unless its own clock says the same. */
const plausible = [0.75, 1.25] as const;
const plausibleByClock = [0.4, 2.5] as const;
const sameShare = 0.05;

export function createPace(saved?: PaceState): Pace {
  let points = saved?.points ?? [];
  let open = saved?.open;
  let nominalHz = saved?.nominalHz ?? 0;
  let usedHz = saved?.usedHz ?? 0;

  const look = () => {
    for (const { points: count, share } of looks) {
      if (points.length < count) return;
      const window = points.slice(-count);
      const { rateHz, bend } = lineOf(window);
      const offUs = Math.abs(rateHz / usedHz - 1) * ((window.at(-1)?.arrivalUs ?? 0) - (window[0]?.arrivalUs ?? 0));
      if (Math.abs(rateHz / usedHz - 1) < share || bend > bendUs + bendShare * offUs) continue;
      if (rateHz > usedHz && window.some(({ isLate }) => isLate)) continue;
      const [least, most] = isByClock(window, rateHz) ? plausibleByClock : plausible;
      if (rateHz < least * nominalHz || rateHz > most * nominalHz) continue;
      usedHz = Math.abs(rateHz / nominalHz - 1) < rightShare ? nominalHz : Math.round(rateHz * 100) / 100;
      return;
    }
  };

  return {
    push(point, nominal) {
      if (nominal !== nominalHz) [points, open, nominalHz, usedHz] = [[], undefined, nominal, nominal];
      const excessUs = ({ arrivalUs, endIndex }: PacePoint) => arrivalUs - (endIndex * 1e6) / usedHz;
      if (open !== undefined && point.arrivalUs - open.sinceUs >= stretchUs) {
        const { sinceUs: _, ...earliest } = open;
        points = [...points, earliest].slice(-longest);
        open = undefined;
        look();
      }
      if (open === undefined) open = { ...point, sinceUs: point.arrivalUs };
      else if (excessUs(point) < excessUs(open)) open = { ...point, sinceUs: open.sinceUs };
    },
    reset() {
      points = [];
      open = undefined;
    },
    rateHz: (nominal) => (nominal === nominalHz ? usedHz : nominal),
    get nominalHz() {
      return nominalHz === 0 ? undefined : nominalHz;
    },
    get measuredHz() {
      return points.length < 6 ? undefined : lineOf(points).rateHz;
    },
    state: () => ({ points, open, nominalHz, usedHz }),
  };
}

/** Samples a second by least squares, and how far the farthest point lies off the line. */
function lineOf(points: readonly PacePoint[]): { rateHz: number; bend: number } {
  const [first] = points;
  const t = points.map(({ arrivalUs }) => arrivalUs - (first?.arrivalUs ?? 0));
  const n = points.map(({ endIndex }) => endIndex - (first?.endIndex ?? 0));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanT, meanN] = [mean(t), mean(n)];
  let [both, square] = [0, 0];
  t.forEach((at, i) => {
    both += (at - meanT) * ((n[i] ?? 0) - meanN);
    square += (at - meanT) ** 2;
  });
  const perUs = both / square;
  const bend = Math.max(...t.map((at, i) => Math.abs((n[i] ?? 0) - meanN - perUs * (at - meanT)) / perUs));
  return { rateHz: perUs * 1e6, bend };
}

function isByClock(points: readonly PacePoint[], rateHz: number): boolean {
  const [first, last] = [points[0], points.at(-1)];
  if (first?.clockUs === undefined || last?.clockUs === undefined) return false;
  const byClockHz = ((last.endIndex - first.endIndex) * 1e6) / (last.clockUs - first.clockUs);
  return Math.abs(byClockHz / rateHz - 1) < sameShare;
}
