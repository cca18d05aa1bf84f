/** The one body of a person: what a network makes of all sensors, and where none has answered lately what the sensors alone show. */

import type { Pose } from "../../device-drivers/contract/pose.ts";
import type { Source } from "../../device-drivers/contract/result.ts";
import type { Fact } from "./fact.ts";

export interface Body {
  readonly about: readonly [Source, ...Source[]];
  /** Absent where no network completed anything. */
  readonly model?: { readonly id: string; readonly version: string };
  /** Its end, one period after its last frame. */
  readonly timeUs: number;
  readonly pose: Pose;
}

export interface BodyChoiceState {
  /** The newest answer of a network. */
  readonly completedUs: number;
}

/** A network that has not answered for so long has stopped. */
const patienceUs = 1_000_000;

export function createBodyChoice(saved?: BodyChoiceState) {
  let completedUs = saved?.completedUs ?? Number.NEGATIVE_INFINITY;
  return {
    /** The body's next stretch; undefined for every other fact. */
    push(fact: Fact): Body | undefined {
      const { timeUs } = fact;
      if (fact.kind === "result" && fact.outcome.kind === "pose") {
        completedUs = timeUs;
        return { about: fact.about, model: fact.model, timeUs, pose: fact.outcome };
      }
      if (fact.kind !== "pose" || timeUs - completedUs < patienceUs) return undefined;
      return { about: fact.about, timeUs, pose: fact.pose };
    },
    state: (): BodyChoiceState => ({ completedUs }),
  };
}
