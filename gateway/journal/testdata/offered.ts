/** What the journal's tests offer and read back. */

import type { Chunk } from "../../../device-drivers/contract/driver.ts";
import type { OpenJournal } from "../journal.ts";
import type { JournalRecord } from "../journal-port.ts";

export const baseUs = Date.UTC(2026, 0, 31, 23, 59, 0) * 1000;

/** One a second from a minute before a new day. */
export function chunk(index: number, bytes = new Uint8Array(100).fill(index)): Chunk {
  const timeUs = baseUs + index * 1_000_000;
  return {
    link: "mqtt",
    device: "strap-1",
    channel: "ecg/raw",
    bytes,
    stamps: { timeUs, monotonicUs: index * 1_000_000, wallUs: timeUs, wallQuality: "ntp" },
  };
}

export type Outcome = number | string;

export function offerer(journal: OpenJournal, outcomes: Outcome[] = []) {
  return {
    outcomes,
    offer: (index: number, lane = "p1") => journal.offer(lane, chunk(index), (error, position) => outcomes.push(error?.code ?? position)),
  };
}

export async function all(records: AsyncIterable<JournalRecord>): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}
