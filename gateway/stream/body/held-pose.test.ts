import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { loadWalk } from "../../../firmware-sim/excerpts/body-clip.ts";
import { bodyImuSource } from "../../../firmware-sim/signal/body-imu.ts";
import { placements, quaternionAt, segments } from "../../../models/signal/body.ts";
import { aboutAxis, angleBetweenRad, multiply, type Quaternion, slerp } from "../../../models/signal/quaternion.ts";
import type { Mount } from "../../facts/mount.ts";
import type { BodyClip } from "../../recordings/body-clip.ts";
import { physicalAt } from "../physical.ts";
import type { PlacedBlock } from "../reorder.ts";
import { judgePose } from "./held-pose.ts";
import { mounted } from "./mounted.ts";
import { createPoseWatch } from "./pose-watch.ts";

const walk = await loadWalk();
const rad = Math.PI / 180;
const rateHz = 60;
/** s. The pose as the house asks for it: hanging, raising, holding, and a second longer; then the walk. */
const [hangS, raiseS, holdS] = [4, 3, 4];
const turnOf = (clip: BodyClip, frame: number, segment: number) => quaternionAt(clip.rotations, frame * segments.length + segment);

interface Asked {
  readonly mountDeg: number;
  /** Where the person faces in the world of the sensors. */
  readonly facesDeg?: number;
  /** Degrees by which each segment is off the pose that was asked for, another way each. */
  readonly poseDeg?: number;
  readonly pose?: "arms-out" | "arms-down";
  readonly fidget?: { readonly segment: string; readonly deg: number };
}

/** Somebody who holds a pose and walks away, facing some way. */
function posing({ facesDeg = 70, poseDeg = 0, pose = "arms-out", fidget }: Omit<Asked, "mountDeg">): BodyClip {
  const standing = Math.round((hangS + raiseS + holdS) * walk.rateHz);
  const frames = standing + walk.frames;
  const rotations = new Float32Array(frames * segments.length * 4);
  const rootM = new Float32Array(frames * 3);
  const faces = aboutAxis([0, 1, 0], facesDeg * rad);
  for (let frame = 0; frame < frames; frame++)
    for (const [at, segment] of segments.entries()) {
      const s = frame / walk.rateHz;
      const isArm = segment.includes("arm");
      const hanging = aboutAxis([0, 0, 1], (segment.startsWith("left") ? -88 : 88) * rad);
      const raised = pose === "arms-down" ? 0 : Math.max(0, Math.min(1, (s - hangS - 0.5) / (raiseS - 1)));
      const [x, z] = [Math.sin(at * 2.4), Math.cos(at * 2.4)];
      const off = aboutAxis([x, 0, z], poseDeg * rad);
      const still = multiply(off, isArm ? slerp(hanging, [1, 0, 0, 0], raised) : [1, 0, 0, 0]);
      const isFidgeting = fidget?.segment === segment && s > hangS + raiseS + 1 && s < hangS + raiseS + 1.5;
      const standingTurn = isFidgeting ? multiply(still, aboutAxis([1, 0, 0], (fidget?.deg ?? 0) * rad)) : still;
      const turn = frame < standing ? standingTurn : turnOf(walk, frame - standing, at);
      rotations.set(multiply(faces, turn), (frame * segments.length + at) * 4);
      if (frame >= standing) for (let axis = 0; axis < 3; axis++) rootM[frame * 3 + axis] = walk.rootM[(frame - standing) * 3 + axis] ?? 0;
      else for (let axis = 0; axis < 3; axis++) rootM[frame * 3 + axis] = walk.rootM[axis] ?? 0;
    }
  return { ...walk, frames, rotations, rootM };
}

const heldFromUs = (hangS + raiseS) * 1e6;
const held = { fromUs: heldFromUs, toUs: heldFromUs + 3e6 };

/** All that six sensors send of it. */
function worn(clip: BodyClip, { mountDeg }: Pick<Asked, "mountDeg">) {
  return placements.map((placement, seed) => {
    const source = bodyImuSource(clip, { placement, seed: seed + 1, mountDeg, rateHz });
    const descriptor = { ...source, device: `d-${placement}`, sentinels: [] } as unknown as StreamDescriptor;
    const count = Math.floor(((clip.frames - 1) / clip.rateHz) * rateHz);
    const { channels } = source.read(0, count) as { channels: Int16Array[] };
    const block: PlacedBlock = { kind: "samples", bootId: "b", firstIndex: 0, count, startUs: 0, arrivalUs: 0, channels };
    return { placement, descriptor, block };
  });
}

function calibrated(asked: Asked, without: readonly string[] = []) {
  const clip = posing(asked);
  const sensors = worn(clip, asked);
  const watch = createPoseWatch(held, { fromUs: 2e6, toUs: 4e6 });
  for (const { descriptor, placement, block } of sensors) if (!without.includes(placement)) watch.push(descriptor, placement, block);
  const expected = sensors.map(({ descriptor: { device }, placement }) => ({ device, placement }));
  return { clip, sensors, ...judgePose(watch.sensors(expected), asked.pose ?? "arms-out", held.toUs) };
}

