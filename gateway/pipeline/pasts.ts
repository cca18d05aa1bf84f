/** What devices of one person have brought late: one past after the other, judged beside the present with stages, memories and rules of its own. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Fact } from "../facts/fact.ts";
import type { Course, CourseState } from "../personal/personal.ts";
import type { ModelInputs } from "../stream/model-inputs.ts";
import { tickUs } from "../stream/order.ts";
import { createPast, type Past, type PastSignal } from "../stream/past.ts";
import type { StreamItem, StreamStage } from "../stream/stream-item.ts";
import type { Judges, JudgesState } from "./judges.ts";
import { memoriesOf, type PersonState } from "./person-state.ts";
import type { PastRun, SettleQueue } from "./settle-queue.ts";

/** The streams of one device bring their pasts within seconds of each other: they are judged together. */
const pastWaitsUs = 5_000_000;

type PastPlaced = NonNullable<Parameters<typeof createPast>[0]["onPlaced"]>;

type SavedPast = NonNullable<PersonState["pasts"]>[number];

interface Pasts {
  /** With the newest past, or as one of its own that begins a few seconds after `nowUs`. */
  add(descriptor: StreamDescriptor, signal: PastSignal, nowUs: number): void;
  restore(from: SavedPast): void;
  /** An item of the present. */
  seeLive(item: StreamItem): void;
  /** The present of this line has been given: beside it goes a stretch of the oldest past, or at the end all of it. */
  step(nowUs: number, isEnd?: boolean): void;
  /** Holds from here on, for the present and for every past that is being judged. */
  tellAll(fact: Fact): void;
  readonly isEmpty: boolean;
  /** The state as it is now; what follows the queue is asked for when it is there. */
  checkpoint(): {
    readonly state: Omit<SavedPast, keyof JudgesState | "course">[];
    readonly following: () => Pick<SavedPast, keyof JudgesState | "course">[];
  };
}

interface PastsOptions {
  readonly limits: { readonly limitUs: number; readonly liveUs: number };
  readonly inputsOf: (saved?: ReturnType<typeof memoriesOf>) => ModelInputs;
  readonly stageOf: (inputs: ModelInputs) => (descriptor: StreamDescriptor, saved?: unknown) => StreamStage;
  readonly judgesOf: (saved?: JudgesState) => Judges;
  readonly courseOf: (saved?: CourseState) => Course;
  readonly ask: (item: StreamItem) => void;
  readonly onSamples: ((...of: [...Parameters<PastPlaced>, isPast: boolean]) => void) | undefined;
  readonly queue: SettleQueue;
}

export function createPasts({ limits, inputsOf, stageOf, judgesOf, courseOf, ask, onSamples, queue }: PastsOptions): Pasts {
  const pasts: PastRun[] = [];

  /** In their place among what is settled. */
  const onPlaced: PastPlaced | undefined =
    onSamples === undefined ? undefined : (descriptor, placed) => queue.checkpoint(() => onSamples(descriptor, placed, true));

  const open = (dueUs: number, from?: SavedPast): Past => {
    const inputs = inputsOf(from === undefined ? [] : memoriesOf(from));
    const saved = from === undefined ? {} : { saved: from };
    const past = createPast({ memories: inputs.state, openStage: stageOf(inputs), limits, submit: ask, onPlaced, dueUs, ...saved });
    pasts.push({ past, judges: judgesOf(from), course: courseOf(from?.course) });
    return past;
  };

  return {
    add(descriptor, signal, nowUs) {
      if (pasts.at(-1)?.past.add(descriptor, signal) !== true) open(nowUs + pastWaitsUs).add(descriptor, signal);
    },
    restore: (from) => void open(from.dueUs, from),
    seeLive(item) {
      for (const { past } of pasts) past.seeLive(item);
    },
    step(nowUs, isEnd = false) {
      const [oldest] = pasts;
      if (oldest === undefined) return;
      const { past } = oldest;
      for (const next of past.step(isEnd ? Number.POSITIVE_INFINITY : nowUs)) queue.take(next, nowUs, oldest);
      if (past.isOver) {
        pasts.shift();
        queue.put({ kind: "tick", timeUs: Math.floor(past.timeUs / tickUs) * tickUs }, nowUs, oldest, true);
      }
      queue.drain();
    },
    tellAll(fact) {
      for (const past of [undefined, ...pasts]) queue.put(fact, fact.timeUs, past);
    },
    get isEmpty() {
      return pasts.length === 0;
    },
    checkpoint() {
      const held = [...pasts];
      const following = () => held.map(({ judges, course }) => ({ ...judges.state(), course: course.state() }));
      return { state: held.map(({ past }) => past.state()), following };
    },
  };
}
