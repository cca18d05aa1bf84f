/**
 * Unusual pulses by light. `pulse.irregular`: a minute of pulses without any rhythm, twice in three looks; never while a good ECG of the same person is regular,
 * for then beats did not reach the sensor. `pulse.pause`: a gap between steady pulses where no ECG is awake. Too fast and too slow are told in heart-rate.ts. All
 * are low: a pulse can be lost on its way to the finger.
 */

import type { Static, TObject } from "typebox";
import { isIrregular } from "../../models/signal/irregularity.ts";
import type { Fact } from "../facts/fact.ts";
import { back, seen } from "./alert-words.ts";
import { addBeat, type BeatIntervals, forgetIntervals, noIntervals } from "./beat-intervals.ts";
import type { Family } from "./family.ts";
import { goodIntervals, isFreshPulse, pauseAt, pulsesAfterPause, pulseWindowUs, type SeenPulse, seenPulse } from "./pulse-window.ts";
import { pauseLimits } from "./rhythm-pause.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createShaken } from "./shaken.ts";
import { createGate, isAwake, type StreamFacts, streamKey } from "./stream-gate.ts";

interface StreamMemory {
  readonly device: string;
  readonly stream: string;
  /** Pulses of the newest minute, good or not, oldest first. */
  pulses: SeenPulse[];
  /** The newest looks, oldest first: irregular, not, or unknown. */
  looks: (boolean | undefined)[];
  /** First of the looks in a row that began it, and while it lasts since when it has not been so. */
  sinceUs: number | undefined;
  overUs: number | undefined;
  isTold: boolean;
}

interface State {
  gate: StreamFacts[];
  beats: [string, BeatIntervals][];
  lanes: [string, StreamMemory][];
  shakenUs: number[];
}

const secondUs = 1_000_000;
const lookEveryUs = 10 * secondUs;
/** Of three looks. */
const needed = 2;
const looksKept = 3;
/** A pulse is disturbed by what shook its sensor this shortly before. */
const besideUs = 3 * secondUs;
const lastingUs = 30 * secondUs;
const endUs = 60 * secondUs;
const irregular = "pulse.irregular";
const pause = "pulse.pause";

