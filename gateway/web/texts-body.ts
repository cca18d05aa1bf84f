/** Words beside a body that is drawn. */

import type { Limb, LimbState } from "./body-shape.ts";

export const bodyTexts = {
  heading: "Body in motion",
  turn: "Turn the picture",
  help: "Turn it with a finger or the arrow keys",
  seen: (turnDeg: number) => {
    const sides = ["from the front", "from the front left", "from the left", "from behind left", "from behind"];
    const other = ["from the front", "from the front right", "from the right", "from behind right", "from behind"];
    const turn = ((((turnDeg + 180) % 360) + 360) % 360) - 180;
    return `seen ${(turn >= 0 ? sides : other)[Math.round(Math.abs(turn) / 45)]}`;
  },
  limbs: {
    head: "Head",
    trunk: "Trunk",
    leftArm: "Left arm",
    rightArm: "Right arm",
    leftLeg: "Left leg",
    rightLeg: "Right leg",
  } satisfies Record<Limb, string>,
  states: {
    measured: "measured",
    completed: "completed – its sensor is silent, this is a guess",
    part: "measured where its sensor sits; the rest is not known and not drawn",
    unknown: "not known, not drawn",
  } satisfies Record<LimbState | "part", string>,
  measuredForm: "measured",
  completedForm: "completed",
  silent: "No motion sensor has sent anything for two seconds: nothing is drawn.",
  placeless:
    "Sensors tell how a limb is turned, not where it is: where a limb between is not known, the others stand as if it hung at rest.",
  by: (model: string) => `Limbs without a sensor of their own are worked out by the model “${model}”.`,
  again: "Play the last minute again, slowly",
  stop: "Back to now",
  playing: (agoS: number) => `${agoS} s ago, at a quarter of the speed`,
  twin: (at: string, errorDeg: number) => `The body at ${at} as the copy has it, every turn within ${errorDeg.toFixed(1)}°`,
} as const;
