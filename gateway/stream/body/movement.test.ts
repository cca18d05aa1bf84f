import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { loadWalk } from "../../../firmware-sim/excerpts/body-clip.ts";
import { bodyImuSource } from "../../../firmware-sim/signal/body-imu.ts";
import { type MotionPlacement, placements, segments } from "../../../models/signal/body.ts";
import { aboutAxis, type Quaternion } from "../../../models/signal/quaternion.ts";
import type { MovementFact } from "../../facts/movement.ts";
import type { BodyClip } from "../../recordings/body-clip.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createMovement } from "./movement.ts";

const walk = await loadWalk();
/** Four steps, with the noise of real ones as far as a loop has it. */
const roundS = (walk.frames - 1) / walk.rateHz;
const stepsPerMin = (4 * 60) / roundS;

/** Somebody who does not move, every segment turned alike. */
function resting(turn: Quaternion): BodyClip {
  const frames = 10;
  const rotations = Float32Array.from({ length: frames * segments.length * 4 }, (_, i) => turn[(i % 4) as 0]);
  return { ...walk, frames, rotations, rootM: new Float32Array(frames * 3) };
}

interface Wears {
  readonly placement: MotionPlacement;
  readonly clip?: BodyClip;
  readonly rateHz?: number;
}

/** Seconds of these sensors, block by block as they would come. */
function* sent(worn: readonly Wears[], seconds: number) {
  const sources = worn.map(({ placement, clip = walk, rateHz = 60 }, seed) =>
    bodyImuSource(clip, { placement, seed, mountDeg: 7, rateHz }),
  );
  for (let s = 0; s < seconds; s++)
    for (const [i, source] of sources.entries()) {
      const descriptor = { ...source, device: `d${i}`, sentinels: [] } as unknown as StreamDescriptor;
      const count = source.rateHz;
      const { channels } = source.read(s * count, count) as { channels: Int16Array[] };
      const block: PlacedBlock = { kind: "samples", bootId: "b", firstIndex: s * count, count, startUs: s * 1e6, arrivalUs: 0, channels };
      yield { descriptor, block };
    }
}

function told(worn: readonly Wears[], seconds = 60, movement = createMovement()): MovementFact[] {
  const facts: MovementFact[] = [];
  for (const { descriptor, block } of sent(worn, seconds)) {
    movement.push(descriptor, block);
    facts.push(...movement.step(block.startUs));
  }
  return [...facts, ...movement.step(seconds * 1e6)];
}

const counted = (facts: readonly MovementFact[]) => facts.reduce((sum, { steps = 0 }) => sum + steps, 0);
const expected = stepsPerMin * (59 / 60);

test.each([
  ["all six", [...placements], "shanks", 0.02],
  ["one leg", ["left-shank"], "left-shank", 0.03],
  ["pelvis", ["pelvis"], "pelvis", 0.03],
  ["one arm", ["right-forearm"], "right-forearm", 0.05],
  ["head", ["head"], "head", 0.03],
] as const)("a minute's walk has its steps and its cadence by %s", (_name, worn, by, share) => {
  const facts = told(worn.map((placement) => ({ placement })));
  expect(Math.abs(counted(facts) - expected) / expected).toBeLessThan(share);
  expect(new Set(facts.map(({ stepsBy }) => stepsBy))).toEqual(new Set([by]));
  const cadences = facts.slice(12).map(({ cadencePerMin = 0 }) => cadencePerMin);
  for (const each of cadences) expect(Math.abs(each - stepsPerMin)).toBeLessThan(stepsPerMin * 0.13);
  expect(facts.at(-1)).toMatchObject({ stillS: 0 });
});

test("sensors of other rates count the same", () => {
  const facts = told([
    { placement: "left-shank", rateHz: 100 },
    { placement: "right-shank", rateHz: 50 },
  ]);
  expect(Math.abs(counted(facts) - expected)).toBeLessThan(3);
});

