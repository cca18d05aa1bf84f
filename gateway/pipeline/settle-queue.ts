/** What the order let go, in that order: it waits for its answer, and then, one after the other, the rules judge it. */

import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import type { Fact } from "../facts/fact.ts";
import type { Course, Personal } from "../personal/personal.ts";
import type { Rules } from "../rules/index.ts";
import type { RuleDecision } from "../rules/rule.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import type { Ordered } from "../stream/order.ts";
import type { Past } from "../stream/past.ts";
import type { StreamItem, WindowItem } from "../stream/stream-item.ts";
import type { AfterResult } from "../stream/windows/after-result.ts";
import type { Answers } from "./answers.ts";
import type { Judges } from "./judges.ts";
import { type AnsweredBy, recordOf } from "./result-fact.ts";

/** What left the queue's head: a fact as the rules saw it, and what they decided. Numbered by `ordinal`, the same on every run over the same records. */
export interface Settled {
  readonly ordinal: number;
  /** Axis time at which the order let it go; never falls while signal comes. Over records of which some are gone ordinals are lower, but times are not. */
  readonly releasedUs: number;
  readonly input: Fact;
  /** What it means for this person, by what was learnt of them; the rules saw it after the fact itself. */
  readonly derived: readonly Fact[];
  /** What the model's spec puts into the record of its result. */
  readonly record: readonly PersonEvent[];
  readonly decisions: readonly RuleDecision[];
  /** Watched time that no decision has told yet; it goes on with the rules. */
  readonly watching: Rules["watching"];
  /** The present's, whatever this is of. */
  readonly heartRate?: Rules["heartRate"];
  /** It is of a past that was brought later, and judged by rules of its own; `isLast` is its end. */
  readonly past?: { readonly isLast: boolean; readonly anchor: (device: string, stream: string) => Anchor | undefined };
}

/** A past with rules of its own and a course of its own through what was learnt, whose states follow the queue. */
export interface PastRun {
  readonly past: Past;
  readonly judges: Judges;
  readonly course: Course;
}

interface Entry {
  readonly kind: "input";
  readonly ordinal: number;
  readonly releasedUs: number;
  input: Fact | undefined;
  readonly run: PastRun | undefined;
  readonly isLast: boolean;
  /** Of a window. */
  item?: WindowItem;
  /** Its window is made when the entry before has been settled. */
  readonly after?: { readonly model: string; readonly before: Entry };
}

interface Checkpoint {
  readonly kind: "checkpoint";
  readonly reach: () => void;
}

export interface SettleQueue {
  /** Settled when those before it are. */
  put(input: Fact, nowUs: number, run?: PastRun, isLast?: boolean): void;
  /** The same for what the order let go; a window is settled when it has its answer. */
  take(next: Ordered<StreamItem>, nowUs: number, run?: PastRun): void;
  /** Calls `reach` when everything before it has been settled. */
  checkpoint(reach: () => void): void;
  /** Settles whatever need not wait. */
  drain(): void;
  /** A number for what is settled beside the queue. */
  next(): number;
  /** The axis begins anew: `releasedUs` may fall once. */
  forgetTime(): void;
  readonly newest: Pick<Settled, "ordinal" | "releasedUs">;
}

const none: readonly never[] = [];

interface QueueOptions {
  readonly answers: Answers;
  readonly by: (model: string) => AnsweredBy;
  readonly after: AfterResult;
  readonly onSettled: (settled: Settled) => void;
  /** Of the present. */
  readonly judges: () => Judges;
  /** Learns and judges the present. */
  readonly personal: Personal;
}

export function createSettleQueue(options: QueueOptions, saved?: { readonly ordinal: number; readonly releasedUs?: number }): SettleQueue {
  const queue: (Entry | Checkpoint)[] = [];
  let ordinal = saved?.ordinal ?? 0;
  let releasedUs = saved?.releasedUs ?? 0;

  const append = (nowUs: number, of: Pick<Entry, "input" | "run" | "after"> & { readonly isLast?: boolean }): Entry => {
    releasedUs = Math.max(releasedUs, nowUs);
    const entry: Entry = { kind: "input", ordinal: ++ordinal, releasedUs, isLast: false, ...of };
    queue.push(entry);
    return entry;
  };

  const receive = (entry: Entry, item: WindowItem) => {
    entry.item = item;
    entry.input = options.answers.take(item, (fact) => {
      entry.input = fact;
      drain();
    });
  };

  /** A place for each model that is asked after it, so that numbers do not go by when answers come. */
  const reserve = (before: Entry, model: string, nowUs: number) => {
    for (const next of options.after.next(model))
      reserve(append(nowUs, { input: undefined, run: undefined, after: { model: next, before } }), next, nowUs);
  };

  /** The result before it has been settled: now its own window is made. */
  const askAfter = (entry: Entry, { model, before }: NonNullable<Entry["after"]>) => {
    if (before.item === undefined || before.input?.kind !== "result") return;
    const item = options.after.window(model, before.item, before.input);
    options.answers.ask(item);
    receive(entry, item);
  };

  const settle = ({ run, isLast, ...entry }: Entry, told: Fact) => {
    const { rules: own, quality } = run?.judges ?? options.judges();
    const input = quality.join(told);
    const decided = isLast ? own.flush() : own.push(input);
    const derived = (run?.course ?? options.personal).push(input, decided);
    const decidedOfDerived = derived.length === 0 ? none : derived.flatMap((fact) => own.push(fact));
    options.onSettled({
      ordinal: entry.ordinal,
      releasedUs: entry.releasedUs,
      ...{ input, derived },
      record: input.kind === "result" ? recordOf(input, options.by(input.model.id)) : none,
      decisions: decidedOfDerived.length === 0 ? decided : [...decided, ...decidedOfDerived],
      watching: options.judges().rules.watching,
      heartRate: options.judges().rules.heartRate,
      ...(run === undefined ? {} : { past: { isLast, anchor: run.past.anchor } }),
    });
  };

  const drain = () => {
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      if (head.kind === "checkpoint") {
        queue.shift();
        head.reach();
        continue;
      }
      if (head.after !== undefined && head.item === undefined) askAfter(head, head.after);
      if (head.input === undefined) return;
      queue.shift();
      settle(head, head.input);
    }
  };

  return {
    put: (input, nowUs, run, isLast = false) => void append(nowUs, { input, run, isLast }),
    take(next, nowUs, run) {
      if (next.kind === "tick") return void append(nowUs, { input: { kind: "tick", timeUs: next.timeUs }, run });
      const { item } = next;
      const entry = append(nowUs, { input: item.kind === "window" ? undefined : item, run });
      if (item.kind !== "window") return;
      receive(entry, item);
      if (run === undefined) reserve(entry, item.model, nowUs);
    },
    checkpoint: (reach) => void queue.push({ kind: "checkpoint", reach }),
    drain,
    next: () => ++ordinal,
    forgetTime() {
      releasedUs = 0;
    },
    get newest() {
      return { ordinal, releasedUs };
    },
  };
}
