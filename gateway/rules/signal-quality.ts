/** `signal.quality`: below good for 5 min while worn. It explains why other rules are silent; it never speaks about a sensor that is off. */

import type { Rule, RuleDecision, RuleFactory, RuleInput } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

interface Lane {
  readonly device: string;
  poorUs: number | undefined;
  goodUs: number | undefined;
  told: boolean;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
}

const rule = "signal.quality";
const secondUs = 1_000_000;
const delayUs = 5 * 60 * secondUs;
const endUs = 60 * secondUs;
/** A good moment shorter than this does not make five poor minutes good. */
const briefUs = 10 * secondUs;

export const signalQuality: RuleFactory = (_profile, saved): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, { ...lane }]));

  /** One condition a device, however many of its streams are poor. */
  const isAlone = (lane: Lane) => ![...lanes.values()].some((other) => other !== lane && other.device === lane.device && other.told);

  const onQuality = (lane: Lane, input: RuleInput & { kind: "quality" }, out: RuleDecision[]) => {
    const { device, stream, timeUs, level, contact } = input;
    if (contact === "off") {
      if (!lane.told) lane.poorUs = undefined;
      lane.goodUs = undefined;
      return;
    }
    if (level !== "good") {
      lane.goodUs = undefined;
      lane.poorUs ??= timeUs - secondUs;
      if (lane.told || timeUs - lane.poorUs <= delayUs) return;
      lane.told = true;
      out.push({
        kind: "begin",
        rule,
        device,
        stream,
        priority: "low",
        alertKind: "technical",
        onsetUs: lane.poorUs,
        timeUs,
        quality: level,
      });
      return;
    }
    lane.goodUs ??= timeUs - secondUs;
    if (!lane.told && timeUs - lane.goodUs >= briefUs) lane.poorUs = undefined;
    if (!lane.told || timeUs - lane.goodUs < endUs) return;
    if (isAlone(lane)) out.push({ kind: "end", rule, device, endUs: lane.goodUs, timeUs });
    Object.assign(lane, { told: false, poorUs: undefined });
  };

  return {
    ids: [rule],
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const lane = lanes.get(key) ?? { device: facts.device, poorUs: undefined, goodUs: undefined, told: false };
      lanes.set(key, lane);
      if (input.kind === "quality") onQuality(lane, input, out);
      // What nobody saw was not poor: a pending delay starts again behind a long hole.
      if (input.kind === "gap" && !lane.told && input.timeUs - input.fromUs >= briefUs) lane.poorUs = undefined;
      return out;
    },
    watching: (timeUs) => (gate.all().some((facts) => facts.contact !== "off" && isFresh(facts, timeUs)) ? [rule] : []),
    state: (): State => ({ gate: gate.state(), lanes: [...lanes].map(([key, lane]) => [key, { ...lane }]) }),
  };
};
