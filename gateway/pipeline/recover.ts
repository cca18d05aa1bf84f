/** A restart feeds a person's journal again from the last snapshot, until the river stands where it stood. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Snapshot } from "../store/store-port.ts";
import { tickUs } from "../stream/order.ts";
import type { Keeping } from "./keeping.ts";
import { learnAgain } from "./learn-again.ts";
import type { PersonRun } from "./person-run.ts";
import type { PipelineOptions } from "./pipeline-options.ts";
import {
  afterBegin,
  createKnown,
  createRecordWatch,
  type FedFrom,
  feedFrom,
  isAfter,
  knownBeforeUs,
  type LostStretch,
  type RecordWatch,
  sameInFreshUs,
  sourcesOf,
} from "./recovery.ts";
import { fromBytes, type Reader, type Restored, type RunState } from "./snapshot.ts";
import { type WarmUpOptions, warmUp } from "./warm-up.ts";

/** Later than any signal. */
const everUs = 8e15;
/** After feeding this many records again the state is kept at once. */
const refedEnough = 1000;
/** Records fed again before recovery waits for the models: no window may time out only because many are asked at once. */
const recoveryStep = 50;

interface RecoverOptions extends Omit<PipelineOptions, "driverOf" | "personOf" | "decider"> {
  readonly keeping: Keeping;
  readonly readerOf: (person: string) => Reader;
  readonly openRun: (person: string, saved?: RunState) => PersonRun;
  /** As with a record of the present: counted as taken in, then judged. */
  readonly takeIn: (run: PersonRun, position: number, timeUs: number) => void;
  readonly deliver: (run: PersonRun, chunk: Chunk) => void;
}

/** Gives how many records were fed, and of which stretches the record is gone. */
export function createRecover(options: RecoverOptions): (person: string) => Promise<{ records: number; lost: readonly LostStretch[] }> {
  const { keeping, readerOf, openRun, takeIn, deliver } = options;
  /** The state of the last run; fresh stages where nobody can read it any more. */
  const restore = (person: string, snapshot: Snapshot | undefined): { run: PersonRun; state?: FedFrom; restored?: Restored } => {
    if (snapshot === undefined) return { run: openRun(person) };
    try {
      const restored = fromBytes(snapshot.bytes, readerOf(person));
      const saved = restored.state;
      const run = openRun(person, saved);
      return { run, restored, state: { position: snapshot.position, timeUs: saved.takenUs ?? saved.person.advancedUs + tickUs } };
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.snapshot_unreadable"));
      return { run: openRun(person) };
    }
  };

  /** The run with its fresh parts fed what came before; as it is where that cannot be read. */
  const warmed = async (run: PersonRun, restored: Restored | undefined, toUs: number): Promise<PersonRun> => {
    const { blocks } = options;
    if (restored === undefined || restored.fresh.length === 0 || blocks === undefined) return run;
    const blocksOf: WarmUpOptions["blocks"] = (device, span) => blocks(run.id, device, span);
    const { idle } = options;
    const from = { ...options.person(run.id), reader: readerOf(run.id), blocks: blocksOf, toUs, idle };
    try {
      const state = await warmUp(restored, from);
      return openRun(run.id, await learnAgain({ ...restored, state }, from));
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.journal_unreadable"));
      return run;
    }
  };

  const feed = async (run: PersonRun, watch: RecordWatch): Promise<number> => {
    let records = 0;
    try {
      for await (const record of options.journal.read(run.id, run.position + 1)) {
        watch.see(record);
        takeIn(run, record.position, record.chunk.stamps.timeUs);
        deliver(run, record.chunk);
        if (++records % recoveryStep === 0) await options.idle();
      }
    } catch (thrown) {
      // Unreadable from here on; whoever lives here is watched all the same.
      options.listener.onFault(toGatewayError(thrown, "river.journal_unreadable"));
    }
    await options.idle();
    return records;
  };

  const lose = (run: PersonRun, stretches: readonly LostStretch[], markUs: number) => {
    const stored = run.known?.events ?? [];
    run.known = createKnown(stored, stretches, sameInFreshUs);
    const { newest } = run.river;
    const at = { ordinal: newest.ordinal, releasedUs: Math.max(newest.releasedUs, markUs) };
    const streams = run.river.streams.length > 0 ? run.river.streams : sourcesOf(stored);
    run.pending.push(run.decider.lose({ stretches, streams, stored }, at, options.nowUs(at)));
  };

  return async (person) => {
    const { mark, snapshot } = await options.store.mark(person);
    const { run: cold, state, restored } = restore(person, snapshot);
    const from = await feedFrom(options.journal, person, { mark, state, wasKept: snapshot !== undefined });
    const stored = mark === undefined ? [] : await options.store.events(person, Math.min(from.timeUs, mark.timeUs) - knownBeforeUs, everUs);
    const run = await warmed(cold, restored, from.timeUs);
    const begin = state === undefined ? afterBegin(from, stored) : from;
    const watch = createRecordWatch(begin, mark, Math.max(mark?.position ?? 0, snapshot?.position ?? 0));
    Object.assign(run, { position: from.position, markPosition: from.position, takenUs: from.timeUs });
    run.decided = mark ?? run.decided;
    const goesOn = from.position === state?.position && restored?.fresh.length === 0;
    run.known = createKnown(stored, [], goesOn ? 0 : sameInFreshUs);
    const records = await feed(run, watch);
    // What the last run decided behind the newest record it decided by time alone; from here on everything is of the present.
    if (mark !== undefined) run.river.advance(run.decided.timeUs);
    await options.idle();
    const { newest } = run.river;
    if (!isAfter(newest, run.decided)) run.decided = { ...run.decided, ordinal: newest.ordinal, timeUs: newest.releasedUs };
    const lost = watch.end();
    if (lost.length > 0) lose(run, lost, mark?.timeUs ?? 0);
    // A home that falls often must not feed a longer journal each time. Written at once: the doors wait for this.
    if (records >= refedEnough || lost.length > 0 || from.position < (snapshot?.position ?? 0)) keeping.keep(run);
    await keeping.commit(run, { urgent: true });
    return { records, lost };
  };
}
