/** Batches that the gateway has not acknowledged yet: kept, sent in their order, sent again. Bounded; the oldest give way and are counted. */

import { problemOf } from "../../client/problem.ts";
import type { NumberedBatch } from "./numbering.ts";

interface Queue {
  add(batch: NumberedBatch): void;
  /** The line is there (again): everything that waits is sent, whatever was on its way before. */
  resume(): void;
  /** The line is gone: what was on its way is sent again later. */
  suspend(): void;
  figures(): { readonly waiting: number; readonly acknowledged: number; readonly dropped: number; readonly refused: number };
  close(): void;
}

interface QueueParts {
  /** Resolves when the gateway has stored the batch. Rejects with a HearthProblem: 4xx is a refusal, all else is tried again. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  readonly onChange: () => void;
  /** The gateway will never take this batch: it is given up, counted and told. */
  readonly onRefused: (error: Error) => void;
  readonly after: (ms: number, act: () => void) => () => void;
}

const maxInFlight = 8;
/** A quarter of an hour of batches a second. */
export const maxBatches = 1000;
export const maxBytes = 4 << 20;
const [firstPauseMs, longestPauseMs] = [500, 30_000];
/** Answers that say something of the batch itself. Whoever may not come in yet, or comes too often, keeps what they have. */
const isAboutBatch = (status: number) => status >= 400 && status < 500 && ![401, 403, 404, 408, 421, 429].includes(status);

interface Entry {
  readonly batch: NumberedBatch;
  isSent: boolean;
}

export function createQueue({ send, onChange, onRefused, after }: QueueParts): Queue {
  let entries: Entry[] = [];
  let bytes = 0;
  let run = 0;
  let isUp = false;
  let failures = 0;
  let stopWaiting: (() => void) | undefined;
  const figures = { acknowledged: 0, dropped: 0, refused: 0 };

  const remove = (entry: Entry): boolean => {
    const before = entries.length;
    entries = entries.filter((each) => each !== entry);
    if (entries.length === before) return false;
    bytes -= entry.batch.bytes.length;
    return true;
  };
  const pump = () => {
    if (!isUp || stopWaiting !== undefined) return;
    const free = maxInFlight - entries.filter(({ isSent }) => isSent).length;
    for (const entry of entries.filter(({ isSent }) => !isSent).slice(0, Math.max(0, free))) void deliver(entry, run);
  };
  const deliver = async (entry: Entry, of: number) => {
    entry.isSent = true;
    try {
      await send(entry.batch.bytes);
      failures = 0;
      if (remove(entry)) figures.acknowledged++;
    } catch (error) {
      if (of !== run) return;
      entry.isSent = false;
      const problem = problemOf(error);
      if (isAboutBatch(problem.status)) {
        if (remove(entry)) figures.refused++;
        onRefused(problem);
      } else {
        const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures++, 8));
        stopWaiting ??= after(pauseMs, () => {
          stopWaiting = undefined;
          pump();
        });
      }
    }
    onChange();
    pump();
  };

  return {
    add(batch) {
      entries.push({ batch, isSent: false });
      bytes += batch.bytes.length;
      while (entries.length > maxBatches || bytes > maxBytes) {
        const [oldest] = entries;
        if (oldest === undefined || !remove(oldest)) break;
        figures.dropped++;
      }
      pump();
      onChange();
    },
    resume() {
      run++;
      isUp = true;
      failures = 0;
      for (const entry of entries) entry.isSent = false;
      stopWaiting?.();
      stopWaiting = undefined;
      pump();
    },
    suspend() {
      run++;
      isUp = false;
      for (const entry of entries) entry.isSent = false;
    },
    figures: () => ({ waiting: entries.length, ...figures }),
    close() {
      isUp = false;
      stopWaiting?.();
      entries = [];
    },
  };
}
