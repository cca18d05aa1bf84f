/** `device.lead-off`: a sensor that measures contact has lost the skin for 10 s (low), for 15 min (medium). It says nothing about the person. */

import type { Fact } from "../facts/fact.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

interface StreamMemory {
  readonly device: string;
  offUs: number | undefined;
  onUs: number | undefined;
  told: "no" | "low" | "medium";
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
}

const rule = "device.lead-off";
const secondUs = 1_000_000;
const delayUs = 10 * secondUs;
const endUs = 10 * secondUs;
const escalateUs = 15 * 60 * secondUs;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const memories = new Map<string, StreamMemory>(was?.lanes.map(([key, memory]) => [key, { ...memory }]));

  /** One condition a device, however many of its streams lost the skin. */
  const isAlone = (memory: StreamMemory) =>
    ![...memories.values()].some((other) => other !== memory && other.device === memory.device && other.told !== "no");

  const onQuality = (memory: StreamMemory, input: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    const { device, stream, timeUs, contact } = input;
    if (contact === "off") {
      memory.onUs = undefined;
      memory.offUs ??= timeUs - secondUs;
      if (memory.told === "no" && timeUs - memory.offUs >= delayUs) {
        memory.told = "low";
        const told = { onsetUs: memory.offUs, timeUs, quality: input.level };
        if (isAlone(memory)) out.push({ kind: "begin", rule, device, stream, priority: "low", alertKind: "technical", ...told });
      }
      if (memory.told === "low" && timeUs - memory.offUs >= escalateUs) {
        memory.told = "medium";
        out.push({ kind: "update", rule, device, timeUs, priority: "medium" });
      }
    } else if (contact === "on") {
      memory.onUs ??= timeUs - secondUs;
      if (memory.told === "no") memory.offUs = undefined;
      else if (timeUs - memory.onUs >= endUs) {
        if (isAlone(memory)) out.push({ kind: "end", rule, device, endUs: memory.onUs, timeUs });
        Object.assign(memory, { offUs: undefined, told: "no" });
      }
    } else memory.onUs = undefined;
  };

  return {
    ids: [rule],
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const memory = memories.get(key) ?? { device: facts.device, offUs: undefined, onUs: undefined, told: "no" };
      memories.set(key, memory);
      if (input.kind === "quality") onQuality(memory, input, out);
      // Nobody saw the contact in a hole: a pending delay starts again behind it.
      if (input.kind === "gap" && memory.told === "no") memory.offUs = undefined;
      return out;
    },
    watching: (timeUs) => (gate.all().some((facts) => facts.contactMeasured === "measured" && isFresh(facts, timeUs)) ? [rule] : []),
    state: (): State => ({ gate: gate.state(), lanes: [...memories].map(([key, memory]) => [key, { ...memory }]) }),
  };
};

export const deviceLeadOff: Family = {
  create,
  rules: {
    [rule]: {
      priority: "low",
      alertKind: "technical",
      explainsSilence: true,
      covers: { rules: ["rhythm.asystole", "rhythm.no-signal", "rhythm.vt", "rhythm.vt-run", "rhythm.pause"], within: "stream" },
      text: {
        title: (w) => `${w.device}: no skin contact`,
        body: (w) => `Since ${w.since}. Rhythm alerts from it are off until it is back; other sensors still watch.`,
        clear: (w) => `${w.device}: skin contact is back.`,
      },
    },
  },
};
