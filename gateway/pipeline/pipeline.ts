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

import type { Chunk, Driver, DriverInstance } from "../../device-drivers/contract/driver.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { PersonCommit, Snapshot, Store, Watermark } from "../store/store-port.ts";
import type { StreamTiming } from "../stream/clock/stream-timing.ts";
import { tickUs } from "../stream/order.ts";
import { createDecider, type Decided, rowsOf } from "./decide.ts";
import type { Lane } from "./lane.ts";
import type { PipelineListener } from "./listener.ts";
import { isNewAxis } from "./new-axis.ts";
import { createPerson, type PersonOptions } from "./person.ts";
import { createPersonDrivers } from "./person-drivers.ts";
import type { Reception } from "./reception.ts";
import {
  afterBegin,
  createKnown,
  createRecordWatch,
  type FedFrom,
  feedFrom,
  isAfter,
  knownBeforeUs,
  type LostStretch,
  nothingDecided,
  type RecordWatch,
  sourcesOf,
} from "./recovery.ts";
import type { Settled } from "./settle-queue.ts";
import { fromBytes, type LaneState, type Reader, type Restored, toBytes } from "./snapshot.ts";
import { thinOut } from "./thin-out.ts";
import { type WarmUpOptions, warmUp } from "./warm-up.ts";

/** Later than any signal. */
const everUs = 8e15;
/** How often a person's whole state is kept. Recovery feeds at most this much of the journal again. */
const snapshotUs = 300_000_000;
/** How often it is kept while the journal refuses: no mark may run further ahead of what a restart can read. */
const unreadSnapshotUs = 10_000_000;
/** After feeding this many records again the state is kept at once. */
const refedEnough = 1000;
/** Records fed again before recovery waits for the models: no window may time out only because many are asked at once. */
const recoveryStep = 50;

