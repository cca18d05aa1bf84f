/** The store on the main thread: sends calls to the core, owns the group's timer, and settles commits. Never touches the file itself. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { toStoreError } from "./database.ts";
import { createGatheredCommits } from "./gathered-commits.ts";
import {
  fromWire,
  type Method,
  type StoreBackend,
  type StoreReply,
  type StoreRequest,
  startStoreLocal,
  startStoreWorker,
} from "./store-call.ts";
import type { StoreCore, StoreOpened } from "./store-core.ts";
import type { PersonCommit, Store, StoreFigures } from "./store-port.ts";

export interface StoreOptions {
  readonly dir: string;
  readonly clock: Clock;
  /** Longest wait of a commit that isn't urgent. Shorter = more bytes written per event. */
  readonly groupMs?: number;
  /** Payload bytes the outbox may hold; beyond it raw rows are dropped first, then semantic, then status; never alerts. */
  readonly maxOutboxBytes?: number;
  /** 8 random bytes for a new epoch; given, the store runs on the caller's thread (tests, replay). */
  readonly epochBytes?: () => Uint8Array;
  /** Largest database in pages of 2 kB, as a full disk would have it. */
  readonly maxPages?: number;
  /**
   * Called when the disk refuses the opening, which is then tried again. Where it is refused once more, the database is opened as it stands, with
   * nothing written: what is committed waits in memory until it can be.
   */
  readonly makeRoom?: () => Promise<void>;
}

type Calls = StoreCore["calls"];

const defaultGroupMs = 10_000;
const defaultOutboxBytes = 1 << 30;
/** Longest time in which commits are gathered on this side; short, so that none of the messages is long. */
const gatherMs = 250;
/** Quiet time after which the log is folded into the database. */
const idleMs = 60_000;

/**
 * Opens or creates the store. `repairs` tells in one sentence each what could not be trusted: a corrupt file set aside, a new outbox epoch; `damaged`
 * has those of them in which something was lost.
 * Rejects `store.newer` on a file of a later version, `store.io` / `store.disk_full` where the folder can't be used; with `makeRoom` only where no
 * database stands there yet or it needs a migration.
 */
export async function openStore(options: StoreOptions): Promise<{ store: Store } & StoreOpened> {
  const { dir, clock, maxPages, epochBytes } = options;
  const maxOutboxBytes = options.maxOutboxBytes ?? defaultOutboxBytes;
  const core = { dir, maxOutboxBytes, openedWallUs: clock.wallUs(), ...(maxPages === undefined ? {} : { maxPages }) };
  const open = async (isUnwritable: boolean) =>
    epochBytes === undefined ? startStoreWorker({ ...core, isUnwritable }) : startStoreLocal({ ...core, isUnwritable, epochBytes });
  const refused = async (error: unknown) => {
    if (options.makeRoom === undefined || toStoreError(error).kind !== "world") throw error;
    await options.makeRoom();
    return open(false).catch(() => open(true));
  };
  const backend = await open(false)
    .catch(refused)
    .catch((error) => {
      throw toStoreError(error);
    });
  return { store: createStore(backend, clock, options.groupMs ?? defaultGroupMs), ...backend.opened };
}

interface Promised {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: GatewayError) => void;
}

