/** Lines to a terminal, pipe or file that may be full, slow or gone. Never throws, never waits for its reader; what could not be written is counted. */

import { writeSync } from "node:fs";

interface LineWriter {
  /** `line` ends in a line break. False when it was lost. */
  write(line: string): boolean;
  /** Lines lost so far. */
  readonly lostCount: number;
}

/** As `fs.writeSync`: returns the bytes taken, throws the system's error. */
type WriteSync = (fd: number, bytes: Uint8Array) => number;

/** A pipe whose reader is slow (EAGAIN) gets this many more tries, 1 ms apart; a reader that stands still costs the wait once and not with every line. */
const triesForSlow = 5;

export function createLineWriter(fd: number, writeBytes: WriteSync = writeSync): LineWriter {
  let lostCount = 0;
  let isStuck = false;
  let isCut = false;

  const writeAll = (bytes: Uint8Array): boolean => {
    let rest = bytes;
    for (let tries = isStuck ? 0 : triesForSlow; ; tries--) {
      try {
        rest = rest.subarray(writeBytes(fd, rest));
        if (rest.length === 0) return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || tries <= 0) {
          isCut ||= rest.length < bytes.length;
          return false;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  };

  return {
    write(line) {
      // The rest of a line that was cut is not the beginning of the next.
      const isWritten = writeAll(Buffer.from(isCut ? `\n${line}` : line));
      isStuck = !isWritten;
      if (isWritten) isCut = false;
      else lostCount += 1;
      return isWritten;
    },
    get lostCount() {
      return lostCount;
    },
  };
}
