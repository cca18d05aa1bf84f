/**
 * No beat for 4 s: `rhythm.asystole` where contact is measured or given, `rhythm.no-signal` where it cannot be told from a strap in the hand and only after a
 * look for removal and life and 15 s more. Gated on contact, saturation and noise alone: a heart in arrest has no good beats to show.
 */

import type { Rule, RuleDecision, RuleFactory } from "./rule.ts";
import { createGate, isFresh, type StreamFacts, settleUs, streamKey } from "./stream-gate.ts";

interface Lane {
  beatUs: number;
  /** Newest sign of the sensor being taken off; it excuses silence until beats come back. */
  removalUs: number;
  /** Newest second that was disturbed in any way. */
  blowUs: number;
  active: "rhythm.asystole" | "rhythm.no-signal" | undefined;
  /** First of the beats that have come back, and how many. */
  return: { sinceUs: number; beats: number } | undefined;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
  pulses: Sign[];
  moved: number;
}

interface Sign {
  readonly key: string;
  readonly timeUs: number;
}

/** Beats up to here have been detected when a second ends (models/signal/qrs.ts: at most 0.35 s after R). */
const detectorUs = 400_000;
const countdownUs = 15_000_000;
const returnUs = 10_000_000;
/** So many beats in a row are a rhythm, not a last twitch. */
const beatsBack = 3;
/** Taking a strap off disturbs the signal before it falls silent. */
const removalReachUs = 3_000_000;
/** So many pulses or beats of another source within the silence say that the heart beats. */
const pulsesOfLife = 2;
const never = Number.NEGATIVE_INFINITY;

export const rhythmAsystole: RuleFactory = ({ asystoleS }, saved): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, structuredClone(lane)]));
  let pulses: Sign[] = [...(was?.pulses ?? [])];
  let moved = was?.moved ?? never;
  const flatUs = asystoleS * 1_000_000;

  const onBeat = (key: string, facts: StreamFacts, timeUs: number, out: RuleDecision[]) => {
    const lane = lanes.get(key) ?? { beatUs: never, removalUs: never, blowUs: never, active: undefined, return: undefined };
    lanes.set(key, lane);
    if (timeUs <= lane.beatUs) return;
    if (lane.active !== undefined) {
      const goesOn = lane.return !== undefined && timeUs - lane.beatUs < flatUs;
      lane.return = goesOn && lane.return !== undefined ? { ...lane.return, beats: lane.return.beats + 1 } : { sinceUs: timeUs, beats: 1 };
      if (lane.active === "rhythm.no-signal" && lane.return.beats >= beatsBack) end(lane, facts, lane.return.sinceUs, facts.judgedUs, out);
    }
    lane.beatUs = timeUs;
    if (facts.goodSinceUs !== undefined) addPulse(key, timeUs);
  };

  const addPulse = (key: string, timeUs: number) => {
    pulses = [...pulses.filter((pulse) => timeUs - pulse.timeUs <= 2 * flatUs), { key, timeUs }];
  };

  const end = (lane: Lane, facts: StreamFacts, endUs: number, timeUs: number, out: RuleDecision[]) => {
    const { device, stream } = facts;
    if (lane.active === undefined) return;
    out.push({ kind: "end", rule: lane.active, device, endUs, timeUs: Math.max(timeUs, endUs) });
    if (lane.active === "rhythm.asystole") out.push({ kind: "rhythm", device, stream, timeUs: endUs, label: "(N" });
    lane.active = undefined;
    lane.return = undefined;
  };

  const onQuality = (key: string, lane: Lane, facts: StreamFacts, out: RuleDecision[]) => {
    const { judgedUs } = facts;
    if (lane.active !== undefined) {
      if (lane.active === "rhythm.no-signal" && lane.removalUs === judgedUs) end(lane, facts, judgedUs, judgedUs, out);
      const isSteady = lane.return !== undefined && judgedUs - lane.beatUs < flatUs;
      if (lane.return !== undefined && isSteady && judgedUs - lane.return.sinceUs >= returnUs)
        end(lane, facts, lane.return.sinceUs, judgedUs, out);
      return;
    }
    if (facts.clearSinceUs === undefined || facts.settledUs > judgedUs) return;
    const silentSinceUs = Math.max(lane.beatUs, facts.clearSinceUs);
    const lifeUs = lastLife(key, judgedUs);
    if (facts.contactMeasured !== "none") {
      const isLong = judgedUs - silentSinceUs >= flatUs + detectorUs;
      // A contact that is only taken as given is in doubt after a blow to the electrode (step, swing), until the trace has settled.
      const isBlown = lane.blowUs >= silentSinceUs - removalReachUs && judgedUs - lane.blowUs < settleUs;
      const isDoubted = facts.contactMeasured === "given" && isBlown;
      if (isLong && !isDoubted && lifeUs === never) begin(lane, facts, "rhythm.asystole", silentSinceUs, out);
      return;
    }
    const quietSinceUs = Math.max(silentSinceUs, lifeUs, moved);
    const wasRemoved = lane.removalUs >= lane.beatUs - removalReachUs;
    if (!wasRemoved && judgedUs - quietSinceUs >= flatUs + detectorUs + countdownUs)
      begin(lane, facts, "rhythm.no-signal", silentSinceUs, out);
  };

  /** Time of the newest of enough pulses or beats of other sources within the last silence; never when there were too few. */
  const lastLife = (key: string, nowUs: number): number => {
    const others = pulses.filter((pulse) => pulse.key !== key && pulse.timeUs > nowUs - flatUs && pulse.timeUs <= nowUs);
    return others.length < pulsesOfLife ? never : Math.max(...others.map((pulse) => pulse.timeUs));
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
      if (input.kind === "life" && input.sign === "pulse") addPulse(streamKey(input), input.timeUs);
      if (input.kind === "life" && input.sign === "movement") moved = Math.max(moved, input.timeUs);
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const key = streamKey(facts);
      const lane = lanes.get(key);
      if (input.kind === "qrs") onBeat(key, facts, input.timeUs, out);
      if (input.kind === "quality" && lane !== undefined) {
        if (input.removal) lane.removalUs = input.timeUs;
        if (input.removal || input.level !== "good") lane.blowUs = input.timeUs;
        onQuality(key, lane, facts, out);
      }
      return out;
    },
    watching(timeUs) {
      const awake = gate
        .all()
        .filter((facts) => facts.hasBeats && facts.clearSinceUs !== undefined && facts.settledUs <= timeUs && isFresh(facts, timeUs));
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
      pulses: [...pulses],
      moved,
    }),
  };
};
