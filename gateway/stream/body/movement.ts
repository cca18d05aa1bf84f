/** Steps, stillness, posture and wear of one person's motion sensors, second by second. Of the present alone. */

import type { Source } from "../../../device-drivers/contract/result.ts";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { type MotionPlacement, placements } from "../../../models/signal/body.ts";
import type { MovementFact, Posture } from "../../facts/movement.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createSensorMotion, type SensorMotionState, type SensorSecond } from "./sensor-motion.ts";
import { createWearWatch, stillBelow } from "./wear-watch.ts";

interface SensorState {
  readonly placement: MotionPlacement;
  readonly source: Source;
  readonly motion: SensorMotionState;
  readonly wear: ReturnType<ReturnType<typeof createWearWatch>["state"]>;
}

export interface MovementState {
  /** The next second, since 1970. */
  readonly next: number | undefined;
  readonly sensors: readonly SensorState[];
  /** Steps of the last seconds, and how many each stands for, newest last. */
  readonly walked: readonly (readonly [timeUs: number, steps: number])[];
  readonly stillS: number;
}

interface Sensor {
  readonly source: Source;
  readonly motion: ReturnType<typeof createSensorMotion>;
  readonly wear: ReturnType<typeof createWearWatch>;
}

interface Told extends Sensor {
  readonly placement: MotionPlacement;
  readonly second: SensorSecond;
}

/** A walk is told by the steps of so many seconds, if there are so many of them. */
const [cadenceS, leastSteps] = [8, 4];
/** Without a step for so long nobody walks. */
const pausesUs = 2_500_000;
const [leansDeg, liesDeg] = [35, 60];

export function createMovement(saved?: MovementState) {
  const sensors = new Map<MotionPlacement, Sensor>(
    (saved?.sensors ?? []).map(({ placement, source, motion, wear }) => [
      placement,
      { source, motion: createSensorMotion(placement, motion), wear: createWearWatch(wear) },
    ]),
  );
  let next = saved?.next;
  let walked = [...(saved?.walked ?? [])];
  let stillS = saved?.stillS ?? 0;

  const cadence = (timeUs: number): number | undefined => {
    walked = walked.filter(([us]) => us > timeUs - cadenceS * 1e6);
    const [first, newest] = [walked[0], walked.at(-1)];
    const steps = walked.reduce((sum, [, count]) => sum + count, 0);
    if (first === undefined || newest === undefined || steps < leastSteps || timeUs - newest[0] > pausesUs || newest[0] === first[0])
      return undefined;
    return Math.round(((steps - first[1]) / (newest[0] - first[0])) * 60e6);
  };

  const factOf = (at: number): MovementFact | undefined => {
    const told = placements.flatMap((placement): Told[] => {
      const sensor = sensors.get(placement);
      const second = sensor?.motion.second(at);
      return sensor === undefined || second === undefined ? [] : [{ ...sensor, placement, second }];
    });
    const [first, ...others] = told.map(({ source }) => source);
    if (first === undefined) return undefined;
    const timeUs = (at + 1) * 1e6;
    const isWalking = cadence(timeUs) !== undefined;
    for (const { wear, second, source } of told)
      wear.push(second, isWalking && told.some((other) => other.source !== source && other.second.stepsUs.length > 0));
    const worn = told.filter(({ wear }) => wear.isWorn !== false);
    const counted = stepsOf(worn);
    for (const us of counted?.us ?? []) walked.push([us, counted?.each ?? 1]);
    walked.sort(([a], [b]) => a - b);
    const known = worn.filter(({ wear }) => wear.isWorn === true);
    const isStill = ({ second }: Told) => second.turnRadps < stillBelow.turnRadps && second.shakeG < stillBelow.shakeG;
    stillS = known.length > 0 && worn.every(isStill) ? stillS + 1 : 0;
    const [cadencePerMin, posture] = [cadence(timeUs), postureOf(worn)];
    return {
      ...{ kind: "movement", ...first, about: [first, ...others], timeUs, knownUs: timeUs },
      ...(counted === undefined ? {} : { steps: counted.us.length * counted.each, stepsBy: counted.by }),
      ...(cadencePerMin === undefined ? {} : { cadencePerMin }),
      ...(known.length === 0 ? {} : { stillS }),
      ...(posture === undefined ? {} : { posture }),
      sensors: told.map(({ source: { device }, placement, wear: { isWorn } }) => ({
        device,
        placement,
        ...(isWorn === undefined ? {} : { isWorn }),
      })),
    };
  };

  return {
    push(descriptor: StreamDescriptor, block: PlacedBlock): void {
      const placement = placements.find((name) => name === descriptor.placement);
      if (placement === undefined || !descriptor.channels.some(({ kind }) => kind === "quaternion")) return;
      const { device, stream } = descriptor;
      const known = sensors.get(placement);
      const isSame = known !== undefined && known.source.device === device && known.source.stream === stream;
      const sensor = isSame ? known : { source: { device, stream }, motion: createSensorMotion(placement), wear: createWearWatch() };
      sensors.set(placement, sensor);
      sensor.motion.push(descriptor, block);
      next ??= Math.floor(block.startUs / 1e6) + 1;
    },
    /** Seconds up to `readyUs`, which every live stream has passed or will not be waited for. */
    step(readyUs: number): MovementFact[] {
      const out: MovementFact[] = [];
      if (next === undefined) return out;
      const ready = Math.floor(readyUs / 1e6);
      const newest = Math.floor(Math.max(...[...sensors.values()].map(({ motion }) => motion.newestUs)) / 1e6);
      for (; next < ready; next++) {
        // Hours without any sample are one step.
        if (next > newest) {
          next = ready;
          break;
        }
        const fact = factOf(next);
        if (fact !== undefined) out.push(fact);
      }
      return out;
    },
    state: (): MovementState => ({
      ...{ next, walked: [...walked], stillS },
      sensors: [...sensors].map(([placement, { source, motion, wear }]) => ({
        placement,
        source,
        motion: motion.state(),
        wear: wear.state(),
      })),
    }),
  };
}

/** Both legs are surest; one leg takes every other step; then the trunk, then an arm. */
function stepsOf(worn: readonly Told[]): { readonly us: readonly number[]; readonly each: number; readonly by: string } | undefined {
  const legs = worn.filter(({ placement }) => placement.endsWith("shank"));
  const [leg] = legs;
  const us = legs.flatMap(({ second }) => second.stepsUs);
  if (leg !== undefined) return legs.length === 1 ? { us, each: 2, by: leg.placement } : { us, each: 1, by: "shanks" };
  const [other] = worn;
  return other === undefined ? undefined : { us: other.second.stepsUs, each: 1, by: other.placement };
}

/** By the pelvis; without it where head and a leg agree. */
function postureOf(worn: readonly Told[]): Posture | undefined {
  const tilt = (name: string) => worn.find(({ placement }) => placement.endsWith(name))?.second.tiltDeg;
  const pelvis = tilt("pelvis");
  if (pelvis !== undefined) return pelvis > liesDeg ? "lying" : pelvis > leansDeg ? "leaning" : "upright";
  const [head, shank] = [tilt("head"), tilt("shank")];
  if (head === undefined || shank === undefined) return undefined;
  if (head > liesDeg && shank > liesDeg) return "lying";
  return head < leansDeg && shank < leansDeg ? "upright" : undefined;
}
