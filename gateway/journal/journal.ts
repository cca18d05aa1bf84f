/**
 * The journal on the main thread: collects offers into one batch per lane, posts one message a commit, and calls back in order.
 * Owns the bounded buffer; never touches a segment for writing.
 */

import { join } from "node:path";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type FilePort, systemFiles } from "../runtime/file-port.ts";
import { createGroupWriter, errorOf, type Refusal, refuseAll } from "./group-writer.ts";
import type { DropRequest, LaneOutcome } from "./journal-core.ts";
import type { Journal, JournalFigures, Lane, Position } from "./journal-port.ts";
import { type BatchEncoder, createBatchEncoder, originOf, type StampOrigin } from "./record-codec.ts";
import { loadKey } from "./seal.ts";
import { isLaneName, type LaneEnd, listSegments } from "./segment-catalog.ts";
import { readSegments } from "./segment-reader.ts";
import { createSourceIds } from "./source-ids.ts";
import { type JournalBackend, startLocalBackend, startWorkerBackend } from "./worker-backend.ts";

export interface JournalOptions {
  /** Folder of the segments, one folder a lane inside. */
  readonly dir: string;
  /** Folder of the lanes' keys (0700); never inside `dir`. */
  readonly keysDir: string;
  readonly clock: Clock;
  /** Boot of the gateway; stands in every record. */
  readonly bootId: string;
  /** Longest time an offer waits for its group; at most 50. Longer = fewer writes, later acknowledgements. */
  readonly commitMs?: number;
  /** Offered and not yet committed bytes above which `room()` waits. */
  readonly maxWaitingBytes?: number;
  readonly maxSegmentBytes?: number;
  /**
   * Called when the disk refuses a group; true = it may take it now, and the group is tried once more before anyone is told. Must not wait for the
   * journal's own commits.
   */
  readonly makeRoom?: (error: GatewayError) => Promise<boolean>;
  /** A file system to use on the caller's thread instead of the real one in the worker. */
  readonly files?: FilePort;
}

export interface OpenJournal extends Journal {
  /** What opening had to repair, one sentence each. */
  readonly repairs: readonly string[];
  /** What can't be read any more and was set aside, one sentence each. */
  readonly damaged: readonly string[];
  /** Commits what waits now. */
  flush(): Promise<void>;
  /** Drops a lane's whole days before `day` (YYYY-MM-DD); its newest day always stays. */
  dropBefore(lane: Lane, day: string): Promise<void>;
  /** Drops the oldest decided segments and returns the bytes that gave back; may be called from `makeRoom`. */
  dropDecided(request: DropRequest): Promise<number>;
  /** With an error every group is refused with it, and the disk is not touched; undefined = it is tried again. */
  hold(error: Refusal | undefined): void;
}

type Done = (error: GatewayError | undefined, position: Position) => void;

interface WaitingBatch {
  readonly encoder: BatchEncoder;
  readonly dones: Done[];
  bytes: number;
}

const defaultCommitMs = 20;
const longestCommitMs = 50;
const defaultWaitingBytes = 16 << 20;
const firstBatchBytes = 4096;

/** Opens the journal; rejects with `journal.io` or `journal.key_bad` where the folders can't be used. */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  const { dir, keysDir, bootId, files, maxSegmentBytes } = options;
  const core = { dir, keysDir, bootId, ...(maxSegmentBytes === undefined ? {} : { maxSegmentBytes }) };
  const backend = files === undefined ? await startWorkerBackend(core) : startLocalBackend({ ...core, files });
  return createJournal(backend, options);
}

