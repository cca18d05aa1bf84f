/** `ecg-quality`: whether a person who reads ECGs could read the newest seconds of a lead, or would call them noise. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { labelled, type ModelSpec } from "../model-spec.ts";
import { qualityFeatures, windowS } from "./features.ts";

const labels = ["readable", "noise"] as const;

export const ecgQuality: ModelSpec<Record<string, never>, "hop"> = {
  id: "ecg-quality",
  title: "Readable ECG or noise",
  folder: new URL("./", import.meta.url),
  input: { kind: "ecg", unit: "mV" },
  trigger: { kind: "hop", hopS: 2, windowS },
  labels,
  warmupS: 0,
  resultTimeoutMs: 1000,
  initialMemory: () => ({}),
  features: (context) => qualityFeatures(context),
  /** The network's threshold is in its last layer: above zero it is noise. */
  read({ noise }) {
    const [logit] = noise ?? [];
    if (logit === undefined || noise?.length !== 1)
      throw new GatewayError("model.output_missing", "bug", "ecg-quality: the output must be `noise`, one number");
    const probability = 1 / (1 + Math.exp(-logit));
    const label = labels[logit > 0 ? 1 : 0];
    return labelled(labels, label, [1 - probability, probability]);
  },
};
