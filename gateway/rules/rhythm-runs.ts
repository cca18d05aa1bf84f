/**
 * Runs of ventricular beats from the first-pass classes: `rhythm.vt` (≥ 5 at ≥ 100 bpm, told with the fifth) and `rhythm.vt-run` (3–4 at that rate, told
 * when it is over). An F counts like a V as in run scoring (EC57), but a run needs a majority of V. It never counts a beat in poor signal or over a gap;
 * what a model calls noise counts all the same, for wide beats in a row look like noise to it.
 */

import { meanOr } from "../../models/signal/statistics.ts";
import { type Beat, beatModel, beatOf } from "../facts/beat.ts";
import { back, call, seen } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isSoundAwake, isSoundSince, type StreamFacts, streamKey } from "./stream-gate.ts";

interface Run {
  startUs: number;
  lastUs: number;
  rrMs: number[];
  beats: number;
  ventricular: number;
  isVt: boolean;
}

interface StreamMemory {
  run: Run | undefined;
  /** The open VT condition: its last ventricular beat and the fastest rate told. */
  vt: { lastUs: number; bpm: number } | undefined;
  /** The open short run: it ends with the third other beat behind it. */
  short: { lastUs: number; others: number } | undefined;
  /** The record's rhythm label stands at "(VT". */
  labelledVt: boolean;
  /** Newest beat and whether its class is known. */
  labelUs: number;
  labelKnown: boolean;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
}

const vtBeats = 5;
const shortBeats = 3;
/** 100 bpm: below it a row of V is an accelerated escape or paced rhythm, no tachycardia (alerts.md lanes3, models.md lanes1.6). */
const runMs = 600;
/** Beats farther apart than this are no run (30 bpm). */
const brokenMs = 2000;
const runOverUs = 10_000_000;
const othersToEnd = 3;
/** Beats up to here have been detected when a second ends (models/signal/qrs.ts: at most 0.35 s after R). */
const detectorUs = 400_000;

const ids: readonly string[] = ["rhythm.vt", "rhythm.vt-run"];

const create = (_profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const memories = new Map<string, StreamMemory>(was?.lanes.map(([key, memory]) => [key, structuredClone(memory)]));

  const memoryOf = (of: { device: string; stream: string }): StreamMemory => {
    const key = streamKey(of);
    const memory = memories.get(key) ?? {
      run: undefined,
      vt: undefined,
      short: undefined,
      labelledVt: false,
      labelUs: 0,
      labelKnown: false,
    };
    memories.set(key, memory);
    return memory;
  };

  return {
    ids,
    push(input) {
      const out: RuleDecision[] = [];
      const facts = gate.push(input);
      const beat = beatOf(input);
      if (facts === undefined || beat?.pass === "final") return out;
      const memory = memoryOf(facts);
      if (beat !== undefined) onBeat(memory, facts, beat, out);
      if (input.kind === "gap") memory.run = undefined;
      if (input.kind === "quality") onQuality(memory, facts, out);
      return out;
    },
    watching(timeUs) {
      const awake = gate.all().some((facts) => {
        const memory = memories.get(streamKey(facts));
        return memory?.labelKnown === true && timeUs - memory.labelUs <= runOverUs && isSoundAwake(facts, timeUs);
      });
      return awake ? ids : [];
    },
    finish() {
      const out: RuleDecision[] = [];
      for (const [key, memory] of memories) {
        const facts = gate.all().find((each) => streamKey(each) === key);
        if (facts === undefined) continue;
        endShort(memory, facts.device, facts.judgedUs, out);
        // The label has gone back to "(N": other beats have followed.
        if (memory.vt === undefined || memory.labelledVt) continue;
        out.push({ kind: "end", rule: "rhythm.vt", device: facts.device, endUs: memory.vt.lastUs, timeUs: facts.judgedUs });
        memory.vt = undefined;
      }
      return out;
    },
    state: (): State => ({ gate: gate.state(), lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]) }),
  };
};

function onBeat(memory: StreamMemory, facts: StreamFacts, beat: Beat, out: RuleDecision[]) {
  const isVentricular = beat.label === "V" || beat.label === "F";
  memory.labelUs = beat.timeUs;
  memory.labelKnown = beat.label !== "unknown";
  if (!isSoundSince(facts, beat.timeUs)) memory.run = undefined;
  else if (!isVentricular) {
    close(memory, facts, beat.knownUs, beat.model, out);
    afterOther(memory, beat, out);
  } else {
    const continues = memory.run !== undefined && beat.rrMs !== undefined && beat.rrMs < brokenMs;
    if (!continues) close(memory, facts, beat.knownUs, beat.model, out);
    memory.run ??= { startUs: beat.timeUs, lastUs: beat.timeUs, rrMs: [], beats: 0, ventricular: 0, isVt: false };
    extend(memory, memory.run, facts, beat, out);
  }
}

