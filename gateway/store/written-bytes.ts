/** Bytes that SQLite hands to the system, measured around a call. Measures only; changes nothing. */

import { readFileSync } from "node:fs";
import type { Database } from "./database.ts";

export interface WrittenBytes {
  /** Runs `action` and adds what was written during it. */
  around<T>(action: () => T): T;
  total(): number;
}

const frameHeaderBytes = 24;

/**
 * On Linux the kernel counts the bytes of this thread's write calls (`wchar`, proc(5)); SQLite writes on the calling thread and nothing else does
 * meanwhile, so the difference is exact: log, checkpoints, database. Elsewhere pages are counted in the log (one in a checkpoint for each in the log:
 * an upper bound, because a page that stands in the log twice is checkpointed once).
 */
export function countWrittenBytes(db: Database): WrittenBytes {
  let total = 0;
  const counter = readThreadBytes() === undefined ? pagesCounter(db) : () => readThreadBytes() ?? 0;
  return {
    around(action) {
      const before = counter();
      try {
        return action();
      } finally {
        total += Math.max(0, counter() - before);
      }
    },
    total: () => total,
  };
}

function readThreadBytes(): number | undefined {
  try {
    const match = /^wchar: (\d+)$/m.exec(readFileSync("/proc/thread-self/io", "latin1"));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

function pagesCounter(db: Database): () => number {
  const pageBytes = Number(db.pragma("page_size", { simple: true }));
  let bytes = 0;
  let lastLog = 0;
  let lastCheckpointed = 0;
  return () => {
    const [state] = db.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
    const log = Math.max(0, state?.log ?? 0);
    const checkpointed = Math.max(0, state?.checkpointed ?? 0);
    bytes += (log >= lastLog ? log - lastLog : log) * (pageBytes + frameHeaderBytes);
    bytes += (checkpointed >= lastCheckpointed ? checkpointed - lastCheckpointed : checkpointed) * pageBytes;
    lastLog = log;
    lastCheckpointed = checkpointed;
    return bytes;
  };
}
