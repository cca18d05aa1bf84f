/** `ecg-anomaly`: where a beat lies among all beats that a heart can make, and which curve was to be expected there. Whether it is unusual, `personal.ts` says. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { BeatContext, ModelSpec } from "../model-spec.ts";
import { segmentLength } from "../signal/beat-window.ts";
import { anomalyFeatures, type HeightMemory } from "./features.ts";
import { latentLength, ownBeats } from "./personal.ts";

export const ecgAnomaly: ModelSpec<HeightMemory, "beat"> = {
  id: "ecg-anomaly",
  title: "Beats that are unusual for the person",
  folder: new URL("./", import.meta.url),
  input: { kind: "ecg", unit: "mV" },
  trigger: { kind: "beat", beforeS: 2, afterS: 0.5, runs: [{ name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 }] },
  labels: [],
  warmupS: 10,
  resultTimeoutMs: 1000,
  initialMemory: () => ({ heights: [] }),
  /** NaN samples give a defined tensor. */
  features: (context: BeatContext, memory: HeightMemory) => anomalyFeatures(context, memory),
  /** Latent (16), difference to the expected curve (100), the curve as it was shown (100). */
  read({ latent, residual, shown }) {
    if (latent?.length !== latentLength || residual?.length !== segmentLength || shown?.length !== segmentLength)
      throw new GatewayError(
        "model.output_missing",
        "bug",
        "ecg-anomaly: the outputs must be `latent`, `residual` and `shown` of 16, 100 and 100 numbers",
      );
    const vector = new Float32Array(latentLength + 2 * segmentLength);
    vector.set(latent);
    vector.set(residual, latentLength);
    vector.set(shown, latentLength + segmentLength);
    return { kind: "vector", vector };
  },
  personal: ownBeats,
};
