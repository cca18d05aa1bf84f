/** How a beat looks, in a few slow waves, beside what is usual for its wearer: a toy that learns a person without having learnt from anybody. */

import type { BeatContext, ModelSpec } from "../../../../models/model-spec.ts";
import { median } from "../../../../models/signal/statistics.ts";
import { type OwnShapes, ownShapes, points } from "./personal.ts";

const [beforeS, afterS] = [0.3, 0.5];

export const ownShape: ModelSpec<null, "beat"> = {
  id: "own-shape",
  title: "Shapes of one's own beats",
  folder: new URL("./", import.meta.url),
  input: { kind: "ecg", unit: "mV" },
  trigger: { kind: "beat", beforeS, afterS, runs: [{ name: "first", afterS, afterBeats: 0, waitS: 0 }] },
  labels: [],
  warmupS: 0,
  resultTimeoutMs: 4000,
  initialMemory: () => null,
  features: (context) => ({ x: { data: curveOf(context), shape: [1, points] } }),
  read: ({ y }) => ({ kind: "vector", vector: Float32Array.from(y ?? [Number.NaN]) }),
  personal: ownShapes as NonNullable<ModelSpec["personal"]>,
};
export type { OwnShapes };

/** Millivolts above the window's middle; what is not there lies in it. */
function curveOf({ samples, rateHz, rIndex }: BeatContext): Float32Array {
  const middle = median(Array.from(samples).filter((value) => !Number.isNaN(value)));
  const stepS = (beforeS + afterS) / points;
  return Float32Array.from({ length: points }, (_, i) => {
    const from = Math.round(rIndex + (i * stepS - beforeS) * rateHz);
    const part = Array.from(samples.slice(Math.max(0, from), from + Math.max(1, Math.round(stepS * rateHz)))).filter(
      (v) => !Number.isNaN(v),
    );
    return part.length === 0 ? 0 : part.reduce((sum, value) => sum + value, 0) / part.length - middle;
  });
}
