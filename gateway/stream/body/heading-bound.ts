/**
 * Bounds how far each motion sensor's heading may turn away from the body. Without a magnetometer nothing tells a sensor where north is, and its heading drifts
 * (a BNO08x by 0.5° a minute by its datasheet, cheaper ones by tens of degrees). Two things are known all the same:
 *
 * - While a limb lies still its heading does not turn: what goes on turning then is drift, and its rate is kept for when the limb moves again.
 * - Over tens of seconds of moving a limb faces about where the pelvis does, within what bodies do. What stays farther away is drift, and is led back to the edge.
 *
 * Within those edges a turned limb and a drift can't be told apart in motion, and where the whole body faces nobody knows: both stay as the sensors say.
 */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { type MotionPlacement, placements } from "../../../models/signal/body.ts";
import { aboutAxis, conjugate, multiply, type Quaternion, rotate, unit } from "../../../models/signal/quaternion.ts";
import { physicalAt } from "../physical.ts";
import { type PlacedBlock, reorderLimitUs } from "../reorder.ts";

const rad = Math.PI / 180;

/**
 * Between which headings against the pelvis's a limb's mean stays while it moves, degrees to the left. Of 53 clips of six people who walk, run, dance, sweep and
 * play ball (CMU subjects 1 to 7, each 1 to 23 s) the means lie within these; a hanging forearm counts as turned inwards.
 */
const within: Readonly<Record<Exclude<MotionPlacement, "pelvis">, readonly [number, number]>> = {
  head: [-50, 50],
  "left-forearm": [-150, 40],
  "right-forearm": [-40, 150],
  "left-shank": [-10, 28],
  "right-shank": [-28, 16],
};

/** What "up" wavers by along the axes of a limb that lies still, degrees, root of the mean square over a second; breathing moves a pelvis by less. */
const stillDeg = 0.4;
/** Degrees a second; what turns faster is turned by somebody. */
const mostDriftDegPerS = 1;
/** Seconds in a row, so that the turning points of a swing are none. */
const leastStill = 3;
/** Still seconds over which a rate is averaged. */
const mostAveraged = 600;
/** A limb that lies still may have turned by so much within all of them; only a rate that is more is drift. */
const swayDeg = 4;
/** s. So far back a rate that is known now was the same. */
const mostBackS = 300;
/** s. Of moving over which a limb's mean is taken; of leading it back; and of learning the rate from that. */
const [meanS, pullS, learnS] = [20, 10, 600];
const secondUs = 1_000_000;
/** Length of that mean (1: always the same way); of one that points everywhere nothing is told. */
const leastMean = 0.5;
/** Of a turn that has hardly a heading (half a turn about a level axis) none is read. */
const leastWeight = 0.3;

/** Of one second of one sensor: sums over its samples. */
interface Second {
  readonly at: number;
  cos: number;
  sin: number;
  up: [number, number, number];
  count: number;
}

interface Heading {
  readonly device: string;
  readonly bootId: string;
  readonly calibratedUs: number;
  /** Seconds that nobody has judged yet, oldest first. */
  open: Second[];
  last?: { readonly at: number; readonly yawDeg: number };
  /** Seconds since it was first heard; in a row in which it lay still; of such ones those that count, with what it turned in one. */
  ageS: number;
  stillS: number;
  averaged: number;
  turnedDegPerS: number;
  /** What drift has turned as stillness tells its rate, and what leading back has added; both are taken out of the heading. Degrees, and how they grow. */
  driftDeg: number;
  rateDegPerS: number;
  ledDeg: number;
  ledDegPerS: number;
  /** Mean direction against the pelvis while it moves. */
  mean?: readonly [cos: number, sin: number];
}

export interface HeadingBoundState {
  readonly nextS: number | undefined;
  readonly headings: readonly (readonly [MotionPlacement, Heading])[];
}

