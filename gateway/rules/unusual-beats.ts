/**
 * Beats that are unlike what was learnt of this person: `anomaly.morphology` after 3 of 5, or `device.seat` where it has been so from the first beat on after
 * the sensor was put on or moved. It draws attention and never has another priority. A beat counts when its signal has been judged good to the end of its window
 * and its curve is one that a heart draws (`unlike-curves.ts`); it begins where the unusual ones are alike, or unlike in the same way with clearly usual ones between.
 */

import Type from "typebox";
import type { AlertEvidence } from "../../device-drivers/contract/event.ts";
import type { Difference } from "../../models/personal-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { keptEvidence } from "../facts/learning.ts";
import { back } from "./alert-words.ts";
import type { Family } from "./family.ts";
import type { Rule, RuleDecision, RuleProfile } from "./rule.ts";
import { createGate, isAwake, isGoodSince, type StreamFacts, streamKey } from "./stream-gate.ts";
import { differenceLikenessOf, isRough, isUsualElsewhere, likenessOf } from "./unlike-curves.ts";

type Unusual = Fact & { readonly kind: "unusual" };
type Cause = "seat.upside-down" | "seat.other";

interface Seen {
  readonly fact: Unusual;
  readonly isUnusual: boolean;
  readonly isInverted: boolean;
}

interface Lane {
  /** Beats whose signal is not judged yet. */
  waiting: Unusual[];
  /** The newest, all in good signal, at most 20; a break in it empties the list. */
  row: Seen[];
  /** Beats since the sensor was put on or moved behind what was learnt; what they are like says how it sits. */
  seated: number;
  seat: Cause | undefined;
  /** Times of the unusual beats of the last minute. */
  minuteUs: number[];
  /** While the condition lasts: when 3 of 5 was true last, the seconds of other beats since, the largest count told. */
  told: { lastUs: number; calmS: number; most: number } | undefined;
  judgedUs: number;
}

interface State {
  gate: StreamFacts[];
  lanes: [string, Lane][];
  begunUs: number[];
}

const unusual = "anomaly.morphology";
const seat = "device.seat";
const ids = [unusual, seat];
const secondUs = 1_000_000;
/** Around a beat, for its window to be good. */
const beforeUs = 400_000;
const behindUs = 600_000;
const few = 3;
const ofThese = 5;
/** Of the pairs among the unusual of them: so many alike, or so many that differ alike where what lies between is calm. */
const alikePairs = { count: 3, curve: 0.9, difference: 0.7 };
const likewisePairs = { count: 2, difference: 0.8 };
/** Noise lifts the score of usual beats, too. */
const calmScore = 0.9;
/** Of a judgement's part `rhythm`: the moment alone makes a beat of the usual curve unusual. */
const cameOtherwise = 0.2;
/** The first beats after a hole or noise of this length tell how the sensor sits. */
const seatedBeats = 20;
const mostOfThem = 16;
const movedUs = 2 * secondUs;
const inverted = -0.7;
const calmS = 300;
/** Longer nobody knows whether it goes on. */
const forgottenUs = 1800 * secondUs;
const dayUs = 86_400 * secondUs;
const mostADay = 8;

