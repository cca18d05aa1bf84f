/** `rhythm.pause`: an RR interval of 3 s or more in signal that was good from one beat to the other. Missing samples are never a pause. */

import Type, { type Static, type TObject } from "typebox";
import { back, seen } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isAwake, isGoodSince, type StreamFacts, streamKey } from "./stream-gate.ts";

interface Lane {
  /** The newest beat, and whether the interval behind it has been told as a pause. */
  beatUs: number;
  told: boolean;
  /** A long interval that has ended but whose last second is not judged yet. */
  ended: { fromUs: number; toUs: number } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
}

/** Beats up to here have been detected when a second ends (models/signal/qrs.ts: at most 0.35 s after R). */
const detectorUs = 400_000;

const ids: readonly string[] = ["rhythm.pause"];

const limits = {
  pauseS: Type.Number({
    minimum: 2,
    maximum: 10,
    default: 3,
    description: "RR interval in seconds from which rhythm.pause tells",
    unit: "s",
    rules: ["rhythm.pause"],
    quieter: "higher",
  }),
};

const create = ({ pauseS }: Static<TObject<typeof limits>>, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, structuredClone(lane)]));
  const pauseUs = pauseS * 1_000_000;

  const begin = (facts: StreamFacts, onsetUs: number, valueUs: number, out: RuleDecision[]) => {
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    const told = { onsetUs, timeUs, value: seconds(valueUs), unit: "s", limit: pauseS, quality };
    out.push({ kind: "begin", rule: "rhythm.pause", device, stream, priority: "medium", alertKind: "physiological", ...told });
  };

  const onBeat = (key: string, facts: StreamFacts, timeUs: number, knownUs: number, out: RuleDecision[]) => {
    const lane = lanes.get(key);
    if (lane === undefined) {
      lanes.set(key, { beatUs: timeUs, told: false, ended: undefined });
      return;
    }
    if (timeUs <= lane.beatUs) return;
    const intervalUs = timeUs - lane.beatUs;
    if (lane.told) {
      out.push({ kind: "update", rule: "rhythm.pause", device: facts.device, timeUs: knownUs, value: seconds(intervalUs) });
      out.push({ kind: "end", rule: "rhythm.pause", device: facts.device, endUs: timeUs, timeUs: knownUs });
    } else if (intervalUs >= pauseUs && isGoodSince(facts, lane.beatUs)) lane.ended = { fromUs: lane.beatUs, toUs: timeUs };
    lane.beatUs = timeUs;
    lane.told = false;
  };

  const onQuality = (lane: Lane, facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs, device } = facts;
    if (lane.ended !== undefined && judgedUs >= lane.ended.toUs) {
      const { fromUs, toUs } = lane.ended;
      lane.ended = undefined;
      if (isGoodSince(facts, fromUs)) {
        begin(facts, fromUs, toUs - fromUs, out);
        out.push({ kind: "end", rule: "rhythm.pause", device, endUs: toUs, timeUs: judgedUs });
      }
    }
    if (lane.told || judgedUs - lane.beatUs < pauseUs + detectorUs || !isGoodSince(facts, lane.beatUs)) return;
    lane.told = true;
    begin(facts, lane.beatUs, judgedUs - lane.beatUs, out);
  };

  return {
    ids,
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const lane = lanes.get(key);
      if (input.kind === "qrs") onBeat(key, facts, input.timeUs, input.knownUs, out);
      if (input.kind === "quality" && lane !== undefined) onQuality(lane, facts, out);
      return out;
    },
    watching(timeUs) {
      const awake = gate.all().some((facts) => {
        const beatUs = lanes.get(streamKey(facts))?.beatUs;
        return beatUs !== undefined && isAwake(facts, timeUs) && isGoodSince(facts, beatUs);
      });
      return awake ? ids : [];
    },
    state: (): State => ({ gate: gate.state(), lanes: [...lanes].map(([key, lane]) => [key, structuredClone(lane)]) }),
  };
};

export const rhythmPause: Family = {
  create,
  limits,
  rules: {
    "rhythm.pause": {
      priority: "medium",
      alertKind: "physiological",
      text: {
        title: (w) => `${w.person}: pause of ${w.value} between two heartbeats`,
        body: (w) => `${seen(w)} Limit ${w.limit}. Ends with the next beat.`,
        clear: back("the pause is over"),
      },
    },
  },
};

function seconds(us: number): number {
  return Math.round(us / 10_000) / 100;
}
