import { describe, expect, it } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { motionComplete } from "../../../models/motion-complete/spec.ts";
import { createGuard } from "../../facts/guarded.ts";
import { createModelInputs } from "../model-inputs.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createAligned, unclaimedAligned } from "./aligned.ts";

const startUs = 1_700_000_000_000_000;
const guard = createGuard((_, thrown) => {
  throw thrown;
});
const open = (saved?: Parameters<typeof createAligned>[2]) =>
  createAligned(createModelInputs([motionComplete as ModelSpec], guard).ofPerson(), guard, saved);
const imu = (placement: string): StreamDescriptor => ({
  ...{ device: placement, stream: "imu", rateHz: 30, placement, contact: "none", sentinels: [] },
  channels: ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion", unit: "1", scale: 1, offset: 0 })),
});
const second = (at: number): PlacedBlock => ({
  ...{ kind: "samples", bootId: "b", firstIndex: at * 30, count: 30, startUs: startUs + at * 1e6, arrivalUs: 0 },
  channels: [1, 0, 0, 0].map((value) => new Float32Array(30).fill(value)),
});

describe("windows of a person", () => {
  it("keep nothing of somebody who wears nothing at their placements", () => {
    const one = open();
    one.push(imu("wrist"), second(0));
    one.push({ ...imu("pelvis"), channels: [] }, second(0));
    expect(one.step(startUs + 2e6)).toEqual([]);
    expect(one.state()).toMatchObject([{ nextUs: undefined, grids: [] }]);
  });

  it("show a sensor that comes later beside the first, and go on from what is kept, grids that stood empty before included", () => {
    const one = open();
    one.push(imu("pelvis"), second(0));
    expect(one.step(startUs + 1e6)).toHaveLength(5);
    one.push(imu("head"), second(1));
    one.push(imu("pelvis"), second(1));
    const [state] = structuredClone(one.state());
    expect(state?.grids.map(([placement]) => placement)).toEqual(["pelvis", "head"]);
    const [, pelvis] = state?.grids[0] ?? [];
    if (state === undefined || pelvis === undefined) throw new Error("nothing is kept");
    const empty = { ...pelvis, source: undefined, newest: undefined };
    const again = open([{ ...state, grids: [...state.grids, ["left-shank", empty]] }]);
    const windows = one.step(startUs + 2e6);
    expect(windows.map(({ about }) => about?.length)).toEqual([2, 2, 2, 2, 2]);
    // The memory of the model is not theirs; what is shown is.
    expect(again.step(startUs + 2e6).map(({ timeUs, about }) => ({ timeUs, about }))).toEqual(
      windows.map(({ timeUs, about }) => ({ timeUs, about })),
    );
  });

  it("are not made for a model that tells by half what it is shown beside", () => {
    const { beside: _, ...half } = motionComplete;
    expect(unclaimedAligned(motionComplete)).toBeUndefined();
    expect(unclaimedAligned(half)).toMatch(/by half/);
  });
});