const create = (profile: RuleProfile, saved?: unknown): Rule => {
  const was = saved as State | undefined;
  const gate = createGate(was?.gate);
  const lanes = new Map<string, Lane>(was?.lanes.map(([key, lane]) => [key, structuredClone(lane)]));
  let begunUs = [...(was?.begunUs ?? [])];
  const limit = profile.anomalyScore ?? Number.POSITIVE_INFINITY;

  const laneOf = (facts: StreamFacts): Lane => {
    const key = streamKey(facts);
    const lane = lanes.get(key) ?? { ...{ waiting: [], row: [], seated: 0, seat: undefined, minuteUs: [], told: undefined }, judgedUs: 0 };
    lanes.set(key, lane);
    return lane;
  };

  const begin = (lane: Lane, facts: StreamFacts, out: RuleDecision[]) => {
    const recent = lane.row.slice(-ofThese).filter(({ isUnusual }) => isUnusual);
    const newest = recent.at(-1)?.fact;
    const first = recent[0]?.fact;
    if (newest === undefined || first === undefined) return;
    begunUs = [...begunUs.filter((us) => newest.timeUs - us < dayUs), newest.timeUs];
    out.push({
      ...{ kind: "begin", rule: unusual, device: facts.device, stream: facts.stream, priority: "low", alertKind: "physiological" },
      ...{ onsetUs: first.timeUs, timeUs: facts.judgedUs, value: lane.minuteUs.length, unit: "beats", quality: facts.level },
      ...{ cause: { code: `unusual.${mostly(recent)}` }, model: newest.learning.model, evidence: evidenceOf(recent) },
    });
    lane.told = { lastUs: newest.timeUs, calmS: 0, most: lane.minuteUs.length };
  };

  const sit = (lane: Lane, facts: StreamFacts, out: RuleDecision[]) => {
    const count = (is: (seen: Seen) => boolean) => lane.row.filter(is).length;
    const { device, stream, judgedUs: timeUs, level: quality } = facts;
    if (lane.seat !== undefined) {
      if (count(({ isUnusual, isInverted }) => !isUnusual && !isInverted) < mostOfThem) return;
      out.push({ kind: "end", rule: seat, device, endUs: lane.row[0]?.fact.timeUs ?? timeUs, timeUs });
      lane.seat = undefined;
      return;
    }
    if (lane.seated !== seatedBeats) return;
    const cause = count((seen) => seen.isInverted) >= mostOfThem ? "seat.upside-down" : "seat.other";
    if (cause === "seat.other" && count((seen) => seen.isUnusual) < mostOfThem) return;
    const onsetUs = lane.row[0]?.fact.timeUs ?? timeUs;
    const told = { kind: "begin", rule: seat, device, stream, priority: "low", alertKind: "technical", onsetUs, timeUs, quality } as const;
    out.push({ ...told, cause: { code: cause } });
    lane.seat = cause;
  };

  /** One beat of which everything is known. */
  const see = (lane: Lane, facts: StreamFacts, fact: Unusual, out: RuleDecision[]) => {
    const { judged, likeness = 1, evidence, timeUs } = fact;
    if (judged === undefined || !isGoodSince(facts, timeUs - beforeUs)) {
      lane.row = [];
      if (judged !== undefined) return;
      endSeat(lane, facts, out);
      // As it sits now it is being learnt.
      lane.seated = seatedBeats + 1;
      return;
    }
    const isFar = judged.score >= limit;
    const curve = isFar ? curveOf(fact) : undefined;
    if (curve !== undefined && isRough(curve.shown, curve.usual, curve.curves)) return;
    const isUsual =
      curve !== undefined && (judged.parts.rhythm ?? 0) < cameOtherwise && isUsualElsewhere(curve.shown, curve.usual, curve.curves);
    const isUnusual = isFar && !isUsual;
    lane.row = [...lane.row, { fact, isUnusual, isInverted: likeness <= inverted }].slice(-seatedBeats);
    lane.seated = Math.min(lane.seated + 1, seatedBeats + 1);
    lane.judgedUs = timeUs;
    lane.minuteUs = [...lane.minuteUs, ...(isUnusual ? [timeUs] : [])].filter((us) => timeUs - us < 60 * secondUs);
    sit(lane, facts, out);
    const isTrue = lane.row.slice(-ofThese).filter((each) => each.isUnusual).length >= few;
    const { told } = lane;
    if (told === undefined) {
      const mayTell =
        lane.seated >= seatedBeats && lane.seat === undefined && begunUs.filter((us) => timeUs - us < dayUs).length < mostADay;
      if (isTrue && mayTell && isOfTheHeart(lane.row.slice(-ofThese))) begin(lane, facts, out);
      return;
    }
    if (isTrue) Object.assign(told, { lastUs: timeUs, calmS: 0 });
    else told.calmS += Math.min(evidence.rrMs ?? 0, 2000) / 1000;
    if (lane.minuteUs.length >= told.most + few) {
      told.most = lane.minuteUs.length;
      out.push({ kind: "update", rule: unusual, device: facts.device, timeUs: facts.judgedUs, value: told.most });
    }
    if (told.calmS >= calmS) end(lane, facts.device, facts.judgedUs, out);
  };

  return {
    ids,
    push(input) {
      const out: RuleDecision[] = [];
      if (input.kind === "tick") {
        for (const facts of gate.all()) {
          const lane = lanes.get(streamKey(facts));
          if (lane?.told !== undefined && input.timeUs - lane.told.lastUs >= forgottenUs) end(lane, facts.device, input.timeUs, out);
        }
        return out;
      }
      if (input.kind === "unusual") {
        const facts = gate.all().find((each) => streamKey(each) === streamKey(input));
        if (facts !== undefined) laneOf(facts).waiting.push(input);
        return out;
      }
      const facts = gate.push(input);
      if (facts === undefined) return out;
      const lane = laneOf(facts);
      const isBreak = input.kind === "gap" ? input.timeUs - input.fromUs >= movedUs : facts.goodSinceUs === undefined;
      if (isBreak) lane.row = [];
      if (isMoved(input, facts)) lane.seated = 0;
      while (lane.waiting[0] !== undefined && facts.judgedUs >= lane.waiting[0].timeUs + behindUs)
        see(lane, facts, lane.waiting.shift() as Unusual, out);
      return out;
    },
    watching(timeUs) {
      const isOn = (facts: StreamFacts) => timeUs - (lanes.get(streamKey(facts))?.judgedUs ?? 0) < 10 * secondUs && isAwake(facts, timeUs);
      return gate.all().some(isOn) ? ids : [];
    },
    state: (): State => ({
      gate: gate.state(),
      lanes: [...lanes].map(([key, lane]) => [key, structuredClone(lane)]),
      begunUs: [...begunUs],
    }),
  };
};

