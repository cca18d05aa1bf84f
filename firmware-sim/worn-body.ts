/** The motion sensors of one body: each a wearable of its own, all on the same clip, with what can go wrong with one of them. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../device-drivers/contract/clock.ts";
import type { BodyClip } from "../gateway/recordings/body-clip.ts";
import type { BodySegment } from "../gateway/recordings/body-sensor.ts";
import { bodyImuSource, type MotionFaults, noMotionFaults } from "./signal/body-imu.ts";
import { startWearable, type Wearable, type WearableLink } from "./wearable.ts";

interface WornSensor {
  readonly placement: BodySegment;
  readonly wearable: Wearable;
  readonly motion: MotionFaults;
  /** Of its own time, s. */
  ageS(): number;
}

type WornBody = readonly WornSensor[];

const rateHz = 60;
const batchMs = 200;
/** How far a strap lets a sensor sit askew. */
const mountDeg = 5;

/** Starts at once, all together: what one of them shows is what the others show at that time. */
export function wearBody(clip: BodyClip, sensors: readonly { placement: BodySegment; link: WearableLink }[], clock: Clock): WornBody {
  return sensors.map(({ placement, link }, at): WornSensor => {
    const motion = noMotionFaults();
    const source = bodyImuSource(clip, { placement, seed: at + 1, rateHz, mountDeg, faults: motion });
    const wearable = startWearable({ sources: [source], link, clock, bootId: randomBytes(8).toString("hex"), batchMs, seed: at + 1 });
    const startUs = clock.monotonicUs();
    return { placement, wearable, motion, ageS: () => (clock.monotonicUs() - startUs) / 1e6 };
  });
}

interface BodyFault {
  /** Of its amount; absent where there is none. */
  readonly unit?: string;
  readonly usual: number;
  /** @param amount 0: as it was before */
  set(sensor: WornSensor, amount: number, body: WornBody): void;
}

/** What may be wrong with one sensor, by name. Pulled out, heading that drifts, iron nearby, slipped round its limb, changed with the other side's, packets that get lost, a clock that is fast. */
export const bodyFaults = {
  drop: { usual: 1, set: ({ wearable }, amount) => void Object.assign(wearable.faults, { strap: amount === 0 ? "on" : "silent" }) },
  drift: {
    unit: "degrees a minute",
    usual: 20,
    set: ({ motion, ageS }, amount) => void Object.assign(motion, { driftDegPerMin: amount, driftSinceS: ageS() }),
  },
  magnetic: { unit: "degrees", usual: 40, set: ({ motion }, amount) => void Object.assign(motion, { magneticDeg: amount }) },
  mount: { unit: "degrees round the limb", usual: 40, set: ({ motion }, amount) => void Object.assign(motion, { slipDeg: amount }) },
  swap: {
    usual: 1,
    set({ placement, motion }, amount, body) {
      const other = otherSide(placement);
      const twin = body.find((sensor) => sensor.placement === other);
      motion.wornOn = amount === 0 ? undefined : other;
      if (twin !== undefined) twin.motion.wornOn = amount === 0 ? undefined : placement;
    },
  },
  loss: {
    unit: "share of its packets",
    usual: 0.3,
    set: ({ wearable }, amount) => void Object.assign(wearable.faults, { lossShare: amount }),
  },
  clock: { unit: "millionths fast", usual: 150, set: ({ wearable }, amount) => void Object.assign(wearable.faults, { clockPpm: amount }) },
} satisfies Record<string, BodyFault>;

export type BodyFaultName = keyof typeof bodyFaults;

/** Of a limb on one side the same on the other; of the trunk and the head there is none. */
function otherSide(placement: BodySegment): BodySegment | undefined {
  if (placement.startsWith("left-")) return placement.replace("left-", "right-") as BodySegment;
  return placement.startsWith("right-") ? (placement.replace("right-", "left-") as BodySegment) : undefined;
}

/** @param amount 0 for as it was before, undefined for as much as is usual. False where nobody wears a sensor there. */
export function setFault(body: WornBody, name: BodyFaultName, placement: string, amount?: number): boolean {
  const sensor = body.find((each) => each.placement === placement);
  const fault: BodyFault = bodyFaults[name];
  if (sensor !== undefined) fault.set(sensor, amount ?? fault.usual, body);
  return sensor !== undefined;
}