function createJournal(backend: JournalBackend, options: JournalOptions): OpenJournal {
  const { dir, keysDir, clock, files = systemFiles() } = options;
  const commitMs = Math.min(options.commitMs ?? defaultCommitMs, longestCommitMs);
  const maxWaitingBytes = options.maxWaitingBytes ?? defaultWaitingBytes;
  const ends = new Map<Lane, LaneEnd>(backend.opened.ends);
  const sources = createSourceIds();
  const write = createGroupWriter(backend, options.makeRoom);
  let batches = new Map<Lane, WaitingBatch>();
  let batchBytes = 0;
  let waitingBytes = 0;
  let origin: StampOrigin | undefined;
  const waiters: (() => void)[] = [];
  let cancelTimer: (() => void) | undefined;
  let inFlight: Promise<void> | undefined;
  let isDue = false;
  let isClosed = false;
  let failing: GatewayError | undefined;
  let held: Refusal | undefined;
  const totals = { recordsTotal: 0, payloadBytesTotal: 0, writtenBytesTotal: 0, commitsTotal: 0 };

  function commitWhenFree(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (batches.size === 0) return;
    isDue = true;
    inFlight ??= commitNow();
  }

  async function commitNow(): Promise<void> {
    isDue = false;
    const taken = batches;
    const request = {
      origin: origin ?? { axisUs: 0, wallUs: 0 },
      // While it is held nobody learns of them: they go with the next group that is written.
      newSources: held === undefined ? sources.takeNew() : [],
      batches: [...taken.values()].map(({ encoder }) => encoder.take()),
    };
    batches = new Map();
    batchBytes = 0;
    const reply = await (held === undefined ? write(request) : Promise.resolve(refuseAll(request, held)));
    inFlight = undefined;
    totals.writtenBytesTotal += reply.writtenBytes;
    totals.commitsTotal += 1;
    failing = undefined;
    const lastTimes = new Map(request.batches.map(({ lane, maxTimeUs }) => [lane, maxTimeUs]));
    for (const outcome of reply.outcomes) settle(outcome, taken.get(outcome.lane), lastTimes.get(outcome.lane) ?? 0);
    if (waitingBytes <= maxWaitingBytes) for (const wake of waiters.splice(0)) wake();
    if (isDue) commitWhenFree();
  }

  function settle(outcome: LaneOutcome, batch: WaitingBatch | undefined, timeUs: number): void {
    if (batch === undefined) return;
    waitingBytes -= batch.bytes;
    if (outcome.kind === "failed") {
      const error = errorOf(outcome);
      failing = error;
      for (const done of batch.dones) done(error, 0);
      return;
    }
    totals.recordsTotal += batch.dones.length;
    totals.payloadBytesTotal += batch.bytes;
    ends.set(outcome.lane, { position: outcome.firstPosition + batch.dones.length - 1, timeUs });
    let position = outcome.firstPosition;
    for (const done of batch.dones) done(undefined, position++);
  }

  async function flush(): Promise<void> {
    while (batches.size > 0 || inFlight !== undefined) {
      commitWhenFree();
      await inFlight;
    }
  }

  async function* read(lane: Lane, span: { fromPosition: number; fromTimeUs?: number }) {
    const end = ends.get(lane);
    if (end === undefined || end.position === 0) return;
    const key = loadKey(files, keysDir, lane);
    yield* readSegments(listSegments(files, join(dir, lane)), key, { ...span, toPosition: end.position });
  }

  return {
    repairs: backend.opened.repairs,
    damaged: backend.opened.damaged,
    async room() {
      while (waitingBytes > maxWaitingBytes && !isClosed) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    offer(lane, chunk, done) {
      if (isClosed || !isLaneName(lane)) {
        const code = isClosed ? "journal.closed" : "journal.bad_lane";
        done(new GatewayError(code, "bug", isClosed ? "the journal is closed" : `${lane} can't be a lane`), 0);
        return;
      }
      origin ??= originOf(chunk);
      let batch = batches.get(lane);
      if (batch === undefined) {
        batch = { encoder: createBatchEncoder(lane, origin, firstBatchBytes), dones: [], bytes: 0 };
        batches.set(lane, batch);
      }
      batch.encoder.add(chunk, sources.idOf(chunk));
      batch.dones.push(done);
      batch.bytes += chunk.bytes.length;
      batchBytes += chunk.bytes.length;
      waitingBytes += chunk.bytes.length;
      // A full buffer doesn't wait for the timer: under a virtual clock nobody else would empty it.
      if (batchBytes >= maxWaitingBytes / 2) commitWhenFree();
      else if (!isDue) cancelTimer ??= clock.after(commitMs, commitWhenFree);
    },
    read: (lane, from) => read(lane, { fromPosition: from }),
    async seek(lane, timeUs) {
      for await (const { position } of read(lane, { fromPosition: 1, fromTimeUs: timeUs })) return position;
      return undefined;
    },
    async last(lane) {
      const end = ends.get(lane);
      return end === undefined || end.position === 0 ? undefined : end;
    },
    lanes: async () => [...ends.keys()].sort(),
    async forget(lane) {
      await flush();
      ends.delete(lane);
      await backend.forget(lane);
    },
    async dropBefore(lane, day) {
      await flush();
      await backend.dropBefore(lane, day);
    },
    dropDecided: (request) => backend.dropDecided(request),
    hold(error) {
      held = error;
    },
    flush,
    figures(): JournalFigures {
      return { ...totals, waitingBytes, ...(failing === undefined ? {} : { failing }) };
    },
    async close() {
      isClosed = true;
      cancelTimer?.();
      await flush();
      for (const wake of waiters.splice(0)) wake();
      await backend.close();
    },
  };
}
