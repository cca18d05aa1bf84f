/**
 * The open segment of one lane: append a frame, make it durable, or take it back so that nothing of it is ever read.
 * A segment belongs to one boot and is never reopened for writing, so its nonces and source numbers have one author.
 */

import { join } from "node:path";
import type { FilePort } from "../runtime/file-port.ts";
import type { LaneBatch, Source, StampOrigin } from "./record-codec.ts";
import { encodeSources } from "./record-codec.ts";
import { createSeal, type Seal } from "./seal.ts";
import { listDays } from "./segment-catalog.ts";
import { checksum, encodeFrameHeader, encodeSegmentHeader, type SegmentHeader, saltBytes } from "./segment-format.ts";

interface LaneWriterOptions {
  readonly files: FilePort;
  readonly laneDir: string;
  readonly lane: string;
  readonly key: Uint8Array;
  readonly bootId: string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly maxSegmentBytes: number;
  readonly nextPosition: number;
}

export interface LaneWriter {
  /** Writes the batch behind what is committed; throws the system's error, having taken the bytes back or remembered that it must. */
  append(batch: LaneBatch, sourceOf: (id: number) => Source | undefined, origin: StampOrigin): number;
  /** Resolves when the appended bytes are on disk. */
  sync(): Promise<void>;
  /** The appended batch counts from now on; returns the position of its first record. */
  confirm(): number;
  /** Takes the appended batch back after a failed sync. */
  undo(): void;
  close(): void;
}

interface OpenSegment {
  readonly fd: number;
  readonly path: string;
  readonly day: string;
  readonly header: SegmentHeader;
  readonly seal: Seal;
  readonly defined: Set<number>;
  /** Where the sources began to be defined anew. */
  definedFromByte: number;
  committedBytes: number;
  serial: number;
}

/** A damaged group costs itself and, if it defined sources, their records up to where they are defined again. */
const defineAgainBytes = 64 << 10;

export function createLaneWriter(options: LaneWriterOptions): LaneWriter {
  const { files, laneDir } = options;
  let segment: OpenSegment | undefined;
  let nextPosition = options.nextPosition;
  let pending: { bytes: number; count: number; sources: readonly number[]; isNew: boolean } | undefined;
  let mustTruncate = false;
  let mustRetire = false;

  function begin(wantedDay: string, firstTimeUs: number, origin: StampOrigin): OpenSegment {
    // Folders are read in order of their names, so a clock that was set back goes on in the newest.
    const newestDay = listDays(files, laneDir).at(-1) ?? wantedDay;
    const day = newestDay > wantedDay ? newestDay : wantedDay;
    const dayDir = join(laneDir, day);
    files.makeFolder(dayDir, 0o700);
    const numbers = files.list(dayDir).map((name) => Number.parseInt(name, 10) || 0);
    const path = join(dayDir, `${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}.seg`);
    const salt = options.randomBytes(saltBytes);
    const { lane, bootId } = options;
    const header = { isSealed: true, salt, firstPosition: nextPosition, baseTimeUs: Math.max(0, firstTimeUs), origin, bootId, lane };
    const seal = createSeal(options.key, salt);
    return { fd: files.create(path), path, day, header, seal, defined: new Set(), definedFromByte: 0, committedBytes: 0, serial: 0 };
  }

  /** After this the segment ends at what is committed; an empty one is gone. Throws while the disk refuses even that. */
  function takeBack(): void {
    mustTruncate = true;
    if (segment === undefined) return;
    files.truncate(segment.fd, segment.committedBytes);
    mustTruncate = false;
    if (segment.committedBytes === 0) files.remove(segment.path);
    if (segment.committedBytes === 0 || mustRetire) retire();
  }

  function retire(): void {
    if (segment !== undefined) files.close(segment.fd);
    segment = undefined;
    mustRetire = false;
  }

  return {
    append(batch, sourceOf, origin) {
      if (mustTruncate) takeBack();
      const day = dayOf(batch.firstTimeUs);
      if (segment !== undefined && (segment.committedBytes >= options.maxSegmentBytes || day > segment.day)) retire();
      segment ??= begin(day, batch.firstTimeUs, origin);
      const isNew = segment.committedBytes === 0;
      if (segment.committedBytes - segment.definedFromByte >= defineAgainBytes) {
        segment.defined.clear();
        segment.definedFromByte = segment.committedBytes;
      }
      const { seal, header, defined } = segment;
      const fresh = batch.sources.filter((id) => !defined.has(id));
      const definitions = fresh.map(sourceOf).filter((source) => source !== undefined);
      const serial = segment.serial++;
      const { count, firstTimeUs, minTimeUs, maxTimeUs, body } = batch;
      const parts = definitions.length > 0 ? [encodeSources(definitions), body] : [body];
      const bodyLength = parts.reduce((sum, part) => sum + part.length, 0);
      const definesSources = definitions.length > 0;
      const head = encodeFrameHeader(
        { definesSources, serial, position: nextPosition, count, firstTimeUs, minTimeUs, maxTimeUs },
        bodyLength,
        header,
      );
      const sealed = seal.close(serial, head, parts);
      const written = [head, sealed.body, sealed.tag, checksum(head, sealed.body, sealed.tag)];
      if (isNew) written.unshift(encodeSegmentHeader(header));
      const bytes = written.reduce((sum, part) => sum + part.length, 0);
      try {
        files.write(segment.fd, written, segment.committedBytes);
      } catch (error) {
        try {
          takeBack();
        } catch {
          // The disk refuses the truncation too: append() tries it again before anything else is written here.
        }
        throw error;
      }
      pending = { bytes, count, sources: fresh, isNew };
      return bytes;
    },
    async sync() {
      if (segment === undefined || pending === undefined) return;
      await files.datasync(segment.fd);
      if (!pending.isNew) return;
      // A new name is durable only with its folders.
      files.syncFolder(join(laneDir, segment.day));
      files.syncFolder(laneDir);
      files.syncFolder(join(laneDir, ".."));
    },
    confirm() {
      const first = nextPosition;
      if (segment === undefined || pending === undefined) return first;
      segment.committedBytes += pending.bytes;
      for (const id of pending.sources) segment.defined.add(id);
      nextPosition += pending.count;
      pending = undefined;
      return first;
    },
    undo() {
      pending = undefined;
      // After a failed fdatasync the kernel may have dropped the dirty pages: this file is not written to again.
      mustRetire = true;
      takeBack();
    },
    close: retire,
  };
}

function dayOf(timeUs: number): string {
  return new Date(Math.max(0, timeUs) / 1000).toISOString().slice(0, 10);
}
