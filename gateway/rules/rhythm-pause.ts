/** `rhythm.pause`: an RR interval of 3 s or more in signal that was good from one beat to the other. Missing samples are never a pause. */

import Type, { type Static, type TObject } from "typebox";
import { back, seen } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isAwake, isGoodSince, type StreamFacts, streamKey } from "./stream-gate.ts";

interface StreamMemory {
  /** The newest beat, and whether the interval behind it has been told as a pause. */
  beatUs: number;
  told: boolean;
  /** A long interval that has ended but whose last second is not judged yet. */
  ended: { fromUs: number; toUs: number } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
}

/** Beats up to here have been detected when a second ends (models/signal/qrs.ts: at most 0.35 s after R). */
const detectorUs = 400_000;

const ids: readonly string[] = ["rhythm.pause"];

/** Shared with the pauses of a pulse. */
export const pauseLimits = {
  pauseS: Type.Number({
    minimum: 2,
    maximum: 10,
    default: 3,
    description: "RR interval in seconds from which rhythm.pause tells, and of a pulse pulse.pause",
    unit: "s",
    rules: ["rhythm.pause", "pulse.pause"],
    quieter: "higher",
  }),
};

const create = ({ pauseS }: Static<TObject<typeof pauseLimits>>, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const memories = new Map<string, StreamMemory>(was?.lanes.map(([key, memory]) => [key, structuredClone(memory)]));
  const pauseUs = pauseS * 1_000_000;

  const begin = (facts: StreamFacts, onsetUs: number, valueUs: number, out: RuleDecision[]) => {
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    const told = { onsetUs, timeUs, value: seconds(valueUs), unit: "s", limit: pauseS, quality };
    out.push({ kind: "begin", rule: "rhythm.pause", device, stream, priority: "medium", alertKind: "physiological", ...told });
  };

  const onBeat = (key: string, facts: StreamFacts, timeUs: number, knownUs: number, out: RuleDecision[]) => {
    const memory = memories.get(key);
    if (memory === undefined) {
      memories.set(key, { beatUs: timeUs, told: false, ended: undefined });
      return;
    }
    if (timeUs <= memory.beatUs) return;
    const intervalUs = timeUs - memory.beatUs;
    if (memory.told) {
      out.push({ kind: "update", rule: "rhythm.pause", device: facts.device, timeUs: knownUs, value: seconds(intervalUs) });
      out.push({ kind: "end", rule: "rhythm.pause", device: facts.device, endUs: timeUs, timeUs: knownUs });
    } else if (intervalUs >= pauseUs && isGoodSince(facts, memory.beatUs)) memory.ended = { fromUs: memory.beatUs, toUs: timeUs };
    memory.beatUs = timeUs;
    memory.told = false;
  };

  const onQuality = (memory: StreamMemory, facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs, device } = facts;
    if (memory.ended !== undefined && judgedUs >= memory.ended.toUs) {
      const { fromUs, toUs } = memory.ended;
      memory.ended = undefined;
      if (isGoodSince(facts, fromUs)) {
        begin(facts, fromUs, toUs - fromUs, out);
        out.push({ kind: "end", rule: "rhythm.pause", device, endUs: toUs, timeUs: judgedUs });
      }
    }
    if (memory.told || judgedUs - memory.beatUs < pauseUs + detectorUs || !isGoodSince(facts, memory.beatUs)) return;
    memory.told = true;
    begin(facts, memory.beatUs, judgedUs - memory.beatUs, out);
  };

  return {
    ids,
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const memory = memories.get(key);
      if (input.kind === "qrs") onBeat(key, facts, input.timeUs, input.knownUs, out);
      if (input.kind === "quality" && memory !== undefined) onQuality(memory, facts, out);
      return out;
    },
    watching(timeUs) {
      const awake = gate.all().some((facts) => {
        const beatUs = memories.get(streamKey(facts))?.beatUs;
        return beatUs !== undefined && isAwake(facts, timeUs) && isGoodSince(facts, beatUs);
      });
      return awake ? ids : [];
    },
    state: (): State => ({ gate: gate.state(), lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]) }),
  };
};

export const rhythmPause: Family = {
  create,
  limits: pauseLimits,
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
