/** What of a body in a BVH was measured and what a network completed, which that format has no place for: a table beside it. Pure. */

import { framesOf, type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { segments } from "../../models/signal/body.ts";

/** "frame,segment,state": a row for each segment in frame 0, and then where it changes. */
export function formatBodyStates({ states }: Pick<Pose, "states">): string {
  const names = Object.fromEntries(Object.entries(SegmentState).map(([name, state]) => [state, name]));
  const rows = ["frame,segment,state"];
  for (let frame = 0; frame < framesOf({ states }); frame++)
    for (const [at, segment] of segments.entries()) {
      const place = frame * segmentCount + at;
      if (frame === 0 || states[place] !== states[place - segmentCount]) rows.push(`${frame},${segment},${names[states[place] ?? 0]}`);
    }
  return `${rows.join("\n")}\n`;
}
