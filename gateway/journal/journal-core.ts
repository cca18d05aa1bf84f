/** The writing half of the journal: group commits of all lanes, one frame and one fdatasync a lane. Runs in the worker, tested in-process. */

import { dirname, join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type FilePort, systemFiles } from "../runtime/file-port.ts";
import { createLaneWriter, type LaneWriter } from "./lane-writer.ts";
import type { LaneBatch, Source, StampOrigin } from "./record-codec.ts";
import { ensureKey, keyPath } from "./seal.ts";
import { decidedSegments, forgottenPrefix, type LaneEnd, listDays, listLanes, repairLane } from "./segment-catalog.ts";
import { asideOf, setUnreadableAside } from "./unreadable-lanes.ts";

export interface CommitRequest {
  readonly origin: StampOrigin;
  /** Sources that no request before named. */
  readonly newSources: readonly Source[];
  readonly batches: readonly LaneBatch[];
}

export type LaneOutcome =
  | { readonly lane: string; readonly kind: "committed"; readonly firstPosition: number }
  | {
      readonly lane: string;
      readonly kind: "failed";
      /** `journal.disk_full`, `journal.io`, `journal.key_bad` */
      readonly code: string;
      readonly message: string;
      /** What was refused, to be tried again. */
      readonly batch?: LaneBatch;
    };

export interface CommitReply {
  readonly outcomes: readonly LaneOutcome[];
  /** Bytes handed to write by this commit, headers, seals and checksums included; also those of a group whose fdatasync failed. */
  readonly writtenBytes: number;
}

export interface OpenReply {
  readonly ends: readonly (readonly [lane: string, end: LaneEnd])[];
  readonly repairs: readonly string[];
  /** What can't be read any more and was set aside, one sentence each. */
  readonly damaged: readonly string[];
}

export interface DropRequest {
  /** By lane: the newest position that will not be read again to decide anything. */
  readonly decided: readonly (readonly [lane: string, position: number])[];
  readonly wantedBytes: number;
  readonly leastBytes: number;
}

interface JournalCore {
  readonly opened: OpenReply;
  commit(request: CommitRequest): Promise<CommitReply>;
  /** Drops whole days before `day` (YYYY-MM-DD), but never the lane's newest, which carries its position. */
  dropBefore(lane: string, day: string): void;
  /** Drops the oldest decided segments; returns how many bytes that gave back. Nothing where even all of them are less than `leastBytes`. */
  dropDecided(request: DropRequest): number;
  forget(lane: string): void;
  close(): void;
}

export interface JournalCoreOptions {
  readonly dir: string;
  readonly keysDir: string;
  readonly bootId: string;
  readonly maxSegmentBytes?: number;
  readonly files?: FilePort;
  readonly randomBytes: (count: number) => Uint8Array;
}

const defaultSegmentBytes = 8 << 20;

/** Opens the folder, finishing what a crash left: torn groups are cut off, half-forgotten lanes are forgotten. */
export function openJournalCore(options: JournalCoreOptions): JournalCore {
  const { dir, keysDir, bootId, randomBytes, files = systemFiles() } = options;
  files.makeFolder(dir, 0o700);
  for (const name of files.list(dir)) if (name.startsWith(forgottenPrefix)) finishForgetting(name.slice(forgottenPrefix.length));
  const damaged: string[] = [];
  setUnreadableAside({ files, dir, keysDir }, (what) => damaged.push(what));
  const repairs: string[] = [];
  const ends = new Map<string, LaneEnd>();
  for (const lane of listLanes(files, dir))
    ends.set(
      lane,
      repairLane(files, join(dir, lane), (what) => repairs.push(`${lane}: ${what}`)),
    );
  const opened = { ends: [...ends], repairs, damaged };
  const writers = new Map<string, LaneWriter>();
  const sources = new Map<number, Source>();

  function finishForgetting(lane: string): void {
    // The key goes first: from here on the records are unreadable, whatever happens to the folder.
    files.remove(keyPath(keysDir, lane));
    if (files.exists(keysDir)) files.syncFolder(keysDir);
    files.removeTree(join(dir, `${forgottenPrefix}${lane}`));
    for (const path of asideOf({ files, dir, keysDir }, lane)) files.removeTree(path);
    files.syncFolder(dir);
  }

  function writerOf(lane: string): LaneWriter {
    const present = writers.get(lane);
    if (present !== undefined) return present;
    const laneDir = join(dir, lane);
    const key = ensureKey(files, keysDir, lane, randomBytes);
    files.makeFolder(laneDir, 0o700);
    const nextPosition = (ends.get(lane)?.position ?? 0) + 1;
    const maxSegmentBytes = options.maxSegmentBytes ?? defaultSegmentBytes;
    const writer = createLaneWriter({ files, laneDir, lane, key, bootId, randomBytes, maxSegmentBytes, nextPosition });
    writers.set(lane, writer);
    return writer;
  }

  return {
    opened,
    async commit(request) {
      for (const source of request.newSources) sources.set(source.id, source);
      let writtenBytes = 0;
      const commitLane = async (batch: LaneBatch): Promise<LaneOutcome> => {
        const { lane } = batch;
        let writer: LaneWriter | undefined;
        let isAppended = false;
        try {
          writer = writerOf(lane);
          writtenBytes += writer.append(batch, (id) => sources.get(id), request.origin);
          isAppended = true;
          await writer.sync();
          return { lane, kind: "committed", firstPosition: writer.confirm() };
        } catch (error) {
          if (isAppended) takeBack(writer);
          return { lane, kind: "failed", ...classify(error), batch };
        }
      };
      // Appends run one after the other up to their sync; the syncs of all lanes are then under way together.
      const outcomes = await Promise.all(request.batches.map(commitLane));
      return { outcomes, writtenBytes };
    },
    dropBefore(lane, day) {
      const laneDir = join(dir, lane);
      const newest = listDays(files, laneDir).at(-1);
      for (const old of listDays(files, laneDir)) if (old < day && old !== newest) files.removeTree(join(laneDir, old));
    },
    dropDecided({ decided, wantedBytes, leastBytes }) {
      const segments = decidedSegments(files, dir, decided);
      if (segments.reduce((sum, { bytes }) => sum + bytes, 0) < leastBytes) return 0;
      let droppedBytes = 0;
      for (const { path, bytes } of segments) {
        if (droppedBytes >= wantedBytes) break;
        files.remove(path);
        droppedBytes += bytes;
        if (files.list(dirname(path)).length === 0) files.removeTree(dirname(path));
      }
      return droppedBytes;
    },
    forget(lane) {
      writers.get(lane)?.close();
      writers.delete(lane);
      ends.delete(lane);
      const laneDir = join(dir, lane);
      // The new name is the decision: after a crash the next opening goes on from it.
      if (files.exists(laneDir)) files.rename(laneDir, join(dir, `${forgottenPrefix}${lane}`));
      files.syncFolder(dir);
      finishForgetting(lane);
    },
    close() {
      for (const writer of writers.values()) writer.close();
      writers.clear();
    },
  };
}

function takeBack(writer: LaneWriter | undefined): void {
  try {
    writer?.undo();
  } catch {
    // Remembered by the writer, which tries again before its next append.
  }
}

function classify(error: unknown): { code: string; message: string } {
  if (error instanceof GatewayError) return { code: "journal.key_bad", message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return { code: code === "ENOSPC" || code === "EDQUOT" ? "journal.disk_full" : "journal.io", message };
}
