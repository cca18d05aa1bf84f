/**
 * No beat for 4 s: `rhythm.asystole` where contact is measured or given, `rhythm.no-signal` where it cannot be told from a strap in the hand and only after a
 * look for removal and life and 15 s more. Gated on contact, saturation and noise alone: a heart in arrest has no good beats to show. A sensor on the skin may
 * be silent from its first sample; of one that may lie on a table that says nothing (`signal.quality` tells it).
 */

import Type, { type Static, type TObject } from "typebox";
import type { Fact } from "../facts/fact.ts";
import { back, call, seen } from "./alert-words.ts";
import type { Family } from "./family.ts";
import { type BeliefState, createLifeBelief } from "./life-belief.ts";
import { createPulseStandstill, hasStoppedToo, type StandstillState, speaksAlone } from "./pulse-standstill.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, settleUs, streamKey } from "./stream-gate.ts";

type Arrest = "rhythm.asystole" | "rhythm.no-signal";

interface StreamMemory {
  /** −∞ before the first. */
  beatUs: number;
  /** Newest sign of the sensor being taken off; it excuses silence until beats come back. */
  removalUs: number;
  /** Newest second that was disturbed in any way. */
  blowUs: number;
  /** The beat that a pulse has outlived: this ECG is broken, not the heart. */
  outlivedUs?: number;
  active: Arrest | undefined;
  /** First of the beats that have come back, and how many. */
  return: { sinceUs: number; beats: number } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, StreamMemory][];
  life?: BeliefState;
  moved: number;
  /** Of pulses where no ECG sees the heart; absent in states of earlier versions. */
  standstill?: StandstillState;
}

/** Beats up to here have been detected when a second ends (models/signal/qrs.ts: at most 0.35 s after R). */
const detectorUs = 400_000;
const countdownUs = 15_000_000;
const returnUs = 10_000_000;
/** A heart with a beat this lately is beating: what moves now moves on a living body. */
const beatingUs = 2_000_000;
/** So many beats in a row are a rhythm, not a last twitch. */
const beatsBack = 3;
/** Taking a strap off disturbs the signal before it falls silent. */
const removalReachUs = 3_000_000;
/** A pulse that goes on for so long after the last beat proves the ECG broken; from then on a few of its strokes may be lost in movement, as long as this. */
const outlivingUs = 5_000_000;
const pulseGraceUs = 10_000_000;
const never = Number.NEGATIVE_INFINITY;

const limits = {
  asystoleS: Type.Number({
    minimum: 3,
    maximum: 10,
    default: 4,
    description: "Seconds without a beat until rhythm.asystole",
    unit: "s",
    rules: ["rhythm.asystole", "rhythm.no-signal"],
    quieter: "higher",
  }),
};

