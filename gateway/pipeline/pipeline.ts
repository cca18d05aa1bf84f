/**
 * THE RIVER: the only file that knows the order in which bytes become meaning.
 *
 *   link ─▶ journal (sealed) ─▶ driver ─▶ person (clock-map ▶ reorder ▶ signals ▶ windows ▶ models ▶ rules) ─▶ decide ─▶ store: ONE transaction
 *           └ ack after the commit                                                                              {events, alerts, outbox, mark}
 *
 * A chunk goes on when its group commit has answered, so that nothing is believed which a restart could not read again. When the disk refuses,
 * it goes on all the same, acknowledged as "judged, not kept": a sender that waited for an acknowledgement would send nothing new, and alarms do not
 * stop because a disk is full. It is the one exception of law 1, and the record says from when to when.
 */

import type { Chunk, DriverInstance } from "../../device-drivers/contract/driver.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamTiming } from "../stream/clock/stream-timing.ts";
import { createDecider } from "./decide.ts";
import { createKeeping } from "./keeping.ts";
import { isNewAxis } from "./new-axis.ts";
import { createPerson, type PersonRiver } from "./person.ts";
import { createPersonDrivers } from "./person-drivers.ts";
import type { PersonRun } from "./person-run.ts";
import type { PipelineOptions } from "./pipeline-options.ts";
import type { Reception } from "./reception.ts";
import { createRecover } from "./recover.ts";
import { isAfter, type LostStretch, nothingDecided } from "./recovery.ts";
import type { Settled } from "./settle-queue.ts";
import type { Reader, RunState } from "./snapshot.ts";
import { thinOut } from "./thin-out.ts";

export interface Pipeline {
  /**
   * Takes bytes from a link; `ack` fires after the group commit. With an error when they are neither safe nor judged: nobody wears the device, or the
   * house closes.
   */
  offer(chunk: Chunk, ack: (error?: GatewayError) => void): void;
  /** Feeds a person's journal again from the last snapshot; call before the links open. */
  recover(person: string): Promise<{ records: number; lost: readonly LostStretch[] }>;
  advance(nowUs: number): void;
  /** The axis has been put right; from the next chunk on everybody's river begins anew on it. */
  axisMoved(): void;
  /** Ends a person's run here (someone else wears the device from now on). */
  snapshot(person: string): Promise<void>;
  /** What models have learnt of a person, to be looked at; nothing of one whom nobody has heard of. */
  learnt(person: string): ReturnType<PersonRiver["learnt"]>;
  counters(device: string): DriverInstance["counters"] | undefined;
  /** How the time of every stream stands that somebody wears. */
  timings(): StreamTiming[];
  /** What became of the device's bytes; undefined while nobody wears it or none have come. */
  reception(device: string): Reception | undefined;
  /** A recording ends: everything is decided, and what is packed for the twin goes with it. */
  end(person: string): Promise<void>;
  /** Decides what has been journalled by now and keeps every person's state. */
  close(): Promise<void>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const runs = new Map<string, PersonRun>();
  /** Whose record is being read back: only their part is silent meanwhile. */
  const recovering = new Set<string>();
  let isClosed = false;

  const readerOf = readersOf(options);

