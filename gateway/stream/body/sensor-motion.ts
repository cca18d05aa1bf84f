/** One motion sensor of a body, second by second: steps that it can count, how far it moved, which way is up. What comes is turned to its segment already. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { conjugate, multiply, type Quaternion, rotate, unit, type Vector } from "../../../models/signal/quaternion.ts";
import { createBounceDetector, createSwingDetector } from "../../../models/signal/strides.ts";
import { gPer } from "../motion/gravity.ts";
import { physicalAt } from "../physical.ts";
import type { PlacedBlock } from "../reorder.ts";

/** Sums over a second. */
interface Second {
  /** Index since 1970. */
  readonly at: number;
  count: number;
  /** When, gateway axis. */
  readonly stepsUs: number[];
  turnSquares: number;
  accSum: number;
  accSquares: number;
  /** Sum of how upright the segment stood, −1 to 1. */
  upright: number;
}

export interface SensorMotionState {
  readonly rateHz: number;
  readonly newestUs: number;
  readonly last: Quaternion | undefined;
  /** Smoothed, rad/s. */
  readonly rate: Vector;
  readonly detector: unknown;
  readonly seconds: readonly Readonly<Second>[];
}

export interface SensorSecond {
  /** When each step was that became known in it. */
  readonly stepsUs: readonly number[];
  /** Root of the mean square of its rate of turn, rad/s. */
  readonly turnRadps: number;
  /** Standard deviation of its acceleration's size, g; 0 where it measures none. */
  readonly shakeG: number;
  /** Of the segment from upright, degrees. */
  readonly tiltDeg: number;
}

interface SensorMotion {
  push(descriptor: StreamDescriptor, block: PlacedBlock): void;
  /** What second number `at` held, and forgets what is older; undefined where too little came. */
  second(at: number): SensorSecond | undefined;
  readonly newestUs: number;
  state(): SensorMotionState;
}

/** A device may be ahead of the slowest by the reorder limit and one batch. */
const mostSeconds = 20;
const leastShare = 0.5;
/** s. A rate of turn that is read off two orientations trembles; over this time it does not, and a limb that moves is still seen to. */
const smoothS = 0.125;
/** Way along the limb of a segment that hangs upright in a T-pose; forearms lie level there. */
const up: Vector = [0, 1, 0];

export function createSensorMotion(placement: string, saved?: SensorMotionState): SensorMotion {
  const [isShank, isArm] = [placement.endsWith("shank"), placement.endsWith("forearm")];
  const openDetector = (rateHz: number, from?: unknown) =>
    isShank ? createSwingDetector(rateHz, from) : createBounceDetector(rateHz, isArm ? "arm" : "trunk", from);
  let rateHz = saved?.rateHz ?? 0;
  let detector = rateHz === 0 ? undefined : openDetector(rateHz, saved?.detector);
  let newestUs = saved?.newestUs ?? Number.NEGATIVE_INFINITY;
  let last = saved?.last;
  let rate: Vector = saved?.rate ?? [0, 0, 0];
  let seconds: Second[] = (saved?.seconds ?? []).map((each) => ({ ...each, stepsUs: [...each.stepsUs] }));

  const add = (atUs: number, turn: Quaternion, sizeG: number, upG: number) => {
    const [w, x, y, z] = last === undefined ? ([1, 0, 0, 0] as const) : multiply(conjugate(last), turn);
    const perS = (w < 0 ? -2 : 2) * rateHz;
    const share = 1 - Math.exp(-1 / (smoothS * rateHz));
    rate = rate.map((was, axis) => was + share * ((([x, y, z] as const)[axis as 0] ?? 0) * perS - was)) as unknown as Vector;
    const turned = Math.hypot(...rate);
    // About +x the top goes forwards and the foot back.
    const at = Math.floor(atUs / 1e6);
    let second = seconds.at(-1);
    if (second?.at !== at) {
      second = { at, count: 0, stepsUs: [], turnSquares: 0, accSum: 0, accSquares: 0, upright: 0 };
      seconds = [...seconds.slice(1 - mostSeconds), second];
    }
    for (const agoS of detector?.push(isShank ? -x * perS : upG) ?? []) second.stepsUs.push(Math.round(atUs - agoS * 1e6));
    second.count++;
    second.turnSquares += turned * turned;
    second.accSum += sizeG;
    second.accSquares += sizeG * sizeG;
    second.upright += rotate(turn, up)[1];
    last = turn;
  };

  return {
    push(descriptor, block) {
      const of = (kind: string, count: number) =>
        descriptor.channels.flatMap((channel, index) => (channel.kind === kind ? [{ channel, index }] : [])).slice(0, count);
      const [turns, acc] = [of("quaternion", 4), of("acc", 3)];
      const toG = acc.length < 3 ? undefined : gPer(acc[0]?.channel.unit ?? "");
      if (turns.length < 4) return;
      if (descriptor.rateHz !== rateHz) {
        rateHz = descriptor.rateHz;
        detector = openDetector(rateHz);
        last = undefined;
      }
      for (let i = 0; i < block.count; i++) {
        const atUs = block.startUs + (i * 1e6) / rateHz;
        if (atUs <= newestUs) continue;
        if (atUs - newestUs > 1.5e6 / rateHz) last = undefined;
        newestUs = atUs;
        const read = (one: (typeof turns)[number] | undefined) =>
          one === undefined ? Number.NaN : physicalAt(block, one.channel, one.index, i);
        const turn = unit([read(turns[0]), read(turns[1]), read(turns[2]), read(turns[3])]);
        if (turn === undefined) {
          last = undefined;
          continue;
        }
        const pull: Vector = toG === undefined ? [0, 0, 0] : [read(acc[0]) * toG, read(acc[1]) * toG, read(acc[2]) * toG];
        const hasPull = toG !== undefined && !pull.some(Number.isNaN);
        add(atUs, turn, hasPull ? Math.hypot(...pull) : 0, hasPull ? rotate(turn, pull)[1] - 1 : Number.NaN);
      }
    },
    second(at) {
      const own = seconds.find((each) => each.at === at);
      seconds = seconds.filter((each) => each.at > at);
      if (own === undefined || own.count < leastShare * rateHz) return undefined;
      const mean = (sum: number) => sum / own.count;
      return {
        stepsUs: own.stepsUs,
        turnRadps: Math.sqrt(mean(own.turnSquares)),
        shakeG: Math.sqrt(Math.max(0, mean(own.accSquares) - mean(own.accSum) ** 2)),
        tiltDeg: (Math.acos(Math.max(-1, Math.min(1, mean(own.upright)))) * 180) / Math.PI,
      };
    },
    get newestUs() {
      return newestUs;
    },
    state: () => ({
      rateHz,
      newestUs,
      last,
      rate,
      detector: detector?.state(),
      seconds: seconds.map((each) => ({ ...each, stepsUs: [...each.stepsUs] })),
    }),
  };
}
