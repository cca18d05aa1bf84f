/** What each stream allows a rule to believe right now: judged, worn, good, settled. It raises nothing; every family keeps its own copy, so none can silence another. */

import { beatOf } from "../facts/beat.ts";
import type { Contact, Fact, QualityLevel } from "../facts/fact.ts";

export interface StreamFacts {
  readonly device: string;
  readonly stream: string;
  level: QualityLevel;
  contact: Contact;
  contactMeasured: "measured" | "none" | "given";
  /** End of the newest second that was judged; everything known by then has been seen. */
  judgedUs: number;
  /** Value rules may speak from here on. */
  settledUs: number;
  /** Start of the unbroken span of good signal on the skin that reaches `judgedUs`; undefined while it is not good. */
  goodSinceUs: number | undefined;
  /** The same without what a model says of it: what rules on arrest and ventricular rhythm go by. */
  soundSinceUs: number | undefined;
  /** The same for the weaker gate of arrest rules: contact, no saturation, no noise, samples there. */
  clearSinceUs: number | undefined;
  /** End of the newest hole. */
  gapEndUs: number;
  /** A QRS complex has been seen here: it is an ECG. */
  hasBeats: boolean;
  /** An ECG in which no heart is being seen. */
  beatless: boolean;
  /** The sensor may have been put on, or laid down, here: the stream's start, a long hole, contact that came back. */
  putOnUs: number;
}

interface Gate {
  /** Feeds one input; gives the facts of its stream. */
  push(input: Fact): StreamFacts | undefined;
  all(): readonly StreamFacts[];
  state(): StreamFacts[];
}

const secondUs = 1_000_000;
/** Noise of putting a sensor on must not alarm (alerts.md §10). */
export const settleUs = 10 * secondUs;
/** A shorter hole breaks what was being measured but not the seat of the electrodes. */
const settlingGapUs = 2 * secondUs;
/** In a hole this long (as long as `data.missing` waits) nobody knows what became of the sensor. */
const asideUs = 120 * secondUs;
/** One second to fill a judgement, the reorder limit for a slow stream, one tick. */
const freshUs = 3_250_000;
/** Seconds follow each other to within the jitter of a device clock. */
const jitterUs = 300_000;