export function createHeadingBound(saved?: HeadingBoundState) {
  const headings = new Map(saved === undefined ? [] : structuredClone(saved.headings));
  let nextS = saved?.nextS;

  const judge = (second: number) => {
    const told = new Map<MotionPlacement, number>();
    for (const [placement, heading] of headings) {
      const yawDeg = advance(heading, second);
      if (yawDeg !== undefined) told.set(placement, wrapped(yawDeg - offDeg(heading)));
    }
    const ahead = told.get("pelvis");
    if (ahead === undefined) return;
    for (const [placement, yawDeg] of told) {
      const heading = headings.get(placement);
      if (placement !== "pelvis" && heading !== undefined && heading.stillS < leastStill)
        leadBack(heading, wrapped(yawDeg - ahead), within[placement]);
    }
  };

  return {
    /**
     * The block with its heading as far as it is known; the very block where nothing is taken out. `calibratedUs`: since when the sensor is calibrated as it is, which
     * has put its heading right.
     */
    push(
      descriptor: StreamDescriptor,
      block: PlacedBlock,
      calibratedUs = 0,
    ): { readonly descriptor: StreamDescriptor; readonly block: PlacedBlock } {
      const placement = placements.find((name) => name === descriptor.placement);
      const axes = descriptor.channels.flatMap(({ kind }, index) => (kind === "quaternion" ? [index] : [])).slice(0, 4);
      if (placement === undefined || axes.length < 4) return { descriptor, block };
      const { device } = descriptor;
      const known = headings.get(placement);
      const isSame = known !== undefined && known.device === device && known.bootId === block.bootId && known.calibratedUs === calibratedUs;
      // A sensor that has started anew knows nothing of where it faced.
      const heading = isSame ? known : newHeading({ device, bootId: block.bootId, calibratedUs });
      headings.set(placement, heading);
      nextS ??= Math.floor(block.startUs / secondUs);
      const turns = turnsOf(descriptor, block, axes);
      for (const [i, turn] of turns.entries()) if (turn !== undefined) add(heading, block.startUs + (i * 1e6) / descriptor.rateHz, turn);
      return Math.abs(offDeg(heading)) < leastOffDeg ? { descriptor, block } : turnedBack(descriptor, block, { axes, turns, heading });
    },
    /** Judges the seconds before `readyUs`, which every live stream has passed. */
    step(readyUs: number): void {
      if (nextS === undefined) return;
      const end = Math.floor(readyUs / secondUs);
      const oldest = Math.min(...[...headings.values()].map(({ open }) => open[0]?.at ?? Number.POSITIVE_INFINITY));
      // Hours without any sample are one step.
      for (nextS = Math.max(nextS, Math.min(oldest, end)); nextS < end; nextS++) judge(nextS);
    },
    state: (): HeadingBoundState => structuredClone({ nextS, headings: [...headings] }),
  };
}

function newHeading(of: Pick<Heading, "device" | "bootId" | "calibratedUs">): Heading {
  const still = { ageS: 0, stillS: 0, averaged: 0, turnedDegPerS: 0 };
  return { ...of, open: [], ...still, driftDeg: 0, rateDegPerS: 0, ledDeg: 0, ledDegPerS: 0 };
}

/** Degrees. Less is left as it is, so that a sensor that does not drift is shown to the bit as it told. */
const leastOffDeg = 0.05;
/** Seconds that wait at most; a device may be ahead of the slowest by the reorder limit and a batch. */
const mostOpen = Math.ceil(reorderLimitUs / secondUs) + 15;

function turnsOf(descriptor: StreamDescriptor, block: PlacedBlock, axes: readonly number[]): (Quaternion | undefined)[] {
  return Array.from({ length: block.count }, (_, i) => {
    const parts = axes.map((index) => {
      const channel = descriptor.channels[index];
      return channel === undefined ? Number.NaN : physicalAt(block, channel, index, i);
    });
    return unit(parts as unknown as Quaternion);
  });
}

function add(heading: Heading, us: number, turn: Quaternion): void {
  const at = Math.floor(us / secondUs);
  let second = heading.open.at(-1);
  if (second === undefined || second.at < at) {
    second = { at, cos: 0, sin: 0, up: [0, 0, 0], count: 0 };
    heading.open.push(second);
    if (heading.open.length > mostOpen) heading.open.shift();
  }
  const [w, , y] = turn;
  // Twice the half angle, weighted by how much of the turn is a heading at all.
  second.cos += w * w - y * y;
  second.sin += 2 * w * y;
  for (const [axis, part] of rotate(conjugate(turn), [0, 1, 0]).entries()) second.up[axis as 0] += part;
  second.count++;
}

