/**
 * Finds turns of a body in the acceleration of a sensor on it: gravity comes from another side than some seconds ago. Shaking, however strong and of whatever
 * frequency, is none: without a turn, 50° between two readings near 1 g would take sideways accelerations of 0.4 g in opposite directions.
 */

export interface TurnState {
  /** Acceleration without what is faster than half a second, in g. */
  slow: readonly number[] | undefined;
  readonly count: number;
  /** `slow` at the ends of the last seconds, oldest first. */
  readonly seconds: readonly (readonly number[])[];
}

interface TurnDetector {
  /** One sample of three axes in g; NaN in any of them = no sample. True at the end of a second in which the body has turned. */
  push(axesG: ArrayLike<number>): boolean;
  state(): TurnState;
}

const smoothS = 0.5;
/** A body turns within this many seconds; gravity of a sensor that is laid aside comes from one side from then on. */
const reachS = 4;
const leastTurn = Math.cos((50 * Math.PI) / 180);
/** In g, round 1: farther off the sensor is being accelerated, and the direction of gravity is not known. */
const tolerance = 0.08;

export function createTurnDetector({ rateHz, state: saved }: { rateHz: number; state?: TurnState }): TurnDetector {
  const gain = 1 - Math.exp(-1 / (smoothS * rateHz));
  const second = Math.max(1, Math.round(rateHz));
  const slow = Float64Array.from(saved?.slow ?? [Number.NaN, Number.NaN, Number.NaN]);
  let count = saved?.count ?? 0;
  let seconds = saved?.seconds.map((each) => [...each]) ?? [];

  const isKnown = () => !Number.isNaN(slow[0]);

  return {
    push(axesG) {
      const x = axesG[0] ?? Number.NaN;
      const y = axesG[1] ?? Number.NaN;
      const z = axesG[2] ?? Number.NaN;
      if (!Number.isNaN(x + y + z)) {
        if (!isKnown()) slow.set([x, y, z]);
        slow[0] = (slow[0] as number) + gain * (x - (slow[0] as number));
        slow[1] = (slow[1] as number) + gain * (y - (slow[1] as number));
        slow[2] = (slow[2] as number) + gain * (z - (slow[2] as number));
      }
      if (++count < second || !isKnown()) return false;
      count = 0;
      const gravity = [...slow];
      const hasTurned = seconds.some((before) => isTurn(before, gravity));
      // What was before a turn is told once.
      seconds = hasTurned ? [gravity] : [...seconds, gravity].slice(-reachS);
      return hasTurned;
    },
    state: () => ({ slow: isKnown() ? [...slow] : undefined, count, seconds }),
  };
}

function isTurn(before: readonly number[], now: readonly number[]): boolean {
  const lengths = [Math.hypot(...before), Math.hypot(...now)] as const;
  if (lengths.some((length) => Math.abs(length - 1) > tolerance)) return false;
  const dot = before.reduce((sum, each, axis) => sum + each * (now[axis] ?? 0), 0);
  return dot < leastTurn * lengths[0] * lengths[1];
}
