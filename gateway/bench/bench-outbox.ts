/** How fast the outbox fills, drains and opens with many rows waiting. Measures the real store in its worker; decides nothing. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openStore } from "../store/store.ts";

interface OutboxBench {
  readonly rows: number;
  readonly in_per_s: number;
  readonly drained_per_s: number;
  /** Opening with all rows waiting, to the first row in hand. */
  readonly restart_ms: number;
  readonly written_per_payload: number;
}

/**
 * @param rows rows that wait at the restart (the contract's figure is 1,000,000).
 * @param payloadBytes bytes of each row's payload.
 * @param dir folder to measure on; a temporary one by default.
 */
export async function benchOutbox({ rows = 1_000_000, payloadBytes = 200, dir = tmpdir() } = {}): Promise<OutboxBench> {
  const home = mkdtempSync(join(dir, "hearth-outbox-"));
  const clock = systemClock();
  const maxOutboxBytes = rows * payloadBytes * 2;
  try {
    const first = await openStore({ dir: home, clock, maxOutboxBytes });
    const beganFillMs = performance.now();
    await fill(first.store, rows, payloadBytes);
    const fillMs = performance.now() - beganFillMs;
    const writtenBytes = first.store.figures().writtenBytesTotal;
    await first.store.close();
    const beganOpenMs = performance.now();
    const second = await openStore({ dir: home, clock, maxOutboxBytes });
    await second.store.outboxBegin(1, new Set());
    const restartMs = performance.now() - beganOpenMs;
    const beganDrainMs = performance.now();
    await drain(second.store);
    const drainMs = performance.now() - beganDrainMs;
    await second.store.close();
    return {
      rows,
      in_per_s: Math.round(rows / (fillMs / 1000)),
      drained_per_s: Math.round(rows / (drainMs / 1000)),
      restart_ms: Math.round(restartMs),
      written_per_payload: writtenBytes / (rows * payloadBytes),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

type Store = Awaited<ReturnType<typeof openStore>>["store"];

const rowsPerCommit = 500;
const rowsInFlight = 500;

async function fill(store: Store, rows: number, payloadBytes: number): Promise<void> {
  for (let done = 0; done < rows; ) {
    const count = Math.min(rowsPerCommit, rows - done);
    const outbox = Array.from({ length: count }, (_, i) => {
      const item = done + i;
      return {
        class: item % 50 === 0 ? ("status" as const) : ("semantic" as const),
        timeUs: item,
        payload: new Uint8Array(payloadBytes).fill(item & 255),
      };
    });
    const committed = store.commit({ person: "p1", outbox });
    await store.flush();
    await committed;
    done += count;
  }
}

async function drain(store: Store): Promise<void> {
  for (;;) {
    const batch = await store.outboxBegin(rowsInFlight, new Set());
    if (batch.length === 0) return;
    await store.outboxEnd(batch.map(({ n }) => n));
  }
}
