/**
 * `signal.quality`: below good for 5 min while worn, or an ECG without a heartbeat for 30 s, which is medium after 2 min, as for a sensor that sends nothing.
 * It explains why other rules are silent; it never speaks about a sensor that is off, and that a heart has stopped is for `rhythm.asystole` to say.
 */

import type { Fact, QualityLevel } from "../facts/fact.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

interface StreamMemory {
  readonly device: string;
  poorUs: number | undefined;
  goodUs: number | undefined;
  told: boolean;
  /** Start of the first second without beats, how many there have been, and whether they were told. */
  beatless?: { readonly sinceUs: number; seconds: number; told: boolean } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
}

const rule = "signal.quality";
const secondUs = 1_000_000;
const delayUs = 5 * 60 * secondUs;
const endUs = 60 * secondUs;
const beatlessS = { low: 30, medium: 120 } as const;
/** After a silence this long nobody knows what the sensor would show; `data.missing` tells it. */
const silentUs = 60 * secondUs;
/** A good moment shorter than this does not make five poor minutes good. */
const briefUs = 10 * secondUs;

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const memories = new Map<string, StreamMemory>(was?.lanes.map(([key, memory]) => [key, structuredClone(memory)]));

  /** One condition a device, however many of its streams are poor. */
  const isAlone = (memory: StreamMemory) =>
    ![...memories.values()].some((other) => other !== memory && other.device === memory.device && other.told);

  const onBeatless = (memory: StreamMemory, { device, stream, timeUs }: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    memory.beatless ??= { sinceUs: timeUs - secondUs, seconds: 0, told: false };
    const { sinceUs: onsetUs } = memory.beatless;
    const value = ++memory.beatless.seconds;
    if (value === beatlessS.low && !memory.told) {
      const isFirst = isAlone(memory);
      const told = begin(memory, { onsetUs, timeUs, quality: "unknown" }, stream);
      memory.beatless.told = true;
      if (isFirst) out.push({ ...told, value, unit: "s", limit: beatlessS.low });
    }
    if (value === beatlessS.medium) out.push({ kind: "update", rule, device, timeUs, value, priority: "medium" });
  };

  /** Beats are seen, or the sensor is known to be off: nothing more is to be said of their absence. */
  const explain = (memory: StreamMemory, timeUs: number, out: RuleDecision[]) => {
    const wasTold = memory.beatless?.told === true;
    memory.beatless = undefined;
    if (!wasTold) return;
    Object.assign(memory, { told: false, poorUs: undefined });
    if (isAlone(memory)) out.push({ kind: "end", rule, device: memory.device, endUs: timeUs, timeUs });
  };

  const onQuality = (memory: StreamMemory, input: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    const { device, stream, timeUs, level, contact } = input;
    // Samples that do not come show no beats either, and are no signal.
    const isThere = level !== "bad" || input.saturated;
    if (contact === "off" || input.beatless !== true) explain(memory, timeUs, out);
    else if (isThere) onBeatless(memory, input, out);
    if (contact === "off") {
      if (!memory.told) memory.poorUs = undefined;
      memory.goodUs = undefined;
      return;
    }
    if (level !== "good" || input.beatless === true) {
      memory.goodUs = undefined;
      memory.poorUs ??= timeUs - secondUs;
      if (memory.told || timeUs - memory.poorUs <= delayUs) return;
      out.push(begin(memory, { onsetUs: memory.poorUs, timeUs, quality: level }, stream));
      return;
    }
    memory.goodUs ??= timeUs - secondUs;
    if (!memory.told && timeUs - memory.goodUs >= briefUs) memory.poorUs = undefined;
    if (!memory.told || timeUs - memory.goodUs < endUs) return;
    if (isAlone(memory)) out.push({ kind: "end", rule, device, endUs: memory.goodUs, timeUs });
    Object.assign(memory, { told: false, poorUs: undefined });
  };

  return {
    ids: [rule],
    push(input) {
      const out: RuleDecision[] = [];
      if (input.kind === "tick")
        for (const facts of gate.all()) {
          const memory = memories.get(streamKey(facts));
          if (memory !== undefined && input.timeUs - facts.judgedUs > silentUs) explain(memory, input.timeUs, out);
        }
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const memory = memories.get(key) ?? { device: facts.device, poorUs: undefined, goodUs: undefined, told: false };
      memories.set(key, memory);
      if (input.kind === "quality") onQuality(memory, input, out);
      // What nobody saw was not poor: a pending delay starts again behind a long hole.
      if (input.kind === "gap" && !memory.told && input.timeUs - input.fromUs >= briefUs) memory.poorUs = undefined;
      return out;
    },
    watching: (timeUs) => (gate.all().some((facts) => facts.contact !== "off" && isFresh(facts, timeUs)) ? [rule] : []),
    state: (): State => ({ gate: gate.state(), lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]) }),
  };
};

function begin(memory: StreamMemory, facts: { onsetUs: number; timeUs: number; quality: QualityLevel | "unknown" }, stream: string) {
  memory.told = true;
  return { kind: "begin", rule, device: memory.device, stream, priority: "low", alertKind: "technical", ...facts } as const;
}

export const signalQuality: Family = {
  create,
  rules: {
    [rule]: {
      priority: "low",
      alertKind: "technical",
      explainsSilence: true,
      text: {
        title: (w) => `${w.device}: ${w.hasValue ? `no heartbeat seen for ${w.value}` : "poor signal"}`,
        body: (w) =>
          w.hasValue
            ? `Since ${w.since} its signal shows no heartbeat, so ${w.person}'s heart is not watched through it. Check that it is worn, moist and tight.`
            : `Since ${w.since} the signal is too poor to judge ${w.person}'s heart. Check seat and skin of the sensor.`,
        clear: (w) => `${w.device}: the signal is good enough again.`,
      },
    },
  },
};
