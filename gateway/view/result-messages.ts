/** What readers of the live stream are told of a model's answer, whatever the model. Pure. */

import type { Outcome } from "../../device-drivers/contract/result.ts";
import type { Fact } from "../facts/fact.ts";
import type { LiveResult } from "./view-port.ts";

/** Undefined for every fact that no model has given. `recorded`: models whose results stand in the record. */
export function resultMessage(person: string, fact: Fact, recorded: ReadonlySet<string>): LiveResult | undefined {
  if (fact.kind === "unusual") {
    const { device, stream, timeUs, judged, likeness, learning } = fact;
    if (judged === undefined) return undefined;
    const of = { kind: "result", person, model: learning.model, device, stream, timeUs, pass: "final", recorded: false } as const;
    const { score, difference } = judged;
    return { ...of, outcome: { kind: "personal", score, difference, ...(likeness === undefined ? {} : { likeness }) } };
  }
  if (fact.kind !== "result") return undefined;
  const { model, about, timeUs, fromUs, pass, outcome } = fact;
  return {
    ...{ kind: "result", person, model, ...about[0], timeUs, ...(fromUs === undefined ? {} : { fromUs }), pass },
    ...{ recorded: recorded.has(model.id), outcome: shown(outcome) },
  };
}

function shown(outcome: Outcome): LiveResult["outcome"] {
  if (outcome.kind === "vector") return { kind: "vector", size: outcome.vector.length };
  if (outcome.kind === "pose") return { kind: "pose", size: outcome.rotations.length };
  return outcome.kind === "tokens" ? { kind: "tokens", size: outcome.tokens.length } : outcome;
}
