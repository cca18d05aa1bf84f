/** The account of submitted windows: waiting, sent, settled. A call is settled once; an answer that comes later is dropped and counted. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Tensor } from "../../models/model-spec.ts";
import type { InferenceOutcome } from "./inference-port.ts";
import type { WireCall } from "./wire.ts";

interface Call extends WireCall {
  readonly settled: (outcome: InferenceOutcome) => void;
  readonly timeoutMs: number;
}

interface Submission {
  /** Calls of one lane are sent in their order; lanes take turns, so that one person's backlog does not hold up another's alarm. */
  readonly lane: string;
  readonly model: string;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly settled: (outcome: InferenceOutcome) => void;
  readonly timeoutMs: number;
}

export interface CallBook {
  /** `waits`: it is to be sent; otherwise the caller settles it. */
  add(call: Submission, waits: boolean): Call;
  /** Moves the oldest waiting calls to sent, so that at most `limit` are out. */
  takeForSending(limit: number): WireCall[];
  /** An answer from the child. */
  settleSent(serial: number, outcome: InferenceOutcome): void;
  settle(call: Call, outcome: InferenceOutcome): void;
  settleModel(model: string, outcome: InferenceOutcome): void;
  settleAll(outcome: InferenceOutcome): void;
  /** After a death: the first unanswered call, which is not run again; the other sent ones wait again, in their order. */
  takeBack(): Call | undefined;
  idle(): Promise<void>;
  /** Resolves once fewer than `limit` calls are open. */
  room(limit: number): Promise<void>;
  figures(): { submitted: number; unknown: Readonly<Record<string, number>>; late: number };
}

interface Entry extends Call {
  readonly lane: string;
  addedUs: number;
  isOpen: boolean;
  cancelTimer: (() => void) | undefined;
}

interface CallBookOptions {
  readonly clock: Clock;
  readonly timeouts: boolean;
  readonly hangTimeouts: number;
  /** The child has been busy with one call for `hangTimeouts` time-outs. */
  readonly onHang: () => void;
}

/** Time-outs after which a window is unknown even where the child answers: more is asked than it can do, and alarms that need no label wait with it. */
const longestWait = 4;

export function createCallBook({ clock, timeouts, hangTimeouts, onHang }: CallBookOptions): CallBook {
  /** By lane; the lane whose turn it is comes first. */
  const waiting = new Map<string, Entry[]>();
  const sent = new Map<number, Entry>();
  const unknown: Record<string, number> = {};
  let serial = 0;
  let openCount = 0;
  let late = 0;
  let answeredUs = Number.NEGATIVE_INFINITY;
  let waiters: { below: number; resolve: () => void }[] = [];

  const openBelow = (below: number): Promise<void> =>
    openCount < below ? Promise.resolve() : new Promise((resolve) => waiters.push({ below, resolve }));
  const allWaiting = () => [...waiting.values()].flat();

  const settle = (entry: Entry, outcome: InferenceOutcome) => {
    if (!entry.isOpen) {
      if (outcome.kind === "outputs") late++;
      return;
    }
    entry.isOpen = false;
    entry.cancelTimer?.();
    if (outcome.kind === "unknown") unknown[outcome.reason] = (unknown[outcome.reason] ?? 0) + 1;
    entry.settled(outcome);
    // Counted after the call: what it submits in turn keeps the book busy.
    openCount--;
    if (waiters.length === 0) return;
    const done = waiters.filter(({ below }) => openCount < below);
    waiters = waiters.filter(({ below }) => openCount >= below);
    for (const { resolve } of done) resolve();
  };

  /** A child that answers others in the meantime is busy, not stuck: what waits behind a backlog keeps its label, unless the rules would wait too long for it. */
  const watch = (entry: Entry) => {
    const leftMs = () => {
      const silenceEndsUs = Math.max(entry.addedUs, answeredUs) + entry.timeoutMs * 1000;
      const lastUs = entry.addedUs + entry.timeoutMs * 1000 * longestWait;
      return Math.ceil((Math.min(silenceEndsUs, lastUs) - clock.monotonicUs()) / 1000);
    };
    entry.cancelTimer = clock.after(leftMs(), () => {
      // When it was this process that stood still, answers wait in the pipe; they are read before anything is judged.
      const later = setImmediate(() => (leftMs() > 0 ? watch(entry) : timeOut(entry)));
      entry.cancelTimer = () => clearImmediate(later);
    });
  };

  const timeOut = (entry: Entry) => {
    settle(entry, { kind: "unknown", reason: "timeout" });
    if (!sent.has(entry.serial)) return;
    clock.after(entry.timeoutMs * (hangTimeouts - 1), () => {
      if (sent.keys().next().value === entry.serial) onHang();
    });
  };

  return {
    add(call, waits) {
      const entry: Entry = { ...call, serial: ++serial, isOpen: true, addedUs: clock.monotonicUs(), cancelTimer: undefined };
      openCount++;
      if (!waits) return entry;
      const lane = waiting.get(call.lane);
      if (lane === undefined) waiting.set(call.lane, [entry]);
      else lane.push(entry);
      if (timeouts && call.timeoutMs > 0) watch(entry);
      return entry;
    },
    takeForSending(limit) {
      const calls: WireCall[] = [];
      while (sent.size < limit) {
        const [turn] = waiting;
        if (turn === undefined) break;
        const [lane, entries] = turn;
        const entry = entries.shift();
        waiting.delete(lane);
        if (entries.length > 0) waiting.set(lane, entries);
        if (entry?.isOpen !== true) continue;
        sent.set(entry.serial, entry);
        calls.push({ serial: entry.serial, model: entry.model, tensors: entry.tensors });
      }
      return calls;
    },
    settleSent(answered, outcome) {
      answeredUs = clock.monotonicUs();
      const entry = sent.get(answered);
      if (entry === undefined) return;
      sent.delete(answered);
      settle(entry, outcome);
    },
    settle: (call, outcome) => settle(call as Entry, outcome),
    settleModel(model, outcome) {
      for (const entry of [...sent.values(), ...allWaiting()]) if (entry.model === model && entry.isOpen) settle(entry, outcome);
    },
    settleAll(outcome) {
      const entries = [...sent.values(), ...allWaiting()];
      waiting.clear();
      for (const entry of entries) if (entry.isOpen) settle(entry, outcome);
    },
    takeBack() {
      const [killer, ...others] = sent.values();
      sent.clear();
      for (const entry of others.reverse().filter(({ isOpen }) => isOpen)) {
        const lane = waiting.get(entry.lane);
        if (lane === undefined) waiting.set(entry.lane, [entry]);
        else lane.unshift(entry);
      }
      return killer;
    },
    idle: () => openBelow(1),
    room: openBelow,
    figures: () => ({ submitted: serial, unknown: { ...unknown }, late }),
  };
}