/** A hole or noise in which the sensor may have come to sit otherwise. */
function isMoved(input: Fact, facts: StreamFacts): boolean {
  if (input.kind === "gap") return input.timeUs - input.fromUs >= movedUs;
  return input.kind === "quality" && (input.contact === "off" || facts.settledUs > input.timeUs || (input.level === "bad" && input.noisy));
}

function end(lane: Lane, device: string, timeUs: number, out: RuleDecision[]): void {
  out.push({ kind: "end", rule: unusual, device, endUs: lane.told?.lastUs ?? timeUs, timeUs });
  lane.told = undefined;
}

/** It is being learnt anew: how it sits now is what is learnt. */
function endSeat(lane: Lane, { device, judgedUs: timeUs }: StreamFacts, out: RuleDecision[]): void {
  if (lane.seat !== undefined) out.push({ kind: "end", rule: seat, device, endUs: timeUs, timeUs });
  lane.seat = undefined;
  if (lane.told !== undefined) end(lane, device, timeUs, out);
}

/** Its curve and the usual one; undefined where the model gives none. */
function curveOf({ evidence, usual, curves }: Unusual) {
  if (usual === undefined || curves === undefined) return undefined;
  return { shown: evidence.vector.subarray(curves.shownAt, curves.shownAt + curves.points), usual, curves };
}

/** Noise makes each beat another, and the usual ones between them less usual; what comes of the heart comes again, in its curve or by coming early. */
function isOfTheHeart(row: readonly Seen[]): boolean {
  const from = row.findIndex(({ isUnusual }) => isUnusual);
  const span = row.slice(from, row.findLastIndex(({ isUnusual }) => isUnusual) + 1);
  const unusual = span.filter(({ isUnusual }) => isUnusual).map(({ fact }) => ({ moment: momentOf(fact), curve: curveOf(fact) }));
  const between = span.filter(({ isUnusual }) => !isUnusual).map(({ fact }) => fact.judged?.score ?? 0);
  const isCalm = between.length > 0 && between.every((score) => score < calmScore);
  const pairs = unusual.flatMap((a, i) =>
    unusual.slice(0, i).map((b) => {
      // A model that gives no curves is taken at its word.
      if (a.curve === undefined || b.curve === undefined) return { curve: 1, difference: 1 };
      const { shown, usual, curves } = a.curve;
      const isSameMoment = a.moment !== undefined && a.moment === b.moment;
      const difference = isSameMoment ? 1 : differenceLikenessOf(shown, b.curve.shown, usual, curves);
      return { curve: likenessOf(shown, b.curve.shown, curves), difference };
    }),
  );
  const alike = pairs.filter(({ curve, difference }) => curve >= alikePairs.curve && difference >= alikePairs.difference);
  const likewise = pairs.filter(({ difference }) => difference >= likewisePairs.difference);
  return alike.length >= alikePairs.count || (isCalm && likewise.length >= likewisePairs.count);
}

