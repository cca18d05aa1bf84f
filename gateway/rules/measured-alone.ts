/**
 * A fact as rules see it: what a network completed while a sensor was silent keeps its flag and loses its value. So no rule, whoever writes it, decides anything
 * by completed limbs alone.
 */

import { type Pose, SegmentState } from "../../device-drivers/contract/pose.ts";
import type { Fact } from "../facts/fact.ts";

export function measuredAlone(fact: Fact): Fact {
  if (fact.kind === "pose") return { ...fact, pose: blanked(fact.pose) };
  if (fact.kind !== "result" || fact.outcome.kind !== "pose") return fact;
  return { ...fact, outcome: { kind: "pose", ...blanked(fact.outcome) } };
}

/** The same where nothing was completed. */
function blanked({ rateHz, rotations, states }: Pose): Pose {
  if (!states.includes(SegmentState.completed)) return { rateHz, rotations, states };
  const known = rotations.slice();
  for (const [place, state] of states.entries()) if (state === SegmentState.completed) known.fill(Number.NaN, place * 4, place * 4 + 4);
  return { rateHz, rotations: known, states };
}