export function createGate(saved?: readonly StreamFacts[]): Gate {
  const streams: StreamFacts[] = saved?.map(restored) ?? [];

  const open = (device: string, stream: string, atUs: number): StreamFacts => {
    const facts: StreamFacts = {
      device,
      stream,
      level: "bad",
      contact: "unknown",
      contactMeasured: "none",
      judgedUs: atUs,
      settledUs: atUs + settleUs,
      goodSinceUs: undefined,
      soundSinceUs: undefined,
      clearSinceUs: undefined,
      gapEndUs: Number.NEGATIVE_INFINITY,
      hasBeats: false,
      beatless: false,
      putOnUs: atUs,
    };
    streams.push(facts);
    return facts;
  };

  const known = (of: { device: string; stream: string }) => {
    // A person has a handful: looking along them costs less than a key put together for each fact.
    for (const facts of streams) if (facts.stream === of.stream && facts.device === of.device) return facts;
    return undefined;
  };

  const judge = (facts: StreamFacts, input: Fact & { kind: "quality" }) => {
    const startUs = Math.max(input.timeUs - secondUs, facts.gapEndUs);
    const holeUs = input.timeUs - secondUs - facts.judgedUs;
    const isContiguous = holeUs < jitterUs;
    if (holeUs >= settlingGapUs) facts.settledUs = startUs + settleUs;
    if (holeUs >= asideUs) facts.putOnUs = startUs;
    if (input.contact === "off") Object.assign(facts, { settledUs: input.timeUs + settleUs, putOnUs: input.timeUs });
    const isOn = input.contact !== "off" && !input.saturated;
    const good = input.level === "good" && isOn;
    const sound = (input.signalLevel ?? input.level) === "good" && isOn;
    const clear = input.level !== "bad" && input.contact !== "off" && !input.saturated && !input.noisy;
    facts.goodSinceUs = !good ? undefined : isContiguous && facts.goodSinceUs !== undefined ? facts.goodSinceUs : startUs;
    facts.soundSinceUs = !sound ? undefined : isContiguous && facts.soundSinceUs !== undefined ? facts.soundSinceUs : startUs;
    facts.clearSinceUs = !clear ? undefined : isContiguous && facts.clearSinceUs !== undefined ? facts.clearSinceUs : startUs;
    facts.judgedUs = Math.max(facts.judgedUs, input.timeUs);
    facts.level = input.level;
    facts.contact = input.contact;
    facts.contactMeasured = input.contactMeasured;
    facts.beatless = input.beatless ?? false;
  };

  return {
    push(input) {
      switch (input.kind) {
        case "quality": {
          const facts = known(input) ?? open(input.device, input.stream, input.timeUs - secondUs);
          judge(facts, input);
          return facts;
        }
        case "gap": {
          const facts = known(input) ?? open(input.device, input.stream, input.timeUs);
          facts.gapEndUs = Math.max(facts.gapEndUs, input.timeUs);
          facts.goodSinceUs = undefined;
          facts.soundSinceUs = undefined;
          facts.clearSinceUs = undefined;
          if (input.timeUs - input.fromUs >= asideUs) facts.putOnUs = input.timeUs;
          if (input.timeUs - input.fromUs >= settlingGapUs) facts.settledUs = Math.max(facts.settledUs, input.timeUs + settleUs);
          return facts;
        }
        case "qrs":
        case "result": {
          const beat = input.kind === "qrs" ? input : beatOf(input);
          if (beat === undefined) return undefined;
          const facts = known(beat) ?? open(beat.device, beat.stream, beat.timeUs);
          facts.hasBeats = true;
          return facts;
        }
        case "life":
        case "shaken":
        case "pulse":
        case "pulse-rate":
        case "vital":
        case "timing":
        case "pose":
        case "movement":
        case "unusual":
        case "heart-rate":
        case "learn":
        case "limits":
        case "tick":
          return undefined;
        default:
          return ignored(input);
      }
    },
    all: () => streams,
    state: () => streams.map((facts) => ({ ...facts })),
  };
}

/** For fields that a snapshot of an older version lacks: beats are seen, the sensor has been on all along, and no model has judged the signal. */
function restored(facts: StreamFacts): StreamFacts {
  const before = { beatless: false, putOnUs: Number.NEGATIVE_INFINITY, soundSinceUs: facts.goodSinceUs };
  return { ...before, ...facts };
}

/** A kind of fact that is not listed above says nothing of a stream; the type check finds it. */
function ignored(_input: never): undefined {
  return undefined;
}

/** Samples of this stream have been judged lately enough to speak about `nowUs`. */
export function isFresh(facts: StreamFacts, nowUs: number): boolean {
  return nowUs - facts.judgedUs <= freshUs;
}

/** Good, on the skin and settled over the whole span from `fromUs` to what has been judged. */
export function isGoodSince(facts: StreamFacts, fromUs: number): boolean {
  return facts.goodSinceUs !== undefined && facts.goodSinceUs <= fromUs && facts.settledUs <= fromUs;
}

/** The same without what a model says of the signal. */
export function isSoundSince(facts: StreamFacts, fromUs: number): boolean {
  return facts.soundSinceUs !== undefined && facts.soundSinceUs <= fromUs && facts.settledUs <= fromUs;
}

/** Good, settled, fresh and with beats being seen: a value rule of this stream is awake. */
export function isAwake(facts: StreamFacts, nowUs: number): boolean {
  return facts.goodSinceUs !== undefined && isSoundAwake(facts, nowUs);
}

/** The same without what a model says of the signal. */
export function isSoundAwake(facts: StreamFacts, nowUs: number): boolean {
  return !facts.beatless && facts.soundSinceUs !== undefined && facts.settledUs <= nowUs && isFresh(facts, nowUs);
}

export function streamKey(of: { readonly device: string; readonly stream: string }): string {
  return `${of.device}/${of.stream}`;
}
