/** An outbox in memory, the shipped fake of the store's: same order and numbers, nothing kept over a restart. */

import { type OutboxItem, trafficClasses } from "../../device-drivers/contract/event.ts";
import type { OutboxFigures, OutboxRow } from "../store/store-port.ts";
import type { OutboxSource } from "./outbox-source.ts";

export interface MemoryOutbox extends OutboxSource {
  /** Adds rows; returns their numbers. */
  add(...items: OutboxItem[]): number[];
  /** Rows that wait, in the order in which they came. */
  rows(): readonly OutboxRow[];
  outboxNewest(limit: number, skip: ReadonlySet<number>): Promise<OutboxRow[]>;
}

/** @param epoch 16 hexadecimal digits. @param rows what a copy of another outbox held: numbered anew from 1, as a restored file is. */
export function createMemoryOutbox(epoch: string, rows: readonly OutboxItem[] = []): MemoryOutbox {
  const waiting = new Map<number, OutboxRow>();
  let lastNumber = 0;
  const add = (...items: OutboxItem[]) =>
    items.map(({ class: name, timeUs, payload }) => {
      lastNumber += 1;
      waiting.set(lastNumber, { class: name, timeUs, payload, n: lastNumber });
      return lastNumber;
    });
  add(...rows);

  const inOrder = (skip: ReadonlySet<number>) => {
    const left = [...waiting.values()].filter(({ n }) => !skip.has(n));
    return left.sort((a, b) => trafficClasses.indexOf(a.class) - trafficClasses.indexOf(b.class) || a.n - b.n);
  };

  return {
    add,
    rows: () => [...waiting.values()],
    outboxBegin: (limit, skip) => Promise.resolve(inOrder(skip).slice(0, limit)),
    outboxNewest(limit, skip) {
      const newest = inOrder(skip).filter((row) => row.class !== "alert");
      return Promise.resolve(newest.sort((a, b) => b.timeUs - a.timeUs || b.n - a.n).slice(0, limit));
    },
    outboxEnd(accepted) {
      for (const n of accepted) waiting.delete(n);
      return Promise.resolve();
    },
    outboxFigures() {
      const depth = { alert: 0, status: 0, semantic: 0, raw: 0 };
      let bytes = 0;
      for (const row of waiting.values()) {
        depth[row.class] += 1;
        bytes += row.payload.length;
      }
      const oldest = Math.min(...[...waiting.values()].map(({ timeUs }) => timeUs));
      const figures: OutboxFigures = { epoch, depth, bytes, dropped: { alert: 0, status: 0, semantic: 0, raw: 0 } };
      return Promise.resolve(Number.isFinite(oldest) ? { ...figures, oldestUs: oldest } : figures);
    },
  };
}