const create = ({ asystoleS }: Static<TObject<typeof limits>>, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const memories = new Map<string, StreamMemory>(was?.lanes.map(([key, memory]) => [key, structuredClone(memory)]));
  const life = createLifeBelief(was?.life);
  let moved = was?.moved ?? never;
  const flatUs = asystoleS * 1_000_000;
  const standstill = createPulseStandstill({ flatUs, countdownUs }, was?.standstill);

  /** An ECG whose own silence would be told, or has been. */
  const hasEcg = (nowUs: number) =>
    gate.all().some((facts) => {
      const memory = memories.get(streamKey(facts));
      return memory !== undefined && (memory.active !== undefined || (facts.clearSinceUs !== undefined && isFresh(facts, nowUs)));
    });
  const factsOf = (key: string) => gate.all().find((facts) => streamKey(facts) === key);
  /** A believed pulse of another sensor has stopped with these beats. */
  const isConfirmed = (facts: StreamFacts, silentSinceUs: number) =>
    life.believed().some(({ key, newestUs }) => {
      const own = factsOf(key);
      return own?.device !== facts.device && hasStoppedToo(own, newestUs, silentSinceUs, facts.judgedUs);
    });

  const onPleth = (key: string, facts: StreamFacts): RuleDecision[] => {
    const newestUs = life.believed().find((each) => each.key === key)?.newestUs;
    const beatUs = Math.max(never, ...[...memories.values()].map((memory) => memory.beatUs));
    return standstill.judge({ key, facts, newestUs, lifeUs: Math.max(moved, beatUs), hasEcg: hasEcg(facts.judgedUs) });
  };

  const memoryOf = (key: string): StreamMemory => {
    const memory = memories.get(key) ?? { beatUs: never, removalUs: never, blowUs: never, active: undefined, return: undefined };
    memories.set(key, memory);
    return memory;
  };

  const onBeat = (key: string, facts: StreamFacts, timeUs: number, out: RuleDecision[]) => {
    const memory = memoryOf(key);
    if (timeUs <= memory.beatUs) return;
    if (memory.active !== undefined) beatIsBack(memory, facts, timeUs, flatUs, out);
    memory.beatUs = timeUs;
    if (facts.soundSinceUs !== undefined) life.beat(key, timeUs);
  };

  const onLife = ({ timeUs, sign, amplitude, ...of }: Fact & { kind: "life" }, out: RuleDecision[]) => {
    if (sign === "pulse") {
      life.pulse(streamKey(of), timeUs, amplitude ?? 0);
      out.push(...standstill.pulse(streamKey(of), of.device, timeUs));
    } else {
      const isWorn = gate.all().some((facts) => {
        const beatUs = memories.get(streamKey(facts))?.beatUs ?? never;
        return facts.soundSinceUs !== undefined && timeUs - beatUs <= beatingUs;
      });
      if (life.moved(streamKey(of), timeUs, isWorn)) moved = Math.max(moved, timeUs);
    }
  };

  const onQuality = (key: string, memory: StreamMemory, facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs } = facts;
    if (memory.active !== undefined) {
      endWhereOver(memory, facts, flatUs, out);
      return;
    }
    if (facts.clearSinceUs === undefined || facts.settledUs > judgedUs) return;
    const isNew = memory.beatUs === never;
    const silentSinceUs = Math.max(memory.beatUs, facts.clearSinceUs);
    const lifeUs = life.newest(key, judgedUs, memory.outlivedUs === memory.beatUs ? pulseGraceUs : flatUs, isNew) ?? never;
    if (lifeUs - silentSinceUs >= outlivingUs) memory.outlivedUs = memory.beatUs;
    if (facts.contactMeasured !== "none") {
      // The detector may still be learning what is high here: a first beat is given the settling time too.
      const isLong = judgedUs - silentSinceUs >= flatUs + (isNew ? settleUs : detectorUs);
      // A contact that is only taken as given is in doubt after a blow to the electrode (step, swing), until the trace has settled.
      const isBlown = memory.blowUs >= silentSinceUs - removalReachUs && judgedUs - memory.blowUs < settleUs;
      const isDoubted = facts.contactMeasured === "given" && isBlown;
      if (isLong && !isDoubted && lifeUs === never) begin(memory, facts, "rhythm.asystole", silentSinceUs, out);
      return;
    }
    if (!wasOnSkin(memory, facts)) return;
    const quietUs = judgedUs - Math.max(silentSinceUs, lifeUs, moved);
    // A pulse that has stopped too says that it is not the strap: then nothing is waited for.
    const isHeart = quietUs >= flatUs + detectorUs && isConfirmed(facts, silentSinceUs);
    if (isHeart) begin(memory, facts, "rhythm.asystole", silentSinceUs, out);
    else if (quietUs >= flatUs + detectorUs + countdownUs) begin(memory, facts, "rhythm.no-signal", silentSinceUs, out);
  };

  const begin = (memory: StreamMemory, facts: StreamFacts, rule: Arrest, onsetUs: number, out: RuleDecision[]) => {
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    const told = { onsetUs, timeUs, value: Math.round((timeUs - onsetUs) / 100_000) / 10, unit: "s", limit: asystoleS, quality };
    memory.active = rule;
    memory.return = undefined;
    const cause = rule === "rhythm.asystole" && isConfirmed(facts, onsetUs) ? { cause: { code: "pulse.stopped" } } : {};
    out.push({ kind: "begin", rule, device, stream, priority: "high", alertKind: "physiological", ...cause, ...told });
    if (rule === "rhythm.asystole") out.push({ kind: "rhythm", device, stream, timeUs: onsetUs, label: "(ASYS" });
  };

  return {
    ids: ["rhythm.asystole", "rhythm.no-signal"],
    push(input) {
      const out: RuleDecision[] = [];
      if (input.kind === "life") onLife(input, out);
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      if (input.kind === "qrs") onBeat(key, facts, input.timeUs, out);
      const memory = input.kind === "quality" && input.beatless !== undefined ? memoryOf(key) : memories.get(key);
      if (input.kind === "quality" && memory !== undefined) {
        if (input.removal) memory.removalUs = input.timeUs;
        if (input.removal || (input.signalLevel ?? input.level) !== "good") memory.blowUs = input.timeUs;
        onQuality(key, memory, facts, out);
      } else if (input.kind === "quality") out.push(...onPleth(key, facts));
      return out;
    },
    watching(timeUs) {
      const awake = gate.all().filter((facts) => {
        const memory = memories.get(streamKey(facts));
        const isClear = facts.clearSinceUs !== undefined && facts.settledUs <= timeUs && isFresh(facts, timeUs);
        return isClear && memory !== undefined && (facts.contactMeasured !== "none" || wasOnSkin(memory, facts));
      });
      const unmeasured = awake.some(({ contactMeasured }) => contactMeasured === "none");
      const measured = awake.some(({ contactMeasured }) => contactMeasured !== "none");
      const byPulse = !hasEcg(timeUs) && life.believed().some(({ key }) => speaksAlone(factsOf(key), timeUs));
      const isConfirmable = ({ contactMeasured, device }: StreamFacts) =>
        contactMeasured === "none" && life.believed().some(({ key }) => isBeside(factsOf(key), device, timeUs));
      return [
        ...(measured || awake.some(isConfirmable) ? ["rhythm.asystole"] : []),
        ...(unmeasured || byPulse ? ["rhythm.no-signal"] : []),
      ];
    },
    finish() {
      const out: RuleDecision[] = [];
      for (const facts of gate.all()) {
        const memory = memories.get(streamKey(facts));
        if ((memory?.return?.beats ?? 0) < beatsBack || memory?.return === undefined) continue;
        end(memory, facts, memory.return.sinceUs, facts.judgedUs, out);
      }
      return out;
    },
    state: (): State => ({
      gate: gate.state(),
      lanes: [...memories].map(([key, memory]) => [key, structuredClone(memory)]),
      life: life.state(),
      moved,
      standstill: standstill.state(),
    }),
  };
};