function extend(memory: StreamMemory, run: Run, facts: StreamFacts, beat: Beat, out: RuleDecision[]) {
  if (run.beats > 0 && beat.rrMs !== undefined) run.rrMs.push(beat.rrMs);
  if (run.rrMs.length > 400) run.rrMs.shift();
  run.lastUs = beat.timeUs;
  run.beats++;
  if (beat.label === "V") run.ventricular++;
  const latestMs = meanMs(run.rrMs.slice(1 - vtBeats));
  const fastestMs = Math.min(latestMs, meanMs(run.rrMs));
  if (run.beats < vtBeats || 2 * run.ventricular <= run.beats) return;
  if (!run.isVt && fastestMs > runMs) return;
  const bpm = Math.round(60_000 / fastestMs);
  const { device, stream } = facts;
  if (memory.vt === undefined) {
    const { model, knownUs: timeUs } = beat;
    const told = {
      onsetUs: run.startUs,
      timeUs,
      value: bpm,
      unit: "bpm",
      limit: 100,
      quality: facts.level,
      ...(model === undefined ? {} : { model }),
    };
    out.push({ kind: "begin", rule: "rhythm.vt", device, stream, priority: "high", alertKind: "physiological", ...told });
    memory.vt = { lastUs: beat.timeUs, bpm };
  }
  if (!memory.labelledVt) out.push({ kind: "rhythm", device, stream, timeUs: run.startUs, label: "(VT" });
  if (bpm >= memory.vt.bpm + 5) {
    memory.vt.bpm = bpm;
    out.push({ kind: "update", rule: "rhythm.vt", device, timeUs: beat.knownUs, value: bpm });
  }
  memory.labelledVt = true;
  run.isVt = true;
  memory.vt.lastUs = beat.timeUs;
}

/** The run is over: a short one is told now, once it is certain that it does not become VT. */
function close(memory: StreamMemory, facts: StreamFacts, timeUs: number, model: Beat["model"] | undefined, out: RuleDecision[]) {
  const run = memory.run;
  memory.run = undefined;
  if (run === undefined || run.isVt || run.beats < shortBeats || 2 * run.ventricular <= run.beats || meanMs(run.rrMs) > runMs) return;
  const { device, stream } = facts;
  endShort(memory, device, timeUs, out);
  const told = {
    onsetUs: run.startUs,
    timeUs,
    value: run.beats,
    unit: "beats",
    quality: facts.level,
    ...(model === undefined ? {} : { model }),
  };
  out.push({ kind: "begin", rule: "rhythm.vt-run", device, stream, priority: "medium", alertKind: "physiological", ...told });
  memory.short = { lastUs: run.lastUs, others: 0 };
}

function endShort(memory: StreamMemory, device: string, timeUs: number, out: RuleDecision[]) {
  if (memory.short !== undefined) out.push({ kind: "end", rule: "rhythm.vt-run", device, endUs: memory.short.lastUs, timeUs });
  memory.short = undefined;
}

function afterOther(memory: StreamMemory, beat: Beat, out: RuleDecision[]) {
  const { device, stream, timeUs, knownUs, label } = beat;
  if (memory.labelledVt && label !== "unknown") {
    memory.labelledVt = false;
    out.push({ kind: "rhythm", device, stream, timeUs, label: "(N" });
  }
  if (memory.short !== undefined && ++memory.short.others >= othersToEnd) endShort(memory, device, knownUs, out);
}

function onQuality(memory: StreamMemory, facts: StreamFacts, out: RuleDecision[]) {
  const { judgedUs, soundSinceUs, device } = facts;
  if (soundSinceUs === undefined) {
    memory.run = undefined;
    return;
  }
  if (memory.run !== undefined && judgedUs - memory.run.lastUs >= brokenMs * 1000 + detectorUs)
    close(memory, facts, judgedUs, undefined, out);
  const isOver = (lastUs: number) => memory.run === undefined && judgedUs - Math.max(lastUs, soundSinceUs) >= runOverUs;
  if (memory.vt !== undefined && isOver(memory.vt.lastUs)) {
    out.push({ kind: "end", rule: "rhythm.vt", device, endUs: memory.vt.lastUs, timeUs: judgedUs });
    memory.vt = undefined;
  }
  if (memory.short !== undefined && isOver(memory.short.lastUs)) endShort(memory, device, judgedUs, out);
}

export const rhythmRuns: Family = {
  create,
  reads: [beatModel],
  rules: {
    "rhythm.vt": {
      priority: "high",
      alertKind: "physiological",
      covers: { rules: ["rhythm.vt-run", "hr.high"], within: "person" },
      worseBy: 30,
      text: {
        title: (w) => `${w.person}: fast rhythm from the lower heart chambers, ${w.value}`,
        body: (w) =>
          `Five or more beats in a row came from the lower chambers (ventricular tachycardia). ${seen(w)} ${call(w)} Ends 10 s after the run and when someone has acknowledged.`,
        clear: back("the fast rhythm from the lower heart chambers is over"),
      },
    },
    "rhythm.vt-run": {
      priority: "medium",
      alertKind: "physiological",
      isCountedHourly: true,
      text: {
        title: (w) => `${w.person}: short run of beats from the lower heart chambers (${w.value})`,
        body: (w) => `${seen(w)} Further runs within the hour are counted, not told again.`,
        clear: back("the short run from the lower heart chambers is over"),
      },
    },
  },
};

/** Without an interval no run is fast. */
function meanMs(rrMs: readonly number[]): number {
  return meanOr(rrMs, Number.POSITIVE_INFINITY);
}
