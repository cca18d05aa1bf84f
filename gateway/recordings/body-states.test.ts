import { expect, test } from "vitest";
import { SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { segments } from "../../models/signal/body.ts";
import { formatBodyStates } from "./body-states.ts";

test("beside a BVH stands which segments were measured, and from which frame on one was completed", () => {
  const states = new Uint8Array(3 * segmentCount).fill(SegmentState.measured);
  const arm = segments.indexOf("left-forearm");
  states[arm + segmentCount] = SegmentState.completed;
  const [head, ...rows] = formatBodyStates({ states }).trimEnd().split("\n");
  expect(head).toBe("frame,segment,state");
  expect(rows.slice(0, segmentCount)).toEqual(segments.map((segment) => `0,${segment},measured`));
  expect(rows.slice(segmentCount)).toEqual(["1,left-forearm,completed", "2,left-forearm,measured"]);
});