function momentOf({ judged }: Unusual): "earlier" | "later" | undefined {
  return judged?.difference === "earlier" || judged?.difference === "later" ? judged.difference : undefined;
}

/** The commonest way in which they differ. */
function mostly(seen: readonly Seen[]): Difference {
  const counts = new Map<Difference, number>();
  for (const { fact } of seen) {
    const difference = fact.judged?.difference ?? "other";
    counts.set(difference, (counts.get(difference) ?? 0) + 1);
  }
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ["other", 0] as [Difference, number])[0];
}

function evidenceOf(seen: readonly Seen[]): AlertEvidence {
  const newest = seen.at(-1)?.fact as Unusual;
  const { learning, usual, curves } = newest;
  return {
    ...{ of: learning.of, model: learning.model, beats: seen.slice(-few).map(({ fact }) => keptEvidence(fact.evidence)) },
    ...{ learnt: { fromUs: learning.sinceUs, ...(learning.finishedUs === undefined ? {} : { toUs: learning.finishedUs }) } },
    ...(usual === undefined ? {} : { usual }),
    ...(curves === undefined ? {} : { curves }),
  };
}

const words: Readonly<Record<Difference, string>> = {
  wider: "wider than the usual ones",
  narrower: "narrower than the usual ones",
  taller: "taller than the usual ones",
  flatter: "flatter than the usual ones",
  earlier: "earlier than the usual ones come",
  later: "later than the usual ones come",
  other: "of another shape than the usual ones",
};

export const unusualBeats: Family = {
  create,
  reads: ["ecg-anomaly"],
  limits: {
    anomalyScore: Type.Number({
      ...{ minimum: 0.8, maximum: 1, default: 0.99, unit: "1" },
      description:
        "How unusual a heartbeat must be for this person, as the share of their own learnt minutes that is less so (anomaly.morphology)",
      ...{ rules: [unusual], quieter: "higher" },
    }),
    anomalyLearnS: Type.Number({
      ...{ minimum: 30, maximum: 900, default: 300, unit: "s" },
      description: "Of how much good signal it is learnt what is usual for a person (anomaly.morphology)",
      ...{ rules: [unusual], quieter: "higher" },
    }),
  },
  rules: {
    [unusual]: {
      priority: "low",
      alertKind: "physiological",
      isCountedHourly: true,
      causes: Object.fromEntries(Object.entries(words).map(([way, says]) => [`unusual.${way}`, says])),
      text: {
        title: (w) => `${w.person}: heartbeats ${w.cause}`,
        body: (w) =>
          `${w.value} in one minute were unlike those that were learnt of ${w.person}, since ${w.since}. ${w.device}, signal ${w.quality}. It calls for a look, not for help by itself: how is ${w.person}? Further ones within the hour are counted, not told again; at most ${mostADay} a day.`,
        clear: back("the heartbeats have been like the usual ones for 5 min"),
      },
    },
    [seat]: {
      priority: "low",
      alertKind: "technical",
      covers: { rules: [unusual], within: "stream" },
      causes: {
        "seat.upside-down": "it may be on upside down, or two electrodes are swapped",
        "seat.other": "it sits otherwise than when it was learnt, or somebody else wears it",
      },
      text: {
        title: (w) => `${w.device}: ${w.cause}`,
        body: (w) =>
          `Since it was put on or moved at ${w.since}, every heartbeat of ${w.person} in it looks otherwise. Until it is as before, beats unlike the usual ones are not told. Put it on as it was, say who wears it, or let it learn again.`,
        clear: (w) => `${w.device}: the heartbeats are as they were learnt.`,
      },
    },
  },
};
