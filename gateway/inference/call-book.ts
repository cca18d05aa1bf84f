/** The account of submitted windows: waiting, sent, settled. A call is settled once; an answer that comes later is dropped and counted. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Tensor } from "../../models/model-spec.ts";
import type { InferenceOutcome } from "./inference-port.ts";
import type { WireCall } from "./wire.ts";

export interface Call extends WireCall {
  readonly settled: (outcome: InferenceOutcome) => void;
  readonly timeoutMs: number;
}

export interface Submission {
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
  figures(): { submitted: number; unknown: Readonly<Record<string, number>>; late: number };
}

interface Entry extends Call {
  isOpen: boolean;
  cancelTimer: (() => void) | undefined;
}

export interface CallBookOptions {
  readonly clock: Clock;
  readonly timeouts: boolean;
  readonly hangTimeouts: number;
  /** The child has been busy with one call for `hangTimeouts` time-outs. */
  readonly onHang: () => void;
}

export function createCallBook({ clock, timeouts, hangTimeouts, onHang }: CallBookOptions): CallBook {
  let waiting: Entry[] = [];
  const sent = new Map<number, Entry>();
  const unknown: Record<string, number> = {};
  let serial = 0;
  let openCount = 0;
  let late = 0;
  let idlers: (() => void)[] = [];

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
    if (--openCount > 0) return;
    const done = idlers;
    idlers = [];
    for (const resolve of done) resolve();
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
      const entry: Entry = { ...call, serial: ++serial, isOpen: true, cancelTimer: undefined };
      openCount++;
      if (!waits) return entry;
      waiting.push(entry);
      if (timeouts && call.timeoutMs > 0) entry.cancelTimer = clock.after(call.timeoutMs, () => timeOut(entry));
      return entry;
    },
    takeForSending(limit) {
      const calls: WireCall[] = [];
      let taken = 0;
      while (taken < waiting.length && sent.size < limit) {
        const entry = waiting[taken++] as Entry;
        if (!entry.isOpen) continue;
        sent.set(entry.serial, entry);
        calls.push({ serial: entry.serial, model: entry.model, tensors: entry.tensors });
      }
      waiting = waiting.slice(taken);
      return calls;
    },
    settleSent(answered, outcome) {
      const entry = sent.get(answered);
      if (entry === undefined) return;
      sent.delete(answered);
      settle(entry, outcome);
    },
    settle: (call, outcome) => settle(call as Entry, outcome),
    settleModel(model, outcome) {
      for (const entry of [...sent.values(), ...waiting]) if (entry.model === model && entry.isOpen) settle(entry, outcome);
    },
    settleAll(outcome) {
      const entries = [...sent.values(), ...waiting];
      waiting = [];
      for (const entry of entries) if (entry.isOpen) settle(entry, outcome);
    },
    takeBack() {
      const [killer, ...others] = sent.values();
      sent.clear();
      waiting = [...others.filter((entry) => entry.isOpen), ...waiting];
      return killer;
    },
    idle: () => (openCount === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    figures: () => ({ submitted: serial, unknown: { ...unknown }, late }),
  };
}