/** A pleth of another sensor that could confirm a standstill. */
function isBeside(facts: StreamFacts | undefined, device: string, nowUs: number): boolean {
  return facts !== undefined && facts.device !== device && facts.level === "good" && facts.contact !== "off" && isFresh(facts, nowUs);
}

function end(memory: StreamMemory, facts: StreamFacts, endUs: number, timeUs: number, out: RuleDecision[]) {
  const { device, stream } = facts;
  if (memory.active === undefined) return;
  out.push({ kind: "end", rule: memory.active, device, endUs, timeUs: Math.max(timeUs, endUs) });
  if (memory.active === "rhythm.asystole") out.push({ kind: "rhythm", device, stream, timeUs: endUs, label: "(N" });
  memory.active = undefined;
  memory.return = undefined;
}

/** Beats have been seen since the sensor was put on, and no sign of its removal since the last of them. */
function wasOnSkin(memory: StreamMemory, facts: StreamFacts) {
  return memory.beatUs >= facts.putOnUs && memory.removalUs < memory.beatUs - removalReachUs;
}

const arrest = { priority: "high", alertKind: "physiological", covers: { rules: ["signal.quality"], within: "stream" } } as const;

export const rhythmAsystole: Family = {
  create,
  limits,
  rules: {
    "rhythm.asystole": {
      ...arrest,
      text: {
        title: (w) => `${w.person}: no heartbeat seen for ${w.value}`,
        body: (w) =>
          `${seen(w)}${w.hasCause ? ` The pulse has stopped too.` : ""} ${call(w)} Ends when beats have been seen for 10 s and someone has acknowledged.`,
        clear: back("heartbeats are seen again"),
      },
      causes: { "pulse.stopped": "the pulse has stopped too" },
    },
    "rhythm.no-signal": {
      ...arrest,
      text: {
        title: (w) => `${w.person}: no heartbeat seen for ${w.value}, ${w.by === "" ? "contact not known" : "by the pulse alone"}`,
        body: (w) =>
          w.by === ""
            ? `${w.device} cannot tell whether it is worn, and shows neither beats nor signs of being taken off. Since ${w.since}. ${call(w)}`
            : `No ECG sees the heart now, and ${w.device}, which says that it is worn, has shown no pulse since ${w.since}. ${call(w)}`,
        clear: back("heartbeats are seen again, or the sensor was taken off"),
      },
    },
  },
};

/** Counts the beats that have come back while the condition lasts; a hole as long as the limit begins the count anew. */
function beatIsBack(memory: StreamMemory, facts: StreamFacts, timeUs: number, flatUs: number, out: RuleDecision[]) {
  const goesOn = memory.return !== undefined && timeUs - memory.beatUs < flatUs;
  memory.return =
    goesOn && memory.return !== undefined ? { ...memory.return, beats: memory.return.beats + 1 } : { sinceUs: timeUs, beats: 1 };
  if (memory.active === "rhythm.no-signal" && memory.return.beats >= beatsBack)
    end(memory, facts, memory.return.sinceUs, facts.judgedUs, out);
}

/** The sensor has been taken off, or beats have gone on for long enough. */
function endWhereOver(memory: StreamMemory, facts: StreamFacts, flatUs: number, out: RuleDecision[]) {
  const { judgedUs } = facts;
  if (memory.active === "rhythm.no-signal" && memory.removalUs === judgedUs) end(memory, facts, judgedUs, judgedUs, out);
  const isSteady = memory.return !== undefined && judgedUs - memory.beatUs < flatUs;
  if (memory.return !== undefined && isSteady && judgedUs - memory.return.sinceUs >= returnUs)
    end(memory, facts, memory.return.sinceUs, judgedUs, out);
}
