/** Unsealed captures: what `hearth record` writes and `hearth replay` reads. The journal's own format, flagged in its header as not sealed. */

import { closeSync, fdatasyncSync, openSync, writevSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { systemFiles } from "../runtime/file-port.ts";
import type { JournalRecord, Lane } from "./journal-port.ts";
import { type BatchEncoder, createBatchEncoder, encodeSources, originOf, type Source } from "./record-codec.ts";
import { loadKey } from "./seal.ts";
import { isLaneName, listDays, listLanes, listSegments } from "./segment-catalog.ts";
import { checksum, encodeFrameHeader, encodeSegmentHeader, type SegmentHeader, saltBytes } from "./segment-format.ts";
import { readSegments } from "./segment-reader.ts";

interface CaptureWriter {
  /** Keeps the chunk; about every 64 kB a group is written. */
  write(chunk: Chunk): void;
  /** Writes what is kept, and waits until it is on disk. */
  flush(): void;
  close(): void;
}

const groupBytes = 64 << 10;

/** Creates a capture file; throws `journal.io` when it exists already or can't be written. */
export function createCapture(path: string, bootId: string, lane: Lane = "unassigned"): CaptureWriter {
  const fd = orIoError(() => openSync(path, "wx", 0o600));
  const sources = new Map<string, Source>();
  let fresh: Source[] = [];
  let header: SegmentHeader | undefined;
  let batch: BatchEncoder | undefined;
  let keptBytes = 0;
  let position = 1;
  let serial = 0;

  function writeGroup(): void {
    if (batch === undefined || header === undefined) return;
    const { body, count, firstTimeUs, minTimeUs, maxTimeUs } = batch.take();
    const definesSources = fresh.length > 0;
    const parts = definesSources ? [encodeSources(fresh), body] : [body];
    const bodyLength = parts.reduce((sum, part) => sum + part.length, 0);
    const head = encodeFrameHeader({ definesSources, serial, position, count, firstTimeUs, minTimeUs, maxTimeUs }, bodyLength, header);
    const written = [...(serial === 0 ? [encodeSegmentHeader(header)] : []), head, ...parts, checksum(head, ...parts)];
    orIoError(() => writevSync(fd, written));
    serial += 1;
    position += count;
    batch = undefined;
    fresh = [];
    keptBytes = 0;
  }

  return {
    write(chunk) {
      const origin = header?.origin ?? originOf(chunk);
      const baseTimeUs = Math.max(0, Math.round(chunk.stamps.timeUs));
      header ??= { isSealed: false, salt: new Uint8Array(saltBytes), firstPosition: 1, baseTimeUs, origin, bootId, lane };
      batch ??= createBatchEncoder(lane, origin, groupBytes);
      const key = `${chunk.link}\n${chunk.device}\n${chunk.channel}`;
      let source = sources.get(key);
      if (source === undefined) {
        source = { id: sources.size, link: chunk.link, device: chunk.device, channel: chunk.channel };
        sources.set(key, source);
        fresh.push(source);
      }
      batch.add(chunk, source.id);
      keptBytes += chunk.bytes.length;
      if (keptBytes >= groupBytes) writeGroup();
    },
    flush() {
      writeGroup();
      orIoError(() => fdatasyncSync(fd));
    },
    close() {
      writeGroup();
      orIoError(() => fdatasyncSync(fd));
      closeSync(fd);
    },
  };
}

/** Records of a capture file, or of one unsealed segment. Rejects with `journal.format` on another kind of file, `journal.sealed` on a sealed one. */
export function readCapture(path: string): AsyncIterable<JournalRecord> {
  return readSegments([path], undefined, { fromPosition: 1, toPosition: Number.POSITIVE_INFINITY, mustParse: true });
}

interface JournalFolderLane {
  readonly lane: Lane;
  read(): AsyncIterable<JournalRecord>;
}

/**
 * The lanes of a journal folder that nobody has open: either the journal itself (`journal/`) or one lane of it (`journal/<person>/`).
 * Throws `journal.format` where there is no segment; reading rejects with `journal.sealed` where a key is missing or another.
 */
export function readJournalFolder(dir: string, keysDir: string): JournalFolderLane[] {
  const files = systemFiles();
  const isOneLane = listDays(files, dir).length > 0 && isLaneName(basename(dir));
  const root = isOneLane ? dirname(dir) : dir;
  const lanes = isOneLane ? [basename(dir)] : listLanes(files, dir);
  if (lanes.length === 0) throw new GatewayError("journal.format", "operator", `${dir} holds no journal segments`);
  return lanes.map((lane) => ({
    lane,
    read: () =>
      readSegments(listSegments(files, `${root}/${lane}`), loadKey(files, keysDir, lane), {
        fromPosition: 1,
        toPosition: Number.POSITIVE_INFINITY,
      }),
  }));
}

function orIoError<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new GatewayError("journal.io", "world", `the capture file can't be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
