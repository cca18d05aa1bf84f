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
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, settleUs, streamKey } from "./stream-gate.ts";

interface Lane {
  /** −∞ before the first. */
  beatUs: number;
  /** Newest sign of the sensor being taken off; it excuses silence until beats come back. */
  removalUs: number;
  /** Newest second that was disturbed in any way. */
  blowUs: number;
  /** The beat that a pulse has outlived: this ECG is broken, not the heart. */
  outlivedUs?: number;
  active: "rhythm.asystole" | "rhythm.no-signal" | undefined;
  /** First of the beats that have come back, and how many. */
  return: { sinceUs: number; beats: number } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
  life?: BeliefState;
  moved: number;
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
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, structuredClone(lane)]));
  const life = createLifeBelief(was?.life);
  let moved = was?.moved ?? never;
  const flatUs = asystoleS * 1_000_000;

  const laneOf = (key: string): Lane => {
    const lane = lanes.get(key) ?? { beatUs: never, removalUs: never, blowUs: never, active: undefined, return: undefined };
    lanes.set(key, lane);
    return lane;
  };

  const onBeat = (key: string, facts: StreamFacts, timeUs: number, out: RuleDecision[]) => {
    const lane = laneOf(key);
    if (timeUs <= lane.beatUs) return;
    if (lane.active !== undefined) beatIsBack(lane, facts, timeUs, flatUs, out);
    lane.beatUs = timeUs;
    if (facts.goodSinceUs !== undefined) life.beat(key, timeUs);
  };

  const onLife = ({ timeUs, sign, amplitude, ...of }: Fact & { kind: "life" }) => {
    if (sign === "pulse") life.pulse(streamKey(of), timeUs, amplitude ?? 0);
    else {
      const isWorn = gate.all().some((facts) => {
        const beatUs = lanes.get(streamKey(facts))?.beatUs ?? never;
        return facts.goodSinceUs !== undefined && timeUs - beatUs <= beatingUs;
      });
      if (life.moved(streamKey(of), timeUs, isWorn)) moved = Math.max(moved, timeUs);
    }
  };

  const onQuality = (key: string, lane: Lane, facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs } = facts;
    if (lane.active !== undefined) {
      endWhereOver(lane, facts, flatUs, out);
      return;
    }
    if (facts.clearSinceUs === undefined || facts.settledUs > judgedUs) return;
    const isNew = lane.beatUs === never;
    const silentSinceUs = Math.max(lane.beatUs, facts.clearSinceUs);
    const lifeUs = life.newest(key, judgedUs, lane.outlivedUs === lane.beatUs ? pulseGraceUs : flatUs, isNew) ?? never;
    if (lifeUs - silentSinceUs >= outlivingUs) lane.outlivedUs = lane.beatUs;
    if (facts.contactMeasured !== "none") {
      // The detector may still be learning what is high here: a first beat is given the settling time too.
      const isLong = judgedUs - silentSinceUs >= flatUs + (isNew ? settleUs : detectorUs);
      // A contact that is only taken as given is in doubt after a blow to the electrode (step, swing), until the trace has settled.
      const isBlown = lane.blowUs >= silentSinceUs - removalReachUs && judgedUs - lane.blowUs < settleUs;
      const isDoubted = facts.contactMeasured === "given" && isBlown;
      if (isLong && !isDoubted && lifeUs === never) begin(lane, facts, "rhythm.asystole", silentSinceUs, out);
      return;
    }
    const quietSinceUs = Math.max(silentSinceUs, lifeUs, moved);
    if (wasOnSkin(lane, facts) && judgedUs - quietSinceUs >= flatUs + detectorUs + countdownUs)
      begin(lane, facts, "rhythm.no-signal", silentSinceUs, out);
  };

  const begin = (lane: Lane, facts: StreamFacts, rule: NonNullable<Lane["active"]>, onsetUs: number, out: RuleDecision[]) => {
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    const told = { onsetUs, timeUs, value: Math.round((timeUs - onsetUs) / 100_000) / 10, unit: "s", limit: asystoleS, quality };
    lane.active = rule;
    lane.return = undefined;
    out.push({ kind: "begin", rule, device, stream, priority: "high", alertKind: "physiological", ...told });
    if (rule === "rhythm.asystole") out.push({ kind: "rhythm", device, stream, timeUs: onsetUs, label: "(ASYS" });
  };

  return {
    ids: ["rhythm.asystole", "rhythm.no-signal"],
    push(input) {
      const out: RuleDecision[] = [];
      if (input.kind === "life") onLife(input);
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      if (input.kind === "qrs") onBeat(key, facts, input.timeUs, out);
      const lane = input.kind === "quality" && input.beatless !== undefined ? laneOf(key) : lanes.get(key);
      if (input.kind === "quality" && lane !== undefined) {
        if (input.removal) lane.removalUs = input.timeUs;
        if (input.removal || input.level !== "good") lane.blowUs = input.timeUs;
        onQuality(key, lane, facts, out);
      }
      return out;
    },
    watching(timeUs) {
      const awake = gate.all().filter((facts) => {
        const lane = lanes.get(streamKey(facts));
        const isClear = facts.clearSinceUs !== undefined && facts.settledUs <= timeUs && isFresh(facts, timeUs);
        return isClear && lane !== undefined && (facts.contactMeasured !== "none" || wasOnSkin(lane, facts));
      });
      const unmeasured = awake.some(({ contactMeasured }) => contactMeasured === "none");
      const measured = awake.some(({ contactMeasured }) => contactMeasured !== "none");
      return [...(measured ? ["rhythm.asystole"] : []), ...(unmeasured ? ["rhythm.no-signal"] : [])];
    },
    finish() {
      const out: RuleDecision[] = [];
      for (const facts of gate.all()) {
        const lane = lanes.get(streamKey(facts));
        if ((lane?.return?.beats ?? 0) < beatsBack || lane?.return === undefined) continue;
        end(lane, facts, lane.return.sinceUs, facts.judgedUs, out);
      }
      return out;
    },
    state: (): State => ({
      gate: gate.state(),
      lanes: [...lanes].map(([key, lane]) => [key, structuredClone(lane)]),
      life: life.state(),
      moved,
    }),
  };
};

