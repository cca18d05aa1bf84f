/** Which of six limbs moved most within four seconds, or none, a toy. */

import { labelled, type ModelSpec } from "../../../../models/model-spec.ts";
import { steps } from "../steps.ts";

export const placements = ["left-wrist", "right-wrist", "left-ankle", "right-ankle", "left-thigh", "right-thigh"] as const;
const labels = [...placements, "none"];
/** Mean step in g between two samples, below which nothing moves. */
const leastStep = 0.01;

export const whichLimb: ModelSpec<Record<string, never>, "aligned"> = {
  id: "which-limb",
  title: "Which limb moved",
  folder: new URL("./", import.meta.url),
  input: { kind: "acc", unit: "g" },
  trigger: { kind: "aligned", hopS: 2, windowS: 4, rateHz: 25, placements, channels: 3, least: 3 },
  labels,
  warmupS: 4,
  resultTimeoutMs: 4000,
  initialMemory: () => ({}),
  features(context) {
    const activity = placements.map((placement) => {
      const all = context.placements[placement]?.flatMap(steps) ?? [];
      return all.reduce((sum, step) => sum + Math.abs(step), 0) / all.length;
    });
    return { x: { data: Float32Array.of(...activity, leastStep), shape: [1, labels.length] } };
  },
  read: ({ y = new Float32Array() }) => labelled(labels, labels[y.indexOf(Math.max(...y))] ?? "", [...y]),
};
