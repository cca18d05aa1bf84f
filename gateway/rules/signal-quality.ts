/**
 * `signal.quality`: below good for 5 min while worn, or an ECG without a heartbeat for 30 s, which is medium after 2 min, as for a sensor that sends nothing.
 * It explains why other rules are silent; it never speaks about a sensor that is off, and that a heart has stopped is for `rhythm.asystole` to say.
 */

import type { Fact, QualityLevel } from "../facts/fact.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, streamKey } from "./stream-gate.ts";

interface Lane {
  readonly device: string;
  poorUs: number | undefined;
  goodUs: number | undefined;
  told: boolean;
  /** Start of the first second without beats, how many there have been, and whether they were told. */
  beatless?: { readonly sinceUs: number; seconds: number; told: boolean } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
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
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, structuredClone(lane)]));

  /** One condition a device, however many of its streams are poor. */
  const isAlone = (lane: Lane) => ![...lanes.values()].some((other) => other !== lane && other.device === lane.device && other.told);

  const onBeatless = (lane: Lane, { device, stream, timeUs }: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    lane.beatless ??= { sinceUs: timeUs - secondUs, seconds: 0, told: false };
    const { sinceUs: onsetUs } = lane.beatless;
    const value = ++lane.beatless.seconds;
    if (value === beatlessS.low && !lane.told) {
      const isFirst = isAlone(lane);
      const told = begin(lane, { onsetUs, timeUs, quality: "unknown" }, stream);
      lane.beatless.told = true;
      if (isFirst) out.push({ ...told, value, unit: "s", limit: beatlessS.low });
    }
    if (value === beatlessS.medium) out.push({ kind: "update", rule, device, timeUs, value, priority: "medium" });
  };

  /** Beats are seen, or the sensor is known to be off: nothing more is to be said of their absence. */
  const explain = (lane: Lane, timeUs: number, out: RuleDecision[]) => {
    const wasTold = lane.beatless?.told === true;
    lane.beatless = undefined;
    if (!wasTold) return;
    Object.assign(lane, { told: false, poorUs: undefined });
    if (isAlone(lane)) out.push({ kind: "end", rule, device: lane.device, endUs: timeUs, timeUs });
  };

  const onQuality = (lane: Lane, input: Fact & { kind: "quality" }, out: RuleDecision[]) => {
    const { device, stream, timeUs, level, contact } = input;
    // Samples that do not come show no beats either, and are no signal.
    const isThere = level !== "bad" || input.saturated;
    if (contact === "off" || input.beatless !== true) explain(lane, timeUs, out);
    else if (isThere) onBeatless(lane, input, out);
    if (contact === "off") {
      if (!lane.told) lane.poorUs = undefined;
      lane.goodUs = undefined;
      return;
    }
    if (level !== "good" || input.beatless === true) {
      lane.goodUs = undefined;
      lane.poorUs ??= timeUs - secondUs;
      if (lane.told || timeUs - lane.poorUs <= delayUs) return;
      out.push(begin(lane, { onsetUs: lane.poorUs, timeUs, quality: level }, stream));
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
      if (input.kind === "tick")
        for (const facts of gate.all()) {
          const lane = lanes.get(streamKey(facts));
          if (lane !== undefined && input.timeUs - facts.judgedUs > silentUs) explain(lane, input.timeUs, out);
        }
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
    state: (): State => ({ gate: gate.state(), lanes: [...lanes].map(([key, lane]) => [key, structuredClone(lane)]) }),
  };
};

function begin(lane: Lane, facts: { onsetUs: number; timeUs: number; quality: QualityLevel | "unknown" }, stream: string) {
  lane.told = true;
  return { kind: "begin", rule, device: lane.device, stream, priority: "low", alertKind: "technical", ...facts } as const;
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