function end(lane: Lane, facts: StreamFacts, endUs: number, timeUs: number, out: RuleDecision[]) {
  const { device, stream } = facts;
  if (lane.active === undefined) return;
  out.push({ kind: "end", rule: lane.active, device, endUs, timeUs: Math.max(timeUs, endUs) });
  if (lane.active === "rhythm.asystole") out.push({ kind: "rhythm", device, stream, timeUs: endUs, label: "(N" });
  lane.active = undefined;
  lane.return = undefined;
}

/** Beats have been seen since the sensor was put on, and no sign of its removal since the last of them. */
function wasOnSkin(lane: Lane, facts: StreamFacts) {
  return lane.beatUs >= facts.putOnUs && lane.removalUs < lane.beatUs - removalReachUs;
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
        body: (w) => `${seen(w)} ${call(w)} Ends when beats have been seen for 10 s and someone has acknowledged.`,
        clear: back("heartbeats are seen again"),
      },
    },
    "rhythm.no-signal": {
      ...arrest,
      text: {
        title: (w) => `${w.person}: no heartbeat seen for ${w.value}, contact not known`,
        body: (w) =>
          `${w.device} cannot tell whether it is worn, and shows neither beats nor signs of being taken off. Since ${w.since}. ${call(w)}`,
        clear: back("heartbeats are seen again, or the sensor was taken off"),
      },
    },
  },
};

/** Counts the beats that have come back while the condition lasts; a hole as long as the limit begins the count anew. */
function beatIsBack(lane: Lane, facts: StreamFacts, timeUs: number, flatUs: number, out: RuleDecision[]) {
  const goesOn = lane.return !== undefined && timeUs - lane.beatUs < flatUs;
  lane.return = goesOn && lane.return !== undefined ? { ...lane.return, beats: lane.return.beats + 1 } : { sinceUs: timeUs, beats: 1 };
  if (lane.active === "rhythm.no-signal" && lane.return.beats >= beatsBack) end(lane, facts, lane.return.sinceUs, facts.judgedUs, out);
}

/** The sensor has been taken off, or beats have gone on for long enough. */
function endWhereOver(lane: Lane, facts: StreamFacts, flatUs: number, out: RuleDecision[]) {
  const { judgedUs } = facts;
  if (lane.active === "rhythm.no-signal" && lane.removalUs === judgedUs) end(lane, facts, judgedUs, judgedUs, out);
  const isSteady = lane.return !== undefined && judgedUs - lane.beatUs < flatUs;
  if (lane.return !== undefined && isSteady && judgedUs - lane.return.sinceUs >= returnUs)
    end(lane, facts, lane.return.sinceUs, judgedUs, out);
}