/** Goes on by one second, and gives where the sensor itself says that it faces; undefined where it says nothing. */
function advance(heading: Heading, at: number): number | undefined {
  while ((heading.open[0]?.at ?? at) < at) heading.open.shift();
  const second = heading.open[0]?.at === at ? heading.open.shift() : undefined;
  const weight = second === undefined ? 0 : Math.hypot(second.cos, second.sin) / second.count;
  const yawDeg = second === undefined || weight < leastWeight ** 2 ? undefined : Math.atan2(second.sin, second.cos) / rad;
  const since = heading.last?.at === at - 1 ? heading.last.yawDeg : undefined;
  const turnedDeg = yawDeg === undefined || since === undefined ? undefined : wrapped(yawDeg - since);
  if (yawDeg !== undefined) heading.last = { at, yawDeg };
  const isStill = second !== undefined && turnedDeg !== undefined && Math.abs(turnedDeg) < mostDriftDegPerS && waverDeg(second) < stillDeg;
  heading.stillS = isStill ? heading.stillS + 1 : 0;
  heading.ageS++;
  if (turnedDeg !== undefined && heading.stillS >= leastStill) learnRate(heading, turnedDeg);
  heading.driftDeg += heading.rateDegPerS;
  heading.ledDeg += heading.ledDegPerS;
  return yawDeg;
}

/** A rate that is known better was the same a while before: what it has turned since then is taken out as well. */
function learnRate(heading: Heading, turnedDeg: number): void {
  heading.averaged = Math.min(mostAveraged, heading.averaged + 1);
  heading.turnedDegPerS += (turnedDeg - heading.turnedDegPerS) / heading.averaged;
  const isDrift = Math.abs(heading.turnedDegPerS) > swayDeg / heading.averaged;
  const rate = isDrift ? heading.turnedDegPerS : 0;
  // What was led back until the rate was known was that very drift.
  if (heading.rateDegPerS === 0 && rate !== 0) Object.assign(heading, { ledDeg: 0, ledDegPerS: 0 });
  heading.driftDeg += (rate - heading.rateDegPerS) * Math.min(heading.ageS, mostBackS);
  heading.rateDegPerS = rate;
}

function waverDeg({ up, count }: Second): number {
  return Math.sqrt(Math.max(0, 1 - (Math.hypot(...up) / count) ** 2)) / rad;
}

function leadBack(heading: Heading, againstDeg: number, [low, high]: readonly [number, number]): void {
  const [cos, sin] = heading.mean ?? [Math.cos(againstDeg * rad), Math.sin(againstDeg * rad)];
  const share = 1 / meanS;
  heading.mean = [cos + share * (Math.cos(againstDeg * rad) - cos), sin + share * (Math.sin(againstDeg * rad) - sin)];
  const middle = (low + high) / 2;
  if (Math.hypot(...heading.mean) < leastMean) return;
  const off = wrapped(Math.atan2(heading.mean[1], heading.mean[0]) / rad - middle);
  const beyond = Math.sign(off) * Math.max(0, Math.abs(off) - (high - low) / 2);
  heading.ledDeg += beyond / pullS;
  const led = heading.ledDegPerS + beyond / pullS / learnS;
  heading.ledDegPerS = Math.max(-mostDriftDegPerS, Math.min(mostDriftDegPerS, led));
}

interface TurnedBack {
  readonly axes: readonly number[];
  readonly turns: readonly (Quaternion | undefined)[];
  readonly heading: Heading;
}

/** What a sensor tells along its own axes stays: only where those point has changed. */
function turnedBack(descriptor: StreamDescriptor, block: PlacedBlock, { axes, turns, heading }: TurnedBack) {
  const back = aboutAxis([0, 1, 0], -offDeg(heading) * rad);
  const rows = axes.map(() => new Float32Array(block.count).fill(Number.NaN));
  for (const [i, turn] of turns.entries())
    if (turn !== undefined) for (const [part, value] of multiply(back, turn).entries()) (rows[part] as Float32Array)[i] = value;
  const channels = descriptor.channels.map((channel, at) => (axes.includes(at) ? { ...channel, scale: 1, offset: 0 } : channel));
  const samples = block.channels.map((row, at) => rows[axes.indexOf(at)] ?? row);
  return { descriptor: { ...descriptor, channels }, block: { ...block, channels: samples } };
}

function offDeg({ driftDeg, ledDeg }: Heading): number {
  return wrapped(driftDeg + ledDeg);
}

function wrapped(deg: number): number {
  return deg - 360 * Math.round(deg / 360);
}
