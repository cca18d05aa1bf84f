/**
 * Whether what sensors tell fits the limbs that they are said to be worn on, while their wearer walks. By what every walk shares: trunk and shanks stand, arms
 * hang, the side of the pelvis goes forwards with its leg, and the arm of the other side does. Of what is measured alone.
 */

import { framesOf, type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { placements, segments } from "../../models/signal/body.ts";
import { conjugate, headingOf, type Quaternion, rotate, type Vector } from "../../models/signal/quaternion.ts";

/** One moment. Of what is not measured: undefined. */
interface Moment {
  readonly timeUs: number;
  /** Way along each limb against the vertical, 1 = as it points in a walk. By placement. */
  readonly stands: Readonly<Record<string, number>>;
  /** Heading of the pelvis, rad. */
  readonly yaw?: number;
  /** Left over right, how far the leg is turned back, rad; how far the arm reaches forwards, −1 to 1. */
  readonly legs?: number;
  readonly arms?: number;
}

export type LimbFitState = readonly Moment[];

/** How it fits just now, −1 to 1: of each limb that stands, and of both legs by the sides of the body. */
interface LimbFit {
  readonly stands: Readonly<Record<string, number>>;
  readonly sides?: number;
}

/** Moments a second. */
const rateHz = 10;
const spanS = 6;
/** Half of the time over which the mean is taken away: what turns slowly is the way that is walked. */
const slowS = 0.6;
/** Legs that swing against each other by less are no walk of which sides can be told, rad. */
const leastSwingRad = 0.25;
const shortestShare = 0.8;

export function createLimbFit(saved?: LimbFitState) {
  let moments = [...(saved ?? [])];
  return {
    push({ pose, timeUs }: { readonly pose: Pose; readonly timeUs: number }): void {
      const frames = framesOf(pose);
      const step = Math.max(1, Math.round(pose.rateHz / rateHz));
      for (let frame = step - 1; frame < frames; frame += step)
        moments.push(momentOf(pose, frame, timeUs - Math.round(((frames - frame) * 1e6) / pose.rateHz)));
      moments = moments.filter((each) => each.timeUs > timeUs - spanS * 1e6);
    },
    /** Of the last six seconds; undefined while fewer are here. */
    get fit(): LimbFit | undefined {
      if (moments.length < shortestShare * spanS * rateHz) return undefined;
      const sides = sidesOf(moments);
      const stands = Object.fromEntries(
        placements.flatMap((placement) => {
          const of = moments.flatMap(({ stands: all }) => all[placement] ?? []);
          return of.length < shortestShare * moments.length ? [] : [[placement, meanOf(of)] as const];
        }),
      );
      return sides === undefined ? { stands } : { stands, sides };
    },
    state: (): LimbFitState => [...moments],
  };
}

function momentOf({ rotations, states }: Pose, frame: number, timeUs: number): Moment {
  const turnOf = (placement: string): Quaternion | undefined => {
    const at = frame * segmentCount + (segments as readonly string[]).indexOf(placement);
    if (states[at] !== SegmentState.measured) return undefined;
    const part = (i: number) => rotations[at * 4 + i] ?? 0;
    return [part(0), part(1), part(2), part(3)];
  };
  const pelvis = turnOf("pelvis");
  const back = pelvis === undefined ? undefined : conjugate(headingOf(pelvis));
  /** Beside where the pelvis faces; without one no way is forwards. */
  const along = (placement: string, way: Vector): Vector | undefined => {
    const turn = turnOf(placement);
    return turn === undefined || back === undefined ? undefined : rotate(back, rotate(turn, way));
  };
  const leg = (side: string) => {
    const up = along(`${side}-shank`, [0, 1, 0]);
    return up === undefined ? undefined : Math.atan2(up[2], up[1]);
  };
  const [left, right] = [leg("left"), leg("right")];
  const [leftArm, rightArm] = [along("left-forearm", [1, 0, 0]), along("right-forearm", [-1, 0, 0])];
  const ahead = pelvis === undefined ? undefined : rotate(pelvis, [0, 0, 1]);
  return {
    timeUs,
    stands: Object.fromEntries(
      placements.flatMap((placement) => {
        const turn = turnOf(placement);
        if (turn === undefined) return [];
        const isArm = placement.endsWith("forearm");
        return [[placement, isArm ? -rotate(turn, [placement.startsWith("left") ? 1 : -1, 0, 0])[1] : rotate(turn, [0, 1, 0])[1]] as const];
      }),
    ),
    ...(ahead === undefined ? {} : { yaw: Math.atan2(ahead[0], ahead[2]) }),
    ...(left === undefined || right === undefined ? {} : { legs: left - right }),
    ...(leftArm === undefined || rightArm === undefined ? {} : { arms: leftArm[2] - rightArm[2] }),
  };
}

/** 1 where pelvis and arms go with the legs as they do in a walk, −1 where they go the other way. */
function sidesOf(moments: readonly Moment[]): number | undefined {
  const legs = quickOf(moments.map((each) => each.legs));
  if (legs === undefined || Math.sqrt(meanOf(legs.map((each) => each * each))) < leastSwingRad) return undefined;
  const yaw = quickOf(unwrapped(moments.map((each) => each.yaw)));
  const arms = quickOf(moments.map((each) => each.arms));
  const known = [yaw, arms].flatMap((each) => (each === undefined ? [] : [correlation(each, legs)]));
  return known.length === 0 ? undefined : meanOf(known);
}

/** Without what is slower than a step; undefined where a moment is missing. */
function quickOf(row: readonly (number | undefined)[]): number[] | undefined {
  const values = row.filter((value) => value !== undefined);
  if (values.length < row.length) return undefined;
  const reach = Math.round(slowS * rateHz);
  return values.map((value, i) => value - meanOf(values.slice(Math.max(0, i - reach), i + reach + 1)));
}

function unwrapped(row: readonly (number | undefined)[]): (number | undefined)[] {
  let turns = 0;
  return row.map((value, i) => {
    const before = row[i - 1];
    if (value === undefined || before === undefined) return value;
    if (value - before > Math.PI) turns--;
    if (value - before < -Math.PI) turns++;
    return value + turns * 2 * Math.PI;
  });
}

function meanOf(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0) / row.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const sum = (of: (i: number) => number) => a.reduce((total, _, i) => total + of(i), 0);
  const [x, y] = [(i: number) => a[i] ?? 0, (i: number) => b[i] ?? 0];
  return sum((i) => x(i) * y(i)) / Math.sqrt(sum((i) => x(i) ** 2) * sum((i) => y(i) ** 2) || 1);
}
