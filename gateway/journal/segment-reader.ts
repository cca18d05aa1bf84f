/** Records back out of segments, in order, while others are being written. Reads only; what is torn or damaged is stepped over. */

import { open, readFile } from "node:fs/promises";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { ByteReader } from "./byte-cursor.ts";
import type { JournalRecord } from "./journal-port.ts";
import { decodeBody, readSources, type Source } from "./record-codec.ts";
import { createSeal, type Seal } from "./seal.ts";
import { type Frame, parseSegmentHeader, type SegmentHeader, scanFrames } from "./segment-format.ts";

interface ReadSpan {
  readonly fromPosition: number;
  readonly toPosition: number;
  /** Only records received at this time or later. */
  readonly fromTimeUs?: number;
  /** A capture must be one; in a journal a file without a header (just begun, or lost to a bad sector) is stepped over. */
  readonly mustParse?: boolean;
}

/**
 * Records of the given segments (oldest first) within the span. `key` is the lane's; undefined for capture files.
 * Throws `journal.sealed` when a sealed group doesn't open with the key, `journal.format` on a file that is neither segment nor capture.
 */
export async function* readSegments(paths: readonly string[], key: Uint8Array | undefined, span: ReadSpan): AsyncGenerator<JournalRecord> {
  const wanted = await pathsWithin(paths, span);
  for (const path of wanted) {
    const bytes = await readWhole(path);
    const parsed = parseSegmentHeader(bytes);
    if (parsed === undefined) {
      if (span.mustParse !== true) continue;
      throw new GatewayError("journal.format", "operator", `${path} is neither a journal segment nor a capture file`);
    }
    const { header, endByte } = parsed;
    if (header.firstPosition > span.toPosition) return;
    const seal = sealOf(header, key);
    const known = new Map<number, Source>();
    for (const frame of scanFrames(bytes, header, endByte)) {
      if (frame.position > span.toPosition) return;
      const isSkipped = frame.position + frame.count <= span.fromPosition || (span.fromTimeUs ?? 0) > frame.maxTimeUs;
      if (isSkipped && !frame.definesSources) continue;
      const plain = seal === undefined ? frame.body : seal.open(frame.serial, frame.head, frame.body, frame.tag);
      if (plain === undefined) throw new GatewayError("journal.sealed", "operator", `lane ${header.lane} was sealed with another key`);
      if (isSkipped) readSources(new ByteReader(plain), known);
      else yield* recordsOf(frame, plain, known, header, span);
    }
  }
}

function* recordsOf(frame: Frame, plain: Uint8Array, known: Map<number, Source>, header: SegmentHeader, span: ReadSpan) {
  const { definesSources, count, firstTimeUs } = frame;
  const chunks = decodeBody({ bytes: plain, definesSources, count, firstTimeUs }, known, header.origin);
  if (chunks === undefined) throw new GatewayError("journal.format", "bug", `the group at record ${frame.position} doesn't decode`);
  let position = frame.position - 1;
  for (const chunk of chunks) {
    position += 1;
    if (chunk === undefined) continue;
    if (position < span.fromPosition || position > span.toPosition || chunk.stamps.timeUs < (span.fromTimeUs ?? 0)) continue;
    yield { position, bootId: header.bootId, chunk };
  }
}

function sealOf(header: SegmentHeader, key: Uint8Array | undefined): Seal | undefined {
  if (!header.isSealed) return undefined;
  if (key !== undefined) return createSeal(key, header.salt);
  throw new GatewayError("journal.sealed", "operator", `lane ${header.lane} is sealed and its key is not there`);
}

/** Receive times of neighbouring links may be this much out of order, so a search by time begins that much earlier. */
const timeSlackUs = 60e6;

/** Leaves out the segments that end before the span, by the headers of those behind them. */
async function pathsWithin(paths: readonly string[], span: ReadSpan): Promise<readonly string[]> {
  let low = 0;
  let high = paths.length - 1;
  // The last segment that begins at or before the span's start; headers rise in position and time.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const header = await readHeader(paths[middle] ?? "");
    const isBefore =
      header !== undefined &&
      (span.fromTimeUs === undefined ? header.firstPosition <= span.fromPosition : header.baseTimeUs <= span.fromTimeUs - timeSlackUs);
    if (isBefore) low = middle;
    else high = middle - 1;
  }
  return paths.slice(Math.max(0, low));
}

/** A segment that retention dropped in the meantime reads as empty. */
async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return new Uint8Array(0);
    throw new GatewayError("journal.io", "world", `${path} can't be read`, { cause });
  }
}

async function readHeader(path: string): Promise<SegmentHeader | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(512), 0, 512, 0);
    return parseSegmentHeader(buffer.subarray(0, bytesRead))?.header;
  } catch {
    // The reading of the whole file tells it.
    return undefined;
  } finally {
    await file.close();
  }
}
