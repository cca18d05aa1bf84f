/** `ecg-beat`: which kind of beat this is (N, S, V, F). The contract of its package; it holds no state and never runs the network. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type BeatContext, type BeatRun, labelled, type ModelSpec } from "../model-spec.ts";
import { decision } from "./decision.ts";
import { beatFeatures } from "./features.ts";
import { type BeatMemory, emptyMemory } from "./shapes.ts";

const labels = ["N", "S", "V", "F"] as const;

export const ecgBeat: ModelSpec<BeatMemory, "beat"> = {
  id: "ecg-beat",
  title: "Beat classes N, S, V, F",
  folder: new URL("./", import.meta.url),
  input: { kind: "ecg", unit: "mV" },
  trigger: {
    kind: "beat",
    beforeS: 2,
    afterS: 0.5,
    runs: [
      { name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 },
      { name: "final", afterS: 0.5, afterBeats: 4, waitS: 3 },
    ],
  },
  labels,
  warmupS: 10,
  resultTimeoutMs: 4000,
  initialMemory: emptyMemory,
  /** The "first" run of each beat updates `memory`, "final" only reads it. NaN samples and intervals give defined tensors. */
  features: (context: BeatContext, memory: BeatMemory, run?: BeatRun["name"]) => ({ ...beatFeatures(context, memory, run) }),
  /** V above its threshold, else S above its own, else F where it is likelier than N and above its own, else N. */
  read(outputs) {
    const { logits } = outputs;
    if (logits?.length !== labels.length)
      throw new GatewayError("model.output_missing", "bug", "ecg-beat: the output `logits` must hold 4 numbers");
    const probabilities = softmax(logits, decision.temperature);
    const [n = 0, s = 0, v = 0, f = 0] = probabilities;
    const { V, S, F } = decision.thresholds;
    const label = v >= V ? "V" : s >= S ? "S" : f >= F && f > n ? "F" : "N";
    return labelled(labels, label, probabilities);
  },
  /** A beat once, with its final class; one that nobody could class is unclassifiable (Q). */
  events({ pass, about: [{ device, stream }], timeUs, rrMs, outcome }) {
    if (pass !== "final") return [];
    const isKnown = outcome.kind === "label";
    const label = isKnown ? (outcome.label as (typeof labels)[number]) : "Q";
    const confidence = isKnown ? outcome.probability : 0;
    return [{ kind: "beat", device, stream, timeUs, label, confidence, ...(rrMs === undefined ? {} : { rrMs }) }];
  },
};

function softmax(logits: Float32Array, temperature: number): number[] {
  const top = Math.max(...logits);
  const exponentials = Array.from(logits, (z) => Math.exp((z - top) / temperature));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((e) => e / sum);
}
