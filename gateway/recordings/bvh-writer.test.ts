import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { quaternionAt, segments } from "../../models/signal/body.ts";
import { angleBetweenRad } from "../../models/signal/quaternion.ts";
import { bodyClip } from "./body-clip.ts";
import { readBvh } from "./bvh.ts";
import { formatBvh } from "./bvh-writer.ts";

const walk = bodyClip(readBvh(readFileSync(new URL("./testdata/cmu-02_01.bvh", import.meta.url), "utf8")));
const frames = 40;
const rotations = walk.rotations.slice(0, frames * segmentCount * 4);
const states = new Uint8Array(frames * segmentCount).fill(SegmentState.measured);

test("a body that is written is read again as it was", () => {
  const again = bodyClip(readBvh(formatBvh({ rateHz: 30, rotations, states })));
  expect([again.frames, Math.round(again.rateHz)]).toEqual([frames, 30]);
  for (let at = 0; at < frames * segmentCount; at++)
    expect(angleBetweenRad(quaternionAt(again.rotations, at), quaternionAt(rotations, at))).toBeLessThan(1e-4);
});

test("what is unknown does not turn against what it hangs from", () => {
  const some = states.map((state, at) => (at % segmentCount === segments.indexOf("left-forearm") ? SegmentState.unknown : state));
  const again = bodyClip(readBvh(formatBvh({ rateHz: 30, rotations, states: some })));
  for (let frame = 0; frame < frames; frame++) {
    const [arm, upper] = (["left-forearm", "left-upper-arm"] as const).map((name) =>
      quaternionAt(again.rotations, frame * segmentCount + segments.indexOf(name)),
    );
    expect(angleBetweenRad(arm!, upper!)).toBeLessThan(1e-4);
  }
});

test("one that knows nothing is the skeleton at rest, of no frames none", () => {
  const nothing = formatBvh({ rateHz: 30, rotations: new Float32Array(60), states: new Uint8Array(segmentCount) });
  const still = nothing.trimEnd().split("\n").at(-1) ?? "";
  expect(still.split(" ").map((word) => Math.abs(Number(word)))).toEqual(new Array(48).fill(0));
  expect(readBvh(formatBvh({ rateHz: 30, rotations: new Float32Array(), states: new Uint8Array() })).frames).toEqual([]);
});
