/** Which segments stand in a journal folder, in order, and what is wrong with the newest ones. Reads and repairs; never writes a record. */

import { basename, join } from "node:path";
import type { FilePort } from "../runtime/file-port.ts";
import { parseSegmentHeader, type SegmentHeader, scanFrames } from "./segment-format.ts";

export interface LaneEnd {
  /** Position of the newest record; 0 = none yet. */
  readonly position: number;
  readonly timeUs: number;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const segmentPattern = /^(\d+)\.seg$/;
/** No header fits into less: such a file was created and never filled. */
const smallestFile = 32;
export const forgottenPrefix = ".forgotten-";

/** A lane names a folder and a key file, so it is checked before it becomes a path. */
export function isLaneName(lane: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(lane);
}

export function listLanes(files: FilePort, dir: string): string[] {
  return files.list(dir).filter((name) => isLaneName(name) && listDays(files, join(dir, name)).length > 0);
}

export function listDays(files: FilePort, laneDir: string): string[] {
  return files.list(laneDir).filter((name) => dayPattern.test(name));
}

/** Paths of a lane's segments, oldest first. */
export function listSegments(files: FilePort, laneDir: string): string[] {
  return listDays(files, laneDir).flatMap((day) => {
    const numbered = files.list(join(laneDir, day)).flatMap((name) => {
      const match = segmentPattern.exec(name);
      return match === null ? [] : [{ name, number: Number(match[1]) }];
    });
    return numbered.sort((a, b) => a.number - b.number).map(({ name }) => join(laneDir, day, name));
  });
}

interface DecidedSegment {
  readonly path: string;
  readonly bytes: number;
  readonly timeUs: number;
}

/** Longer than a segment's header. */
const headerBytes = 512;

/**
 * Segments of which every record lies at or before the lane's position, oldest first over all lanes given. Never a lane's newest, which carries its
 * position. `decided`: the newest position that will not be read again to decide anything.
 */
export function decidedSegments(
  files: FilePort,
  dir: string,
  decided: readonly (readonly [lane: string, position: number])[],
): DecidedSegment[] {
  return decided
    .flatMap(([lane, position]) => {
      const paths = listSegments(files, join(dir, lane));
      const headers = paths.map((path) => parseSegmentHeader(files.readStart(path, headerBytes))?.header);
      return paths.flatMap((path, i): DecidedSegment[] => {
        const [own, next] = [headers[i], headers[i + 1]];
        const isDecided = own !== undefined && next !== undefined && next.firstPosition <= position + 1;
        return isDecided ? [{ path, bytes: files.sizeBytes(path), timeUs: own.baseTimeUs }] : [];
      });
    })
    .sort((a, b) => a.timeUs - b.timeUs);
}

/**
 * The end of a lane, after cutting a torn tail off its newest segment. A file without a whole header holds nothing that was ever acknowledged
 * (header and first group are one write); it is set aside. Each repair is told in one sentence.
 */
export function repairLane(files: FilePort, laneDir: string, onRepair: (what: string) => void): LaneEnd {
  const paths = listSegments(files, laneDir);
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const bytes = files.read(path);
    const parsed = parseSegmentHeader(bytes);
    if (parsed === undefined && bytes.length < smallestFile) {
      files.remove(path);
      continue;
    }
    if (parsed === undefined) {
      files.rename(path, `${path}.damaged`);
      onRepair(`set aside ${nameOf(path)}: its header is not whole (${bytes.length} bytes)`);
      continue;
    }
    const end = endOf(bytes, parsed.header, parsed.endByte);
    if (end.damagedBytes > 0) onRepair(`${nameOf(path)} has ${end.damagedBytes} damaged bytes between sound groups`);
    if (end.soundBytes < bytes.length) {
      const fd = files.openExisting(path);
      files.truncate(fd, end.soundBytes);
      files.close(fd);
      onRepair(`cut a torn group of ${bytes.length - end.soundBytes} bytes off ${nameOf(path)}`);
    }
    return { position: end.position, timeUs: end.timeUs };
  }
  return { position: 0, timeUs: 0 };
}

function endOf(bytes: Uint8Array, header: SegmentHeader, firstByte: number) {
  let position = header.firstPosition - 1;
  let timeUs = header.baseTimeUs;
  let soundBytes = firstByte;
  let damagedBytes = 0;
  for (const frame of scanFrames(bytes, header, firstByte)) {
    damagedBytes += frame.startByte - soundBytes;
    position = frame.position + frame.count - 1;
    timeUs = frame.maxTimeUs;
    soundBytes = frame.endByte;
  }
  return { position, timeUs, soundBytes, damagedBytes };
}

function nameOf(path: string): string {
  return `${basename(join(path, ".."))}/${basename(path)}`;
}
