import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { quaternionAt, segments } from "../../models/signal/body.ts";
import { aboutAxis, angleBetweenRad, conjugate } from "../../models/signal/quaternion.ts";
import type { MountingOf } from "../facts/mount.ts";
import { createAcrossDevices } from "./across-devices.ts";
import type { PlacedBlock } from "./reorder.ts";

const startUs = 1_700_000_000_000_000;
const rateHz = 60;
const askew = aboutAxis([1, 0, 0], 1);

/** A second of a sensor that sits askew and never turns. */
function second(at: number): [StreamDescriptor, PlacedBlock] {
  const channels = ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion" as const, unit: "1", scale: 1, offset: 0 }));
  const descriptor: StreamDescriptor = {
    ...{ device: "d", stream: "imu", rateHz, placement: "head", channels, sentinels: [], contact: "none" },
  };
  const rows = askew.map((part) => new Float32Array(rateHz).fill(part));
  const span = { firstIndex: at * rateHz, count: rateHz, startUs: startUs + at * 1e6, arrivalUs: 0 };
  return [descriptor, { kind: "samples", bootId: "b", ...span, channels: rows }];
}

function told(mountingOf?: MountingOf) {
  const across = createAcrossDevices([], (_part, work) => work(), mountingOf);
  for (const at of [0, 1, 2, 3]) across.push(...second(at));
  return across.step(startUs + 4e6).flatMap((item) => (item.kind === "pose" ? [item] : []));
}

test("what a sensor tells is turned by how it sits from the moment on at which that is known", () => {
  const mount = { device: "d", placement: "head", turn: conjugate(askew), facing: [1, 0, 0, 0], sinceUs: 0 } as const;
  const poses = told((_device, placement, atUs) => ({ placement, ...(atUs >= startUs + 2e6 ? { mount } : {}) }));
  const turnedRad = ({ pose }: (typeof poses)[number]) =>
    angleBetweenRad([1, 0, 0, 0], quaternionAt(pose.rotations, segments.indexOf("head")));
  const at = (s: number) => turnedRad(poses.find(({ timeUs }) => timeUs === startUs + s * 1e6) as (typeof poses)[number]);
  expect(at(1)).toBeCloseTo(1, 4);
  expect(at(3)).toBeCloseTo(0, 4);
});

test("where somebody has said that it is worn elsewhere, it is a sensor of that limb", () => {
  const [pose] = told(() => ({ placement: "pelvis" }));
  expect([...(pose?.pose.states ?? [])].slice(0, segments.length).indexOf(1)).toBe(segments.indexOf("pelvis"));
  const [asTold] = told();
  expect([...(asTold?.pose.states ?? [])].slice(0, segments.length).indexOf(1)).toBe(segments.indexOf("head"));
});
