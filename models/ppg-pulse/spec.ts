/** `ppg-pulse`: how likely each rate from 30 to 210 a minute is for the last 8 s of a pleth, with the acceleration of the same stream where there is any. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { ModelSpec } from "../model-spec.ts";
import { decision } from "./decision.ts";
import { pulseFeatures } from "./features.ts";
import { BINS, bpmAt, SHOWN } from "./rates.ts";

const tail = 0.05;
/** The value is the mean of so many bins to each side of the likeliest. */
const near = 3;

export const ppgPulse: ModelSpec<undefined, "hop"> = {
  id: "ppg-pulse",
  title: "Pulse rate by light, at rest and in motion",
  folder: new URL("./", import.meta.url),
  input: { kind: "ppg", unit: "any" },
  beside: { kind: "acc", unit: "g" },
  trigger: { kind: "hop", hopS: 2, windowS: 8 },
  labels: [],
  warmupS: 0,
  resultTimeoutMs: 1000,
  initialMemory: () => undefined,
  /** The first pleth of the stream. NaN samples give a defined tensor. */
  features: ({ channels: [pleth], beside = [] }) => ({
    curves: { data: pulseFeatures(pleth ?? new Float32Array(), beside), shape: [1, 6, BINS] },
  }),
  /** The interval holds nine rates of ten. Where it is wider than `decision.widest` (of logarithms) before it is drawn in, nobody knows the rate. */
  read({ logits }) {
    if (logits?.length !== BINS)
      throw new GatewayError("model.output_missing", "bug", `ppg-pulse: the output must be \`logits\` of ${BINS} numbers`);
    const most = logits.slice(0, SHOWN).reduce((high, value) => Math.max(high, value));
    const weights = Array.from(logits.slice(0, SHOWN), (value) => Math.exp(value - most));
    const total = weights.reduce((sum, value) => sum + value, 0);
    const top = weights.indexOf(Math.max(...weights));
    let [sum, mean] = [0, 0];
    for (let bin = Math.max(0, top - near); bin <= Math.min(SHOWN - 1, top + near); bin++) {
      sum += weights[bin] ?? 0;
      mean += bin * (weights[bin] ?? 0);
    }
    const value = bpmAt(mean / sum);
    const [low, high] = [quantile(weights, tail * total), quantile(weights, (1 - tail) * total)];
    if (Math.log(high / low) >= decision.widest) return { kind: "unknown", reason: "unsure" };
    const { scale } = decision;
    const interval = [value + scale * (Math.min(low, value) - value), value + scale * (Math.max(high, value) - value)] as const;
    return { kind: "value", value, unit: "bpm", interval };
  },
};

/** The rate below which so much of the weight lies; a bin's share is spread evenly over its width. */
function quantile(weights: readonly number[], share: number): number {
  let below = 0;
  for (const [bin, weight] of weights.entries()) {
    if (below + weight >= share) return bpmAt(bin - 0.5 + (share - below) / Math.max(weight, 1e-12));
    below += weight;
  }
  return bpmAt(SHOWN - 0.5);
}
