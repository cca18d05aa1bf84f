/** `device.lead-off`: a sensor that measures contact has lost the skin for 10 s (low), for 15 min (medium). It says nothing about the person. */

import type { Fact } from "../facts/fact.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

interface Lane {
  readonly device: string;
  offUs: number | undefined;
  onUs: number | undefined;
  told: "no" | "low" | "medium";
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
}

const rule = "device.lead-off";
const secondUs = 1_000_000;
const delayUs = 10 * secondUs;
const endUs = 10 * secondUs;
const escalateUs = 15 * 60 * secondUs;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, { ...lane }]));

  /** One condition a device, however many of its streams lost the skin. */
  const isAlone = (lane: Lane) =>
    ![...lanes.values()].some((other) => other !== lane && other.device === lane.device && other.told !== "no");

  const onQuality = (lane: Lane, input: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    const { device, stream, timeUs, contact } = input;
    if (contact === "off") {
      lane.onUs = undefined;
      lane.offUs ??= timeUs - secondUs;
      if (lane.told === "no" && timeUs - lane.offUs >= delayUs) {
        lane.told = "low";
        const told = { onsetUs: lane.offUs, timeUs, quality: input.level };
        if (isAlone(lane)) out.push({ kind: "begin", rule, device, stream, priority: "low", alertKind: "technical", ...told });
      }
      if (lane.told === "low" && timeUs - lane.offUs >= escalateUs) {
        lane.told = "medium";
        out.push({ kind: "update", rule, device, timeUs, priority: "medium" });
      }
    } else if (contact === "on") {
      lane.onUs ??= timeUs - secondUs;
      if (lane.told === "no") lane.offUs = undefined;
      else if (timeUs - lane.onUs >= endUs) {
        if (isAlone(lane)) out.push({ kind: "end", rule, device, endUs: lane.onUs, timeUs });
        Object.assign(lane, { offUs: undefined, told: "no" });
      }
    } else lane.onUs = undefined;
  };

  return {
    ids: [rule],
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const lane = lanes.get(key) ?? { device: facts.device, offUs: undefined, onUs: undefined, told: "no" };
      lanes.set(key, lane);
      if (input.kind === "quality") onQuality(lane, input, out);
      // Nobody saw the contact in a hole: a pending delay starts again behind it.
      if (input.kind === "gap" && lane.told === "no") lane.offUs = undefined;
      return out;
    },
    watching: (timeUs) => (gate.all().some((facts) => facts.contactMeasured === "measured" && isFresh(facts, timeUs)) ? [rule] : []),
    state: (): State => ({ gate: gate.state(), lanes: [...lanes].map(([key, lane]) => [key, { ...lane }]) }),
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
