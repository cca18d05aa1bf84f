import { beforeAll, describe, expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { loadWalk } from "../../../firmware-sim/excerpts/body-clip.ts";
import { bodyImuSource, noMotionFaults } from "../../../firmware-sim/signal/body-imu.ts";
import { type MotionPlacement, placements } from "../../../models/signal/body.ts";
import { headingOf, type Quaternion } from "../../../models/signal/quaternion.ts";
import type { BodyClip } from "../../recordings/body-clip.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createHeadingBound } from "./heading-bound.ts";

const startUs = 1_700_000_000_000_000;
const rateHz = 15;
let walk: BodyClip;
/** One frame of it, held. */
let stance: BodyClip;
beforeAll(async () => {
  walk = await loadWalk();
  const values = walk.rotations.length / walk.frames;
  const held = walk.rotations.slice(20 * values, 21 * values);
  stance = { ...walk, rotations: walk.rotations.map((_, i) => held[i % values] ?? 0), rootM: new Float32Array(walk.rootM.length) };
});

type Drifts = Partial<Record<MotionPlacement, number>>;
interface Played {
  /** Degrees a minute. */
  readonly drifts: Drifts;
  readonly seconds: number;
  /** At which seconds the body stands still. */
  readonly isStill?: (s: number) => boolean;
  readonly worn?: readonly MotionPlacement[];
  readonly bound?: ReturnType<typeof createHeadingBound>;
  readonly fromS?: number;
  readonly bootId?: string;
  readonly calibratedUs?: number;
}

const headingDeg = (q: Quaternion) => {
  const [w, , y] = headingOf(q);
  return (2 * Math.atan2(y, w) * 180) / Math.PI;
};
const wrapped = (deg: number) => deg - 360 * Math.round(deg / 360);

/** By second and sensor, how far its heading is from the body's, degrees, and whether its block came back untouched. */
function play({
  drifts,
  seconds,
  isStill = () => false,
  worn = placements,
  bound = createHeadingBound(),
  fromS = 0,
  bootId = "b",
  calibratedUs,
}: Played) {
  const sourceOf = (clip: BodyClip, placement: MotionPlacement, driftDegPerMin: number) =>
    bodyImuSource(clip, { placement, seed: 5, rateHz, faults: { ...noMotionFaults(), driftDegPerMin } });
  const sensors = worn.map((placement) => ({
    placement,
    told: [walk, stance].map((clip) => sourceOf(clip, placement, drifts[placement] ?? 0)),
    truth: [walk, stance].map((clip) => sourceOf(clip, placement, 0)),
  }));
  const errors: Record<string, number>[] = [];
  let untouched = 0;
  for (let s = fromS; s < fromS + seconds; s++) {
    const which = isStill(s) ? 1 : 0;
    const error: Record<string, number> = {};
    for (const { placement, told, truth } of sensors) {
      const source = told[which]!;
      const descriptor = {
        ...{ device: placement, stream: "imu", rateHz, placement, contact: "none", sentinels: [] },
        channels: source.channels,
      } as StreamDescriptor;
      const channels = source.read(s * rateHz, rateHz).channels as PlacedBlock["channels"];
      const block: PlacedBlock = {
        ...{ kind: "samples", bootId, firstIndex: s * rateHz, count: rateHz, arrivalUs: 0, startUs: startUs + s * 1e6 },
        channels,
      };
      const out = bound.push(descriptor, block, calibratedUs);
      if (out.block === block) untouched++;
      const at = ({ channels: rows }: Pick<PlacedBlock, "channels">, { channels: parts }: Pick<StreamDescriptor, "channels">) =>
        [0, 1, 2, 3].map((part) => (rows[part]?.[7] ?? 0) * (parts[part]?.scale ?? 0)) as unknown as Quaternion;
      const really = at({ channels: truth[which]!.read(s * rateHz, rateHz).channels as PlacedBlock["channels"] }, descriptor);
      error[placement] = wrapped(headingDeg(at(out.block, out.descriptor)) - headingDeg(really));
    }
    bound.step(startUs + (s + 1) * 1e6);
    errors.push(error);
  }
  return { errors, untouched, bound };
}

/** The most that a sensor is off from the pelvis, from a second on. */
function worst(errors: readonly Record<string, number>[], placement: MotionPlacement, fromS = 0): number {
  return Math.max(...errors.slice(fromS).map((each) => Math.abs(wrapped((each[placement] ?? 0) - (each.pelvis ?? 0)))));
}

const fast: Drifts = { pelvis: 12, head: -30, "left-forearm": 30, "right-forearm": -20, "left-shank": 30, "right-shank": -30 };

test("sensors that do not drift are passed on to the bit, walking and standing", () => {
  const { untouched } = play({ drifts: {}, seconds: 240, isStill: (s) => s % 60 >= 40 });
  expect(untouched).toBe(240 * placements.length);
});

describe("sensors that drift by up to 30 degrees a minute, each its own way,", () => {
  test("are those of one body while it stands, and again soon after it has walked and stood", () => {
    const { errors } = play({ drifts: fast, seconds: 420, isStill: (s) => s % 90 >= 60 });
    for (const placement of placements) expect(worst(errors, placement, 90)).toBeLessThan(2);
  });

  test("do not turn away from a body that walks and never stands", () => {
    const { errors } = play({ drifts: fast, seconds: 420 });
    for (const placement of ["left-shank", "right-shank"] as const) expect(worst(errors, placement)).toBeLessThan(50);
    expect(worst(errors, "head")).toBeLessThan(85);
    const unbound = play({
      drifts: fast,
      seconds: 420,
      worn: ["pelvis", "left-shank"],
      bound: { ...createHeadingBound(), push: (descriptor, block) => ({ descriptor, block }) },
    });
    expect(worst(unbound.errors, "left-shank")).toBeGreaterThan(120);
  });

  test("stay bounded where nobody wears one on the pelvis, as far as stillness tells", () => {
    const { errors } = play({ drifts: fast, seconds: 240, isStill: (s) => s % 90 >= 60, worn: ["left-shank"] });
    expect(worst(errors, "left-shank", 80)).toBeLessThan(6);
  });
});

test("a sensor that starts anew or is calibrated is taken as it tells, and one that goes on after a restart of the gateway as it was", () => {
  const { bound } = play({ drifts: fast, seconds: 90, isStill: () => true });
  const state = structuredClone(bound.state());
  const { errors } = play({ drifts: fast, seconds: 30, isStill: () => true, bound: createHeadingBound(state), fromS: 90 });
  expect(worst(errors, "left-shank")).toBeLessThan(3);
  const anew = play({ drifts: fast, seconds: 1, isStill: () => true, bound: createHeadingBound(state), fromS: 90, bootId: "another" });
  expect(anew.untouched).toBe(placements.length);
  const calibrated = play({
    drifts: fast,
    seconds: 1,
    isStill: () => true,
    bound: createHeadingBound(state),
    fromS: 90,
    calibratedUs: startUs,
  });
  expect(calibrated.untouched).toBe(placements.length);
});

test("what is pushed and never judged does not gather", () => {
  const bound = createHeadingBound();
  const { errors } = play({ drifts: {}, seconds: 200, bound: { ...bound, step: () => {} }, worn: ["head"] });
  expect(errors).toHaveLength(200);
  expect(bound.state().headings[0]?.[1].open.length).toBeLessThan(40);
});