test.each([
  [0, "upright"],
  [45, "leaning"],
  [90, "lying"],
] as const)("a trunk that is %i° from upright is %s, and takes no step", (deg, posture) => {
  const facts = told([{ placement: "pelvis", clip: resting(aboutAxis([1, 0, 0], (deg * Math.PI) / 180)) }], 20);
  expect(new Set(facts.map((fact) => fact.posture))).toEqual(new Set([posture]));
  expect(counted(facts)).toBe(0);
  expect(facts.at(-1)?.cadencePerMin).toBeUndefined();
});

test("without a trunk posture is known where head and a leg agree, and else not", () => {
  const lying = resting(aboutAxis([1, 0, 0], Math.PI / 2));
  const of = (worn: readonly Wears[]) => told(worn, 5).at(-1)?.posture;
  expect(
    of([
      { placement: "head", clip: lying },
      { placement: "left-shank", clip: lying },
    ]),
  ).toBe("lying");
  expect(
    of([
      { placement: "head", clip: lying },
      { placement: "left-shank", clip: resting([1, 0, 0, 0]) },
    ]),
  ).toBeUndefined();
  expect(of([{ placement: "left-forearm", clip: lying }])).toBeUndefined();
});

test("a sensor that lies on the table while its wearer walks is not worn and counts for nothing, until it is moved again", () => {
  const movement = createMovement();
  const still = resting(aboutAxis([1, 0, 0], 1.2));
  const facts = told([{ placement: "left-shank" }, { placement: "right-shank" }, { placement: "pelvis", clip: still }], 40, movement);
  expect(facts.at(-1)?.sensors).toEqual([
    { device: "d2", placement: "pelvis", isWorn: false },
    { device: "d0", placement: "left-shank", isWorn: true },
    { device: "d1", placement: "right-shank", isWorn: true },
  ]);
  expect(facts.at(-1)?.posture).toBeUndefined();
  for (const { descriptor, block } of sent([{ placement: "left-shank" }, { placement: "right-shank" }, { placement: "pelvis" }], 10))
    movement.push(descriptor, { ...block, startUs: block.startUs + 40e6 });
  expect(movement.step(50e6).at(-1)).toMatchObject({ posture: "upright", sensors: [{ isWorn: true }, { isWorn: true }, { isWorn: true }] });
});

test("stillness begins with the last movement of any worn sensor, and is unknown while none is known to be worn", () => {
  const movement = createMovement();
  for (const { descriptor, block } of sent([{ placement: "pelvis" }], 10)) movement.push(descriptor, block);
  const facts = movement.step(10e6);
  expect(facts.at(-1)).toMatchObject({ stillS: 0 });
  for (const { descriptor, block } of sent([{ placement: "pelvis", clip: resting([1, 0, 0, 0]) }], 20))
    movement.push(descriptor, { ...block, startUs: block.startUs + 10e6 });
  expect(movement.step(30e6).at(-1)?.stillS).toBeGreaterThan(15);
  expect(told([{ placement: "pelvis", clip: resting([1, 0, 0, 0]) }], 20).at(-1)?.stillS).toBeUndefined();
});

test("goes on from its state as if there had been no restart, and hours of silence are one step", () => {
  const worn = [{ placement: "left-shank" }, { placement: "pelvis" }] as const;
  const [whole, first] = [createMovement(), createMovement()];
  const blocks = [...sent(worn, 30)];
  const feed = (one: ReturnType<typeof createMovement>, of: typeof blocks) =>
    of.flatMap(({ descriptor, block }) => {
      one.push(descriptor, block);
      return one.step(block.startUs);
    });
  const all = feed(whole, blocks);
  const before = feed(first, blocks.slice(0, 25));
  const second = createMovement(structuredClone(first.state()));
  expect([...before, ...feed(second, blocks.slice(25))]).toEqual(all);
  expect(second.step(7200e6).length).toBeLessThan(3);
});
