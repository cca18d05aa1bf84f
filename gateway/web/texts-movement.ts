/** Words about how a person moves, and about the pose by which sensors are calibrated. */

import type { Movement } from "./wire-types.ts";

export const movementTexts = {
  postures: {
    lying: "Lying",
    leaning: "Leaning over",
    upright: "Upright",
    sitting: "Sitting",
    standing: "Standing",
  } satisfies Record<NonNullable<Movement["posture"]>, string>,
  guess: " (a sensor of a leg is silent, this is a guess)",
  walking: (perMin: number) => `walking, ${perMin} steps a minute`,
  still: (duration: string) => `still for ${duration}`,
  steps: (count: number) => `${count} ${count === 1 ? "step" : "steps"} since the gateway started`,
  off: (placements: string) => `Not worn, it seems: ${placements}.`,
} as const;

export const calibrationTexts = {
  more: "Calibrate the motion sensors",
  says: "Once after they were put on: stand upright for a moment, and it is known how each sensor sits.",
  known: (places: string) => `Calibrated: ${places}.`,
  unknown: (places: string) => `Not calibrated: ${places}.`,
  armsOut: "Begin",
  armsDown: "Begin, arms stay down",
  armsDownSays: "For whoever can't raise the arms; then the sensors should sit roughly as they are meant to.",
  hang: "Stand upright, arms hanging, look ahead.",
  raise: "Raise both arms straight to the sides, palms down.",
  hold: (left: number) => `Stand still … ${left}`,
  wait: "Thank you. One moment …",
  done: "It is known now how the sensors sit.",
  refused: "It was not taken over:",
  without: (places: string) => `Begin without: ${places}`,
  undo: "Take the last calibration back",
  undone: "Taken back: what held before it holds again.",
} as const;
