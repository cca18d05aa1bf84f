/**
 * What of a person's signal is usual for them. It stands behind the models' answers, in the order of the rules: an answer of a model that learns its wearer is
 * learnt or judged, and what comes of it is a fact that follows. Pure; learning goes by the signal, by what other rules say of it and by dated words of people.
 */

import type { Result } from "../../device-drivers/contract/result.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Evidence, PersonalSpec } from "../../models/personal-spec.ts";
import { beatOf } from "../facts/beat.ts";
import type { Fact } from "../facts/fact.ts";
import type { Guard } from "../facts/guarded.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { createGate, isGoodSince, type StreamFacts, streamKey } from "../rules/stream-gate.ts";
import { addNormals, emptyMemory, learn, learningOf, likenessOf, type Memory, remember, shownOf, undoNormals } from "./memory.ts";

type Unusual = Fact & { readonly kind: "unusual" };

/** Of one stream, between two of its facts. */
interface Lane {
  /** Intervals of the beats before, newest first. */
  rrMs: number[];
  /** What `ecg-beat` said of the newest beats. */
  labels: { timeUs: number; isEctopic: boolean }[];
  /** Learnt when it is known how good the signal was, and of what class the beat. */
  waiting: { model: string; evidence: Evidence; isAlarmed: boolean }[];
}

export interface CourseState {
  readonly gate: StreamFacts[];
  readonly lanes: readonly (readonly [stream: string, lane: Lane])[];
  /** Physiological conditions that are true. */
  readonly active: readonly string[];
}

export interface PersonalState extends CourseState {
  readonly memories: readonly Memory[];
  readonly placements: readonly (readonly [stream: string, placement: string])[];
}

/** One course of signal, of the present or of a past that was brought late. */
export interface Course {
  /** What the fact means for this person. `decided`: what the course's own rules made of it. */
  push(fact: Fact, decided: readonly RuleDecision[]): readonly Unusual[];
  state(): CourseState | undefined;
}

export interface Personal extends Course {
  /** A stream is there, or is another than before. */
  opened(descriptor: Pick<StreamDescriptor, "device" | "stream" | "placement">): void;
  /** A past beside the present: it learns into the same memories and is judged by them. */
  beside(saved?: CourseState): Course;
  /** What was learnt, to be looked at. */
  readonly memories: readonly Memory[];
  /** The axis begins anew: what was learnt stays. */
  renewAxis(): void;
  /** Undefined where nothing was ever learnt. */
  state(): PersonalState | undefined;
}

interface PersonalOptions {
  readonly models: readonly ModelSpec[];
  readonly versions: Readonly<Record<string, string>>;
  readonly guard: Guard;
  /** Seconds that a person's models learn from, where it is other than theirs. */
  readonly learnS: () => number | undefined;
  readonly saved?: PersonalState | undefined;
}

/** Placements of one person times models; the one that was not used for longest goes first. */
export const mostMemories = 8;
const keptRr = 8;
const keptLabels = 16;
const mostWaiting = 32;
/** Around a beat, for its window to be good. */
const beforeUs = 400_000;
const behindUs = 600_000;
/** After this a beat without a class is taken as it is. */
const patienceUs = 4_000_000;