  /** One person's trouble is told and stays there (law 5); the record is in the journal for whoever looks into it. */
  const contained = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.fault"));
    }
  };

  const keeping = createKeeping({ store: options.store, listener: options.listener, readerOf, contained });

  const openRun = (id: string, saved?: RunState): PersonRun => {
    const base = options.person(id);
    const run: PersonRun = {
      id,
      drivers: createPersonDrivers(options.driverOf, saved?.drivers),
      decided: nothingDecided,
      known: undefined,
      ...{ position: 0, takenUs: 0, taken: [], markPosition: 0 },
      ...{ stamps: saved?.stamps, isAxisMoved: false },
      ...{ snapshotAtUs: 0, snapshot: undefined, hasUnread: false, refused: new Set<string>() },
      ...{ pending: [], underway: [] },
      decider: createDecider({
        person: id,
        ...options.decider(id),
        anchor: (device, stream) => run.river.anchor(device, stream),
        fresh: (event) => run.known?.fresh(event) ?? [event],
        saved: saved?.decider,
      }),
      river: createPerson({
        ...base,
        submit: (model, tensors, settled) => base.submit(model, tensors, (outcome) => contained(() => settled(outcome))),
        ...(saved === undefined ? {} : { saved: saved.person }),
        onPlaced: (descriptor, placed) => {
          if (!recovering.has(id) && !isClosed) base.onPlaced?.(descriptor, placed);
        },
        onSamples: (...of) => contained(() => run.decider.samples(...of)),
        onPartFault: (part, cause) =>
          options.listener.onFault(new GatewayError("analysis.fault", "bug", "a part of the analysis failed", { cause, fields: { part } })),
        onSettled: (settled) => contained(() => settle(run, settled)),
      }),
    };
    runs.set(id, run);
    return run;
  };

  const settle = (run: PersonRun, settled: Settled) => {
    const isHistory = !isAfter(settled, run.decided);
    const decided = run.decider.settle(settled, options.nowUs(settled), isHistory);
    if (isHistory) return;
    if (run.pending.length === 0) queueMicrotask(() => keeping.commit(run));
    run.pending.push(decided);
    if (!recovering.has(run.id) && settled.past === undefined) options.listener.onSettled?.(run.id, settled, decided);
  };

  /** What was let go on the old axis stays as it was marked; no mark of it counts for what follows. */
  const renewAxis = (run: PersonRun, timeUs: number) => {
    run.river.renewAxis();
    if (run.decided.timeUs > timeUs)
      run.river.checkpoint(() => {
        run.decided = nothingDecided;
      });
    const [own] = run.taken.splice(0).reverse();
    run.markPosition = Math.max(run.markPosition, run.position - 1);
    run.takenUs = timeUs;
    run.snapshotAtUs = timeUs;
    if (own !== undefined) run.taken.push({ position: own.position, timeUs });
    if (!recovering.has(run.id) && !isClosed) keeping.keep(run);
  };

  const deliver = (run: PersonRun, chunk: Chunk) => {
    contained(() => {
      const { timeUs, monotonicUs } = chunk.stamps;
      if (isNewAxis(run.stamps ?? { timeUs: run.river.newest.releasedUs, monotonicUs: Infinity }, chunk.stamps)) renewAxis(run, timeUs);
      run.stamps = { timeUs, monotonicUs };
      run.isAxisMoved = false;
      run.river.advance(timeUs);
      for (const block of run.drivers.decode(chunk)) run.river.push(block);
    });
    run.drivers.answer(chunk.device, recovering.has(run.id) ? undefined : options.listener);
  };

  const runOf = (device: string) => {
    const wearer = options.personOf(device, Number.MAX_SAFE_INTEGER);
    return wearer === undefined ? undefined : runs.get(wearer);
  };

  const recover = createRecover({ ...options, keeping, readerOf, openRun, takeIn, deliver });

  return {
    offer(chunk, ack) {
      const { timeUs } = chunk.stamps;
      const person = options.personOf(chunk.device, timeUs);
      const run = person === undefined ? undefined : (runs.get(person) ?? openRun(person));
      run?.underway.push(timeUs);
      options.journal.offer(person ?? "unassigned", chunk, (error, position) => {
        const isJudged = run !== undefined && !isClosed;
        ack(isJudged && error?.kind !== "bug" ? undefined : error);
        // What the journal takes while the house closes is fed at the next start; its models are going.
        if (run === undefined || isClosed) return;
        run.underway.shift();
        if (error === undefined) takeIn(run, position, timeUs);
        deliver(run, chunk);
        const isTurn = noteKept(run, chunk, error === undefined);
        if (error === undefined && isTurn) options.listener.onKept?.(run.id, chunk);
        if (error !== undefined) options.listener.onNotKept?.(run.id, chunk, error);
        keeping.keepWhenDue(run, timeUs, error !== undefined, isTurn);
      });
    },
    async recover(person) {
      recovering.add(person);
      return recover(person).finally(() => recovering.delete(person));
    },
    advance(nowUs) {
      for (const { river, underway, isAxisMoved } of runs.values())
        if (!isAxisMoved) contained(() => river.advance(Math.min(nowUs, underway[0] ?? nowUs)));
    },
    axisMoved() {
      for (const run of runs.values()) run.isAxisMoved = true;
    },
    async snapshot(person) {
      const run = runs.get(person);
      if (run !== undefined) await keeping.keepNow(run);
    },
    learnt: (person) => runs.get(person)?.river.learnt() ?? [],
    counters: (device) => runOf(device)?.drivers.counters(device),
    reception: (device) => runOf(device)?.drivers.reception(device),
    timings: () => [...runs.values()].flatMap(({ river }) => river.timings()),
    async end(person) {
      const run = runs.get(person);
      if (run === undefined) return;
      run.river.end();
      await options.idle();
      await keeping.commit(run, { outbox: run.decider.flush(), urgent: true });
    },
    async close() {
      isClosed = true;
      await options.idle();
      for (const run of runs.values()) await keeping.keepNow(run);
    },
  };
}

function takeIn(run: PersonRun, position: number, timeUs: number): void {
  run.position = position;
  run.takenUs = Math.max(run.takenUs, timeUs);
  run.taken.push({ position, timeUs: run.takenUs });
  thinOut(run.taken);
}

/** True where the journal begins to refuse a channel, or to take it again. */
function noteKept({ refused }: PersonRun, { device, channel }: Chunk, isKept: boolean): boolean {
  if (isKept && refused.size === 0) return false;
  const key = `${device}/${channel}`;
  const wasRefused = refused.has(key);
  if (isKept) refused.delete(key);
  else refused.add(key);
  return wasRefused === isKept;
}

/** Who can read a person's snapshot: the models and drivers that are there now. */
function readersOf({ person, driverOf }: Pick<PipelineOptions, "person" | "driverOf">): (id: string) => Reader {
  const driverName = (device: string) => driverOf(device)?.driver.name ?? "";
  return (id) => {
    const { models: specs, versions } = person(id);
    return { specs, driverName, modelVersion: (model) => versions[model] ?? "" };
  };
}