export interface PipelineOptions {
  readonly journal: Journal;
  readonly store: Pick<Store, "commit" | "mark" | "events">;
  /** The driver of a device, loaded before its first byte. */
  readonly driverOf: (device: string) => { driver: Driver; options: unknown } | undefined;
  readonly personOf: (device: string, atUs: number) => string | undefined;
  /** What parts that begin afresh are fed; without it they are fed nothing. */
  readonly blocks?: (person: string, ...of: Parameters<WarmUpOptions["blocks"]>) => ReturnType<WarmUpOptions["blocks"]>;
  readonly person: (id: string) => Omit<PersonOptions, "onSettled" | "onPartFault" | "saved">;
  readonly decider: (id: string) => Pick<Parameters<typeof createDecider>[0], "flushS" | "alerts">;
  readonly idle: () => Promise<void>;
  /** When a settled item is decided. */
  readonly nowUs: (settled: Pick<Settled, "releasedUs">) => number;
  readonly listener: PipelineListener;
}

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
  /** Ends a person's lane here (someone else wears the device from now on). */
  snapshot(person: string): Promise<void>;
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
  const lanes = new Map<string, Lane>();
  /** Whose record is being read back: only their part is silent meanwhile. */
  const recovering = new Set<string>();
  let isClosed = false;

  const readerOf = (id: string): Reader => {
    const { models: specs, versions } = options.person(id);
    const driverName = (device: string) => options.driverOf(device)?.driver.name ?? "";
    return { specs, driverName, modelVersion: (model) => versions[model] ?? "" };
  };

  const openLane = (id: string, saved?: LaneState): Lane => {
    const base = options.person(id);
    const lane: Lane = {
      id,
      drivers: createPersonDrivers(options.driverOf, saved?.drivers),
      decided: nothingDecided,
      known: undefined,
      ...{ position: 0, takenUs: 0, taken: [], markPosition: 0 },
      stamps: saved?.stamps,
      isAxisMoved: false,
      snapshotAtUs: 0,
      snapshot: undefined,
      pending: [],
      underway: [],
      hasUnread: false,
      decider: createDecider({
        person: id,
        ...options.decider(id),
        anchor: (device, stream) => lane.river.anchor(device, stream),
        fresh: (event) => lane.known?.fresh(event) ?? [event],
        saved: saved?.decider,
      }),
      river: createPerson({
        ...base,
        submit: (model, tensors, settled) => base.submit(model, tensors, (outcome) => contained(() => settled(outcome))),
        ...(saved === undefined ? {} : { saved: saved.person }),
        onPlaced: (descriptor, placed) => {
          if (!recovering.has(id) && !isClosed) base.onPlaced?.(descriptor, placed);
        },
        onPartFault: (part, cause) =>
          options.listener.onFault(new GatewayError("analysis.fault", "bug", "a part of the analysis failed", { cause, fields: { part } })),
        onSettled: (settled) => contained(() => settle(lane, settled)),
      }),
    };
    lanes.set(id, lane);
    return lane;
  };

  const settle = (lane: Lane, settled: Settled) => {
    const isHistory = !isAfter(settled, lane.decided);
    const decided = lane.decider.settle(settled, options.nowUs(settled), isHistory);
    if (isHistory) return;
    if (lane.pending.length === 0) queueMicrotask(() => commit(lane));
    lane.pending.push(decided);
    if (!recovering.has(lane.id) && settled.past === undefined) options.listener.onSettled?.(lane.id, settled, decided);
  };

  /** Everything settled in this turn of the loop is one commit; an alert in it makes the store write at once. */
  const commit = (lane: Lane, more: { outbox?: OutboxItem[]; urgent?: boolean } = {}): Promise<void> => {
    const pending = lane.pending;
    lane.pending = [];
    const last = pending[pending.length - 1];
    const { snapshot } = lane;
    lane.snapshot = undefined;
    if (last === undefined && snapshot === undefined && more.outbox === undefined) return Promise.resolve();
    const present = pending.filter(({ isPast }) => isPast !== true);
    const changes = present.flatMap((decided) => decided.changes);
    const events = present.flatMap((decided) => decided.events);
    const rows = rowsOf(pending);
    const row: PersonCommit = {
      person: lane.id,
      ...(last === undefined ? {} : { mark: markOf(lane, last) }),
      ...(snapshot === undefined ? {} : { snapshot }),
      ...rows,
      outbox: [...rows.outbox, ...(more.outbox ?? [])],
    };
    if (events.length > 0) options.listener.onEvents(lane.id, events);
    if (rows.stripsDue.length > 0) options.listener.onStripsDue(rows.stripsDue);
    const stored = options.store.commit(row, more.urgent ?? changes.length > 0);
    // The store keeps what the disk refused and tries it again first; the alarm does not wait for that.
    return stored.catch(options.listener.onStoreError).then(() => {
      if (changes.length > 0) options.listener.onAlert(changes);
    });
  };

  /** `done` is called whatever happens: a state that cannot be kept is told, and the one before stays. */
  const keep = (lane: Lane, done?: () => void) => {
    let isUnderway = false;
    contained(() => {
      const drivers = lane.drivers.state();
      const { position, takenUs, stamps } = lane;
      lane.river.checkpoint((person) => {
        contained(() => {
          const state: LaneState = { takenUs, ...(stamps === undefined ? {} : { stamps }), person, decider: lane.decider.state(), drivers };
          lane.snapshot = { position, ordinal: person.ordinal, bytes: toBytes(state, readerOf(lane.id)) };
          if (done === undefined && lane.pending.length === 0) queueMicrotask(() => commit(lane));
        });
        done?.();
      });
      isUnderway = true;
    });
    if (!isUnderway) done?.();
  };

  const takeIn = (lane: Lane, position: number, timeUs: number) => {
    lane.position = position;
    lane.takenUs = Math.max(lane.takenUs, timeUs);
    lane.taken.push({ position, timeUs: lane.takenUs });
    thinOut(lane.taken);
  };

  const markOf = (lane: Lane, last: Pick<Decided, "ordinal" | "releasedUs">): Watermark => {
    for (let next = lane.taken[0]; next !== undefined && next.timeUs <= last.releasedUs; next = lane.taken[0]) {
      lane.markPosition = next.position;
      lane.taken.shift();
    }
    return { ordinal: last.ordinal, timeUs: last.releasedUs, position: lane.markPosition };
  };

  const keepWhenDue = (lane: Lane, nowUs: number, isUnread: boolean) => {
    const sinceUs = lane.snapshotAtUs === 0 ? 0 : nowUs - lane.snapshotAtUs;
    const isDue = isUnread ? !lane.hasUnread || sinceUs >= unreadSnapshotUs : lane.hasUnread || sinceUs >= snapshotUs;
    if (isDue) keep(lane);
    if (isDue || lane.snapshotAtUs === 0) lane.snapshotAtUs = nowUs;
    lane.hasUnread = isUnread;
  };

  /** Resolves when the state is on the disk: what it makes dispensable may be dropped then. */
  const keepNow = (lane: Lane) => new Promise<void>((resolve) => keep(lane, () => resolve((async () => commit(lane, { urgent: true }))())));

  /** One person's trouble is told and stays there (law 5); the record is in the journal for whoever looks into it. */
  const contained = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.fault"));
    }
  };

  /** What was let go on the old axis stays as it was marked; no mark of it counts for what follows. */
  const renewAxis = (lane: Lane, timeUs: number) => {
    lane.river.renewAxis();
    if (lane.decided.timeUs > timeUs)
      lane.river.checkpoint(() => {
        lane.decided = nothingDecided;
      });
    const [own] = lane.taken.splice(0).reverse();
    lane.markPosition = Math.max(lane.markPosition, lane.position - 1);
    lane.takenUs = timeUs;
    lane.snapshotAtUs = timeUs;
    if (own !== undefined) lane.taken.push({ position: own.position, timeUs });
    if (!recovering.has(lane.id) && !isClosed) keep(lane);
  };

  const deliver = (lane: Lane, chunk: Chunk) => {
    contained(() => {
      const { timeUs, monotonicUs } = chunk.stamps;
      if (isNewAxis(lane.stamps ?? { timeUs: lane.river.newest.releasedUs, monotonicUs: Infinity }, chunk.stamps)) renewAxis(lane, timeUs);
      lane.stamps = { timeUs, monotonicUs };
      lane.isAxisMoved = false;
      lane.river.advance(timeUs);
      for (const block of lane.drivers.decode(chunk)) lane.river.push(block);
    });
    if (recovering.has(lane.id)) return;
    for (const { channel, bytes } of lane.drivers.replies(chunk.device)) options.listener.onReply(chunk.device, channel, bytes);
  };

  const laneOf = (device: string) => {
    const wearer = options.personOf(device, Number.MAX_SAFE_INTEGER);
    return wearer === undefined ? undefined : lanes.get(wearer);
  };

  /** The state of the last run; fresh stages where nobody can read it any more. */
  const restore = (person: string, snapshot: Snapshot | undefined): { lane: Lane; state?: FedFrom; restored?: Restored } => {
    if (snapshot === undefined) return { lane: openLane(person) };
    try {
      const restored = fromBytes(snapshot.bytes, readerOf(person));
      const saved = restored.state;
      const lane = openLane(person, saved);
      return { lane, restored, state: { position: snapshot.position, timeUs: saved.takenUs ?? saved.person.advancedUs + tickUs } };
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.snapshot_unreadable"));
      return { lane: openLane(person) };
    }
  };

  /** The lane with its fresh parts fed what came before; as it is where that cannot be read. */
  const warmed = async (lane: Lane, restored: Restored | undefined, toUs: number): Promise<Lane> => {
    const { blocks } = options;
    if (restored === undefined || restored.fresh.length === 0 || blocks === undefined) return lane;
    const blocksOf: WarmUpOptions["blocks"] = (device, span) => blocks(lane.id, device, span);
    try {
      return openLane(lane.id, await warmUp(restored, { ...options.person(lane.id), reader: readerOf(lane.id), blocks: blocksOf, toUs }));
    } catch (thrown) {
      options.listener.onFault(toGatewayError(thrown, "river.journal_unreadable"));
      return lane;
    }
  };

  const feed = async (lane: Lane, watch: RecordWatch): Promise<number> => {
    let records = 0;
    try {
      for await (const record of options.journal.read(lane.id, lane.position + 1)) {
        watch.see(record);
        takeIn(lane, record.position, record.chunk.stamps.timeUs);
        deliver(lane, record.chunk);
        if (++records % recoveryStep === 0) await options.idle();
      }
    } catch (thrown) {
      // Unreadable from here on; whoever lives here is watched all the same.
      options.listener.onFault(toGatewayError(thrown, "river.journal_unreadable"));
    }
    await options.idle();
    return records;
  };

  const lose = (lane: Lane, stretches: readonly LostStretch[], markUs: number) => {
    const stored = lane.known?.events ?? [];
    lane.known = createKnown(stored, stretches);
    const { newest } = lane.river;
    const at = { ordinal: newest.ordinal, releasedUs: Math.max(newest.releasedUs, markUs) };
    const streams = lane.river.streams.length > 0 ? lane.river.streams : sourcesOf(stored);
    lane.pending.push(lane.decider.lose({ stretches, streams, stored }, at, options.nowUs(at)));
  };

  return {
    offer(chunk, ack) {
      const { timeUs } = chunk.stamps;
      const person = options.personOf(chunk.device, timeUs);
      const lane = person === undefined ? undefined : (lanes.get(person) ?? openLane(person));
      lane?.underway.push(timeUs);
      options.journal.offer(person ?? "unassigned", chunk, (error, position) => {
        const isJudged = lane !== undefined && !isClosed;
        ack(isJudged && error?.kind !== "bug" ? undefined : error);
        // What the journal takes while the house closes is fed at the next start; its models are going.
        if (lane === undefined || isClosed) return;
        lane.underway.shift();
        if (error === undefined) takeIn(lane, position, timeUs);
        deliver(lane, chunk);
        if (error === undefined && lane.hasUnread) options.listener.onKept?.(lane.id);
        if (error !== undefined) options.listener.onNotKept?.(lane.id, chunk);
        keepWhenDue(lane, timeUs, error !== undefined);
      });
    },
    async recover(person) {
      const { mark, snapshot } = await options.store.mark(person);
      recovering.add(person);
      try {
        const { lane: cold, state, restored } = restore(person, snapshot);
        const from = await feedFrom(options.journal, person, { mark, state, wasKept: snapshot !== undefined });
        const stored =
          mark === undefined ? [] : await options.store.events(person, Math.min(from.timeUs, mark.timeUs) - knownBeforeUs, everUs);
        const lane = await warmed(cold, restored, from.timeUs);
        const begin = state === undefined ? afterBegin(from, stored) : from;
        const watch = createRecordWatch(begin, mark, Math.max(mark?.position ?? 0, snapshot?.position ?? 0));
        Object.assign(lane, { position: from.position, markPosition: from.position, takenUs: from.timeUs });
        lane.decided = mark ?? lane.decided;
        lane.known = createKnown(stored, []);
        const records = await feed(lane, watch);
        // What the last run decided behind the newest record it decided by time alone; from here on everything is of the present.
        if (mark !== undefined) lane.river.advance(lane.decided.timeUs);
        await options.idle();
        const { newest } = lane.river;
        if (!isAfter(newest, lane.decided)) lane.decided = { ...lane.decided, ordinal: newest.ordinal, timeUs: newest.releasedUs };
        const lost = watch.end();
        if (lost.length > 0) lose(lane, lost, mark?.timeUs ?? 0);
        // A home that falls often must not feed a longer journal each time. Written at once: the doors wait for this.
        if (records >= refedEnough || lost.length > 0 || from.position < (snapshot?.position ?? 0)) keep(lane);
        await commit(lane, { urgent: true });
        return { records, lost };
      } finally {
        recovering.delete(person);
      }
    },
    advance(nowUs) {
      for (const { river, underway, isAxisMoved } of lanes.values())
        if (!isAxisMoved) contained(() => river.advance(Math.min(nowUs, underway[0] ?? nowUs)));
    },
    axisMoved() {
      for (const lane of lanes.values()) lane.isAxisMoved = true;
    },
    async snapshot(person) {
      const lane = lanes.get(person);
      if (lane !== undefined) await keepNow(lane);
    },
    counters: (device) => laneOf(device)?.drivers.counters(device),
    reception: (device) => laneOf(device)?.drivers.reception(device),
    timings: () => [...lanes.values()].flatMap(({ river }) => river.timings()),
    async end(person) {
      const lane = lanes.get(person);
      if (lane === undefined) return;
      lane.river.end();
      await options.idle();
      await commit(lane, { outbox: lane.decider.flush(), urgent: true });
    },
    async close() {
      isClosed = true;
      await options.idle();
      for (const lane of lanes.values()) await keepNow(lane);
    },
  };
}