export function createPersonal({ models, versions, guard, learnS, saved }: PersonalOptions): Personal {
  const specById = new Map(models.flatMap((spec) => (spec.personal === undefined ? [] : [[spec.id, { spec, personal: spec.personal }]])));
  const memories = new Map<string, Memory>(saved?.memories.map((each) => [keyOf(each), structuredClone(each)]));
  const placements = new Map(saved?.placements);
  let present = openCourse(saved);

  const neededOf = (personal: PersonalSpec) => learnS() ?? personal.learnS;

  const memoryOf = (model: string, stream: string, personal: PersonalSpec, timeUs: number): Memory => {
    const of = placements.get(stream) ?? stream;
    const known = memories.get(keyOf({ model, of }));
    if (known !== undefined) return known;
    const opened = emptyMemory({ model, of, version: versions[model] ?? "" }, personal, timeUs);
    memories.set(keyOf(opened), opened);
    if (memories.size > mostMemories) {
      const oldest = [...memories.values()].reduce((a, b) => (b.usedUs < a.usedUs ? b : a));
      memories.delete(keyOf(oldest));
    }
    return opened;
  };

  const judge = (course: OpenCourse, result: Result, personal: PersonalSpec): Unusual[] => {
    const [source] = result.about;
    const key = streamKey(source);
    const { outcome, model, timeUs, knownUs, rrMs } = result;
    if (outcome.kind !== "vector") return [];
    const lane = laneOf(course, key);
    const evidence: Evidence = { vector: outcome.vector, timeUs, ...(rrMs === undefined ? {} : { rrMs }), rrBeforeMs: [...lane.rrMs] };
    if (rrMs === undefined) lane.rrMs = [];
    else lane.rrMs = [rrMs, ...lane.rrMs].slice(0, keptRr);
    const memory = memoryOf(model.id, key, personal, timeUs);
    memory.usedUs = Math.max(memory.usedUs, timeUs);
    const judgement = memory.finishedUs === undefined ? undefined : personal.judge(memory.state, evidence);
    const likeness = likenessOf(memory, shownOf(evidence, personal.curves));
    if (memory.finishedUs === undefined)
      lane.waiting = [...lane.waiting, { model: model.id, evidence, isAlarmed: course.active.size > 0 }].slice(-mostWaiting);
    else if (judgement !== undefined) remember(memory, judgement.score, timeUs);
    return [
      {
        ...{ kind: "unusual", ...source, timeUs, knownUs, learning: learningOf(memory, neededOf(personal)), evidence },
        ...(judgement === undefined ? {} : { judged: { ...judgement, difference: personal.describe(memory.state, evidence, judgement) } }),
        ...(likeness === undefined || memory.finishedUs === undefined ? {} : { likeness }),
        ...(memory.usual === undefined || memory.finishedUs === undefined ? {} : { usual: Array.from(memory.usual) }),
        ...(personal.curves === undefined ? {} : { curves: personal.curves }),
      },
    ];
  };

  /** Learns what waits, as soon as it is known what it is. */
  const settle = ({ lanes, active }: OpenCourse, key: string, facts: StreamFacts) => {
    const lane = lanes.get(key);
    for (let next = lane?.waiting[0]; lane !== undefined && next !== undefined; next = lane.waiting[0]) {
      const { model, evidence, isAlarmed } = next;
      const { timeUs } = evidence;
      const label = lane.labels.find((each) => each.timeUs === timeUs);
      if (facts.judgedUs < timeUs + behindUs || (label === undefined && facts.judgedUs < timeUs + patienceUs)) return;
      lane.waiting.shift();
      const personal = specById.get(model)?.personal;
      if (personal === undefined || isAlarmed || active.size > 0 || !isGoodSince(facts, timeUs - beforeUs)) continue;
      const memory = memoryOf(model, key, personal, timeUs);
      if (memory.finishedUs === undefined)
        guard(
          `model/${model}`,
          () => learn(memory, personal, evidence, label?.isEctopic === true, neededOf(personal)),
          () => {},
        );
    }
  };

  const act = (fact: Fact & { kind: "learn" }) => {
    const { act } = fact;
    for (const memory of [...memories.values()]) {
      const personal = specById.get(memory.model)?.personal;
      if (personal === undefined) continue;
      guard(
        `model/${memory.model}`,
        () => {
          if (act.kind === "undo") undoNormals(memory, personal, act.number);
          else if (act.kind === "normal" && memory.model === act.model && memory.of === act.of) addNormals(memory, personal, fact);
          else if (act.kind === "again" && (act.of === undefined || act.of === memory.of)) memories.delete(keyOf(memory));
        },
        () => {},
      );
    }
  };

  const push = (course: OpenCourse, fact: Fact, decided: readonly RuleDecision[]): readonly Unusual[] => {
    note(course, decided);
    if (specById.size === 0) return [];
    const facts = course.gate.push(fact);
    const beat = beatOf(fact);
    if (beat?.pass === "first") {
      const { labels } = laneOf(course, streamKey(beat));
      labels.push({ timeUs: beat.timeUs, isEctopic: beat.label === "V" || beat.label === "S" });
      if (labels.length > keptLabels) labels.shift();
    }
    if (fact.kind === "gap") laneOf(course, streamKey(fact)).rrMs = [];
    const own = fact.kind === "result" ? specById.get(fact.model.id) : undefined;
    const out =
      fact.kind === "result" && own !== undefined && fact.pass === passOf(own.spec)
        ? guard<readonly Unusual[]>(
            `model/${own.spec.id}`,
            () => judge(course, fact, own.personal),
            () => [],
          )
        : [];
    if (facts !== undefined) settle(course, streamKey(facts), facts);
    return out;
  };

  return {
    opened({ device, stream, placement }) {
      if (placement === undefined) placements.delete(streamKey({ device, stream }));
      else placements.set(streamKey({ device, stream }), placement);
    },
    push(fact, decided) {
      if (fact.kind === "learn") act(fact);
      return push(present, fact, decided);
    },
    beside(savedPast) {
      const past = openCourse(savedPast);
      return { push: (fact, decided) => push(past, fact, decided), state: () => (specById.size === 0 ? undefined : stateOf(past)) };
    },
    get memories() {
      return [...memories.values()];
    },
    renewAxis() {
      present = openCourse();
    },
    state: () =>
      specById.size + memories.size === 0
        ? undefined
        : { ...stateOf(present), ...structuredClone({ memories: [...memories.values()], placements: [...placements] }) },
  };
}

interface OpenCourse {
  readonly gate: ReturnType<typeof createGate>;
  readonly lanes: Map<string, Lane>;
  readonly active: Set<string>;
}

function openCourse(saved?: CourseState): OpenCourse {
  return {
    gate: createGate(saved?.gate),
    lanes: new Map(saved?.lanes.map(([key, lane]) => [key, structuredClone(lane)])),
    active: new Set(saved?.active),
  };
}

function stateOf({ gate, lanes, active }: OpenCourse): CourseState {
  return structuredClone({ gate: gate.state(), lanes: [...lanes], active: [...active] });
}

function laneOf({ lanes }: OpenCourse, key: string): Lane {
  const lane = lanes.get(key) ?? { rrMs: [], labels: [], waiting: [] };
  lanes.set(key, lane);
  return lane;
}

function note({ active }: OpenCourse, decided: readonly RuleDecision[]): void {
  for (const decision of decided) {
    if (decision.kind === "begin" && decision.alertKind === "physiological") active.add(`${decision.rule}/${decision.device}`);
    if (decision.kind === "end") active.delete(`${decision.rule}/${decision.device}`);
  }
}

/** The pass that is judged: the earliest. */
function passOf({ trigger }: ModelSpec): Result["pass"] {
  return trigger.kind === "beat" ? (trigger.runs[0]?.name ?? "final") : "final";
}

export function keyOf({ model, of }: Pick<Memory, "model" | "of">): string {
  return `${model}/${of}`;
}