const create = ({ pauseS }: Static<TObject<typeof pauseLimits>>, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const beats = new Map(structuredClone(was?.beats));
  const lanes = new Map(structuredClone(was?.lanes));
  const shaken = createShaken(was?.shakenUs);

  const isEcgAwake = (timeUs: number) => gate.all().some((facts) => facts.hasBeats && isAwake(facts, timeUs));

  /** A good ECG whose beats are regular: what is irregular in the pulse is the sensor's. */
  const isContradicted = (timeUs: number) =>
    gate.all().some((facts) => isAwake(facts, timeUs) && isIrregular(beats.get(streamKey(facts))?.rrMs ?? []) === false);

  const onPulse = (input: Fact & { kind: "pulse" }): RuleDecision[] => {
    const { device, stream, timeUs } = input;
    const key = streamKey(input);
    const lane = lanes.get(key) ?? { device, stream, pulses: [], looks: [], sinceUs: undefined, overUs: undefined, isTold: false };
    lanes.set(key, lane);
    lane.pulses = lane.pulses.filter((each) => each.timeUs > timeUs - pulseWindowUs);
    lane.pulses.push(seenPulse(shaken.within(timeUs, besideUs) ? { ...input, quality: 0 } : input));
    const at = lane.pulses.length - 1 - pulsesAfterPause;
    const pauseMs = pauseAt(lane.pulses, at, pauseS * 1000);
    if (pauseMs === undefined || isEcgAwake(timeUs)) return [];
    const pauseEndUs = lane.pulses[at]?.timeUs ?? timeUs;
    const onsetUs = pauseEndUs - pauseMs * 1000;
    const told = { onsetUs, timeUs: input.knownUs, value: Math.round(pauseMs / 10) / 100, unit: "s", limit: pauseS } as const;
    return [begin(pause, lane, told), { kind: "end", rule: pause, device, endUs: pauseEndUs, timeUs: input.knownUs }];
  };

  const look = (lane: StreamMemory, nowUs: number): RuleDecision[] => {
    const intervals = goodIntervals(lane.pulses, nowUs);
    const isNow = intervals && isIrregular(intervals);
    const isSeen = isNow === true && isContradicted(nowUs) ? undefined : isNow;
    lane.looks = [...lane.looks, isSeen].slice(-looksKept);
    const times = lane.looks.filter((each) => each === true).length;
    if (lane.isTold) {
      if (isSeen === true) lane.overUs = undefined;
      else if (isSeen === false) lane.overUs ??= nowUs;
      if (lane.overUs === undefined || nowUs - lane.overUs < endUs) return [];
      const end = { kind: "end", rule: irregular, device: lane.device, endUs: lane.overUs, timeUs: nowUs } as const;
      Object.assign(lane, { isTold: false, sinceUs: undefined, overUs: undefined });
      return [end];
    }
    if (times < needed) lane.sinceUs = undefined;
    else lane.sinceUs ??= nowUs - lookEveryUs;
    if (lane.sinceUs === undefined || nowUs - lane.sinceUs < lastingUs) return [];
    lane.isTold = true;
    return [begin(irregular, lane, { onsetUs: lane.sinceUs, timeUs: nowUs })];
  };

  return {
    ids: [irregular, pause],
    push(input) {
      const facts = gate.push(input);
      shaken.note(input);
      if (input.kind === "pulse") return onPulse(input);
      if (input.kind === "tick" && input.timeUs % lookEveryUs === 0) return [...lanes.values()].flatMap((lane) => look(lane, input.timeUs));
      if (facts === undefined) return [];
      if (input.kind === "qrs") {
        const intervals = beats.get(streamKey(facts)) ?? noIntervals();
        beats.set(streamKey(facts), intervals);
        addBeat(intervals, facts, input.timeUs, input.rrMs);
      } else if (input.kind === "quality") forgetIntervals(beats.get(streamKey(facts)) ?? noIntervals(), facts);
      return [];
    },
    watching(timeUs) {
      const fresh = [...lanes.values()].filter(({ pulses }) => isFreshPulse(pulses, timeUs));
      const isKnown = fresh.some((lane) => lane.looks.at(-1) !== undefined);
      const isSteady = fresh.some(
        ({ pulses }) => pulses.length > pulsesAfterPause && pulses.slice(-1 - pulsesAfterPause).every(({ isGood }) => isGood),
      );
      return [...(isKnown ? [irregular] : []), ...(isSteady && !isEcgAwake(timeUs) ? [pause] : [])];
    },
    state: (): State => structuredClone({ gate: gate.state(), beats: [...beats], lanes: [...lanes], shakenUs: shaken.state() }),
  };
};

function begin(
  rule: string,
  { device, stream }: StreamMemory,
  told: { readonly onsetUs: number; readonly timeUs: number; readonly value?: number; readonly unit?: string; readonly limit?: number },
): RuleDecision {
  const cause = { code: "device.pulse", stream };
  return { kind: "begin", rule, device, stream, priority: "low", alertKind: "physiological", cause, quality: "good", ...told };
}

export const pulseRhythm: Family = {
  create,
  limits: pauseLimits,
  rules: {
    [irregular]: {
      priority: "low",
      alertKind: "physiological",
      text: {
        title: (w) => `${w.person}: irregular pulse`,
        body: (w) =>
          `${seen(w)} For more than a minute the pulse has had no steady rhythm. Early beats can be the reason, and other things that only an ECG tells apart. Ends when it has been steady for a minute.`,
        clear: back("the pulse is steady again"),
      },
    },
    [pause]: {
      priority: "low",
      alertKind: "physiological",
      text: {
        title: (w) => `${w.person}: pause of ${w.value} in the pulse`,
        body: (w) => `${seen(w)} Limit ${w.limit}. The pulses before and after it were steady. An ECG tells whether the heart paused too.`,
        clear: back("the pulse went on"),
      },
    },
  },
};