/** Mean and largest angle between what is told of the walk and what was walked, over all sensors, ways they face laid over each other. Degrees. */
function errorDeg(
  { clip, sensors }: ReturnType<typeof calibrated>,
  mounts: readonly Mount[],
  facesDeg = 70,
): { mean: number; worst: number } {
  const errors: number[] = [];
  for (const { placement, descriptor, block } of sensors) {
    const mount = mounts.find((each) => each.placement === placement);
    const told = mounted((_device, stated) => ({ placement: stated, ...(mount === undefined ? {} : { mount }) }), descriptor, block);
    // What is calibrated says how it is turned against the way that was faced in the pose.
    const back = mount === undefined ? ([1, 0, 0, 0] as const) : aboutAxis([0, 1, 0], -facesDeg * rad);
    for (let i = rateHz * (hangS + raiseS + holdS); i < block.count; i += 7) {
      const own = [0, 1, 2, 3].map((c) => physicalAt(told.block, told.descriptor.channels[c] as never, c, i)) as unknown as Quaternion;
      const truth = turnOf(clip, Math.round((i / rateHz) * clip.rateHz), segments.indexOf(placement));
      errors.push(angleBetweenRad(multiply(back, truth), own) / rad);
    }
  }
  return { mean: errors.reduce((sum, each) => sum + each, 0) / errors.length, worst: Math.max(...errors) };
}

test.each([
  [7, 0],
  [40, 0],
  [90, 0],
  [7, 4],
  [40, 4],
  [90, 4],
])("sensors that sit %i° askew tell their limbs after a pose that was held within %i°", (mountDeg, poseDeg) => {
  const found = calibrated({ mountDeg, poseDeg });
  expect(found.faults).toEqual([]);
  const [before, after] = [errorDeg(found, []), errorDeg(found, found.mounts)];
  expect(before.mean).toBeGreaterThan(mountDeg * 0.9);
  expect(after.mean).toBeLessThan(poseDeg + 0.3);
  expect(after.worst).toBeLessThan(poseDeg + 0.6);
});

test("the pull of gravity is turned along: in a limb's own axes it points as the limb stands", () => {
  const found = calibrated({ mountDeg: 90 });
  const { descriptor, block } = found.sensors.find(({ placement }) => placement === "left-shank") as (typeof found.sensors)[number];
  const mount = found.mounts.find(({ placement }) => placement === "left-shank") as Mount;
  const told = mounted((_device, placement) => ({ placement, mount }), descriptor, block);
  const mean = [4, 5, 6].map((c) => {
    const row = Array.from({ length: 60 }, (_, i) => physicalAt(told.block, told.descriptor.channels[c] as never, c, i + 60));
    return row.reduce((sum, value) => sum + value, 0) / row.length;
  });
  expect(mean).toEqual([expect.closeTo(0, 0), expect.closeTo(9.8, 0), expect.closeTo(0, 0)]);
});

test("with hanging arms the way that is faced is the one that most sensors agree on", () => {
  const found = calibrated({ mountDeg: 5, pose: "arms-down" });
  expect(found.faults).toEqual([]);
  expect(errorDeg(found, found.mounts).mean).toBeLessThan(6);
});

test("who moved, which sensor is silent, and arms that were never raised are told, and nothing is taken over", () => {
  const moved = calibrated({ mountDeg: 7, fidget: { segment: "right-shank", deg: 25 } });
  expect(moved.faults).toEqual([{ code: "moved", device: "d-right-shank", placement: "right-shank", deg: expect.any(Number) }]);
  const silent = calibrated({ mountDeg: 7 }, ["head"]);
  expect(silent.faults).toEqual([{ code: "missing", device: "d-head", placement: "head" }]);
  const hanging = judgePose(
    calibrated({ mountDeg: 7 }).sensors.map(({ placement }) => {
      const still = Array.from({ length: 180 }, () => [1, 0, 0, 0] as const);
      return { device: placement, placement, before: still, held: still, share: 1, meanAccG: [0, 1, 0] as const };
    }),
    "arms-out",
    1,
  );
  expect(hanging.faults).toEqual([{ code: "arms" }]);
  for (const { mounts } of [moved, silent, hanging]) expect(mounts).toEqual([]);
});

test("forearms whose sensors are swapped are told, since the arms then show the way that nobody faces", () => {
  const { sensors } = calibrated({ mountDeg: 7 });
  const watch = createPoseWatch(held, { fromUs: 2e6, toUs: 4e6 });
  const said = (placement: string) =>
    placement === "left-forearm" ? "right-forearm" : placement === "right-forearm" ? "left-forearm" : placement;
  for (const { descriptor, placement, block } of sensors) watch.push(descriptor, said(placement), block);
  const expected = sensors.map(({ descriptor: { device }, placement }) => ({ device, placement: said(placement) }));
  expect(judgePose(watch.sensors(expected), "arms-out", 1)).toEqual({ mounts: [], faults: [{ code: "swapped" }] });
});

test("a sensor whose level is off is refused", () => {
  const still = Array.from({ length: 180 }, () => [1, 0, 0, 0] as const);
  const one = { device: "d", placement: "pelvis", before: [], held: still, share: 1 };
  expect(judgePose([{ ...one, meanAccG: [0.5, 0.87, 0] }], "arms-down", 1).faults).toEqual([
    { code: "gravity", device: "d", placement: "pelvis", deg: 30 },
  ]);
  expect(judgePose([{ ...one, meanAccG: undefined }], "arms-down", 1).mounts).toHaveLength(1);
  expect(judgePose([], "arms-down", 1).faults).toEqual([{ code: "missing" }]);
});