function createStore(backend: StoreBackend, clock: Clock, groupMs: number): Store {
  const replies = new Map<number, Promised>();
  /** Each with those that its mark has replaced. */
  const commits = new Map<number, Promised[]>();
  let lastId = 0;
  let figures: StoreFigures = { writtenBytesTotal: 0, transactionsTotal: 0, refusedCommits: 0, heldAlerts: [], position: "" };
  let death: GatewayError | undefined;
  let cancelGroup: (() => void) | undefined;
  let cancelIdle: (() => void) | undefined;
  let cancelGather: (() => void) | undefined;

  const gathered = createGatheredCommits((before, by) => {
    const all = commits.get(before) ?? [];
    all.push(...(commits.get(by) ?? []));
    commits.delete(before);
    commits.set(by, all);
  });

  /** Those that were gathered go first. */
  function send(request?: StoreRequest): void {
    cancelGather?.();
    cancelGather = undefined;
    const waiting = gathered.take();
    if (waiting.length > 0) backend.send({ id: ++lastId, method: "commitAll", args: [waiting] });
    if (request !== undefined) backend.send(request);
  }

  function onReply(reply: StoreReply): void {
    figures = reply.figures;
    for (const { id, error } of reply.settled) {
      for (const { resolve, reject } of commits.get(id) ?? []) {
        if (error === undefined) resolve(undefined);
        else reject(fromWire(error));
      }
      commits.delete(id);
    }
    const promised = replies.get(reply.id);
    replies.delete(reply.id);
    if (reply.error === undefined) promised?.resolve(reply.value);
    else promised?.reject(fromWire(reply.error));
    if (reply.waitingCount > 0 && death === undefined) awaitGroup();
  }

  function awaitGroup(): void {
    cancelGroup ??= clock.after(groupMs, flushGroup);
  }

  backend.listen(onReply, (error) => {
    death ??= error;
    for (const { reject } of [...replies.values(), ...[...commits.values()].flat()]) reject(death);
    replies.clear();
    commits.clear();
  });

  function call<K extends Method>(method: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (death !== undefined) return Promise.reject(death);
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      replies.set(id, { resolve: resolve as (value: unknown) => void, reject });
      send({ id, method, args });
    });
  }

  function flushGroup(): void {
    cancelGroup = undefined;
    cancelIdle?.();
    cancelIdle = clock.after(idleMs, () => void call("tidy").catch(() => undefined));
    // Each commit of the group is told by itself; what the disk refused is tried again with the next group.
    call("flush").catch(() => undefined);
  }

  return {
    commit(commit, urgent = false) {
      if (death !== undefined) return Promise.reject(death);
      const id = ++lastId;
      const promise = new Promise<void>((resolve, reject) => {
        commits.set(id, [{ resolve: () => resolve(), reject }]);
      });
      if (gathered.add({ id, commit }, urgent)) {
        awaitGroup();
        cancelGather ??= clock.after(gatherMs, send);
      } else send({ id, method: "commit", args: [id, compact(commit), urgent] });
      return promise;
    },
    flush: () => call("flush"),
    people: () => call("people"),
    putPerson: (person) => call("putPerson", person),
    devices: () => call("devices"),
    putDevice: (device) => call("putDevice", device),
    wearings: () => call("wearings"),
    wear: (device, person, placement, fromUs) => call("wear", device, person, placement, fromUs),
    mark: (person) => call("mark", person),
    alerts: (query) => call("alerts", query),
    alert: (id) => call("alert", id),
    alertsAfter: (position, lagRows, most) => call("alertsAfter", position, lagRows, most),
    events: (person, fromUs, toUs) => call("events", person, fromUs, toUs),
    coverage: (person, fromUs, toUs) => call("coverage", person, fromUs, toUs),
    stripsDue: () => call("stripsDue"),
    outboxBegin: (limit, skip) => call("outboxBegin", limit, skip),
    outboxNewest: (limit, skip) => call("outboxNewest", limit, skip),
    outboxEnd: (accepted) => call("outboxEnd", accepted),
    outboxFigures: () => call("outboxFigures"),
    outboxOwes: (id) => call("outboxOwes", id),
    getValue: (key) => call("getValue", key),
    putValue: (key, value) => call("putValue", key, Uint8Array.from(value)),
    newestTimeUs: () => call("newestTimeUs"),
    audit: (limit) => call("audit", limit),
    verifyAudit: () => call("verifyAudit"),
    tidy: () => call("tidy"),
    scrub: () => call("scrub"),
    figures: () => figures,
    async close() {
      cancelGroup?.();
      cancelIdle?.();
      await call("close");
      death ??= new GatewayError("store.closed", "operator", "the store is closed");
      await backend.end();
    },
  };
}

/** A message clones the whole buffer under a view, and an encoder's views lie in large shared ones: bytes are sent in buffers of their own. */
function compact(commit: PersonCommit): PersonCommit {
  const { outbox, snapshot, values } = commit;
  return {
    ...commit,
    ...(outbox === undefined ? {} : { outbox: outbox.map((item) => ({ ...item, payload: Uint8Array.from(item.payload) })) }),
    ...(snapshot === undefined ? {} : { snapshot: { ...snapshot, bytes: Uint8Array.from(snapshot.bytes) } }),
    ...(values === undefined ? {} : { values: values.map(({ key, value }) => ({ key, value: Uint8Array.from(value) })) }),
  };
}
