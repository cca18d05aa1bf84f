/** Keeps the journal within its budget of bytes by dropping whole days, the oldest first (R11, R12). A lane's newest day always stays. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

interface JournalDay {
  readonly lane: string;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly bytes: number;
}

/** Days to drop so that the rest fits, oldest first; pure. */
export function daysToDrop(days: readonly JournalDay[], maxBytes: number): JournalDay[] {
  const newest = new Map<string, string>();
  for (const { lane, day } of days) if (day > (newest.get(lane) ?? "")) newest.set(lane, day);
  let total = days.reduce((sum, { bytes }) => sum + bytes, 0);
  const droppable = days.filter(({ lane, day }) => day !== newest.get(lane)).sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const out: JournalDay[] = [];
  for (const day of droppable) {
    if (total <= maxBytes) break;
    total -= day.bytes;
    out.push(day);
  }
  return out;
}

/** What stands under the journal's folder. */
export async function journalDays(dir: string): Promise<JournalDay[]> {
  const out: JournalDay[] = [];
  for (const lane of await names(dir)) {
    for (const day of await names(join(dir, lane))) {
      const folder = join(dir, lane, day);
      const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
      out.push({ lane, day, bytes: sizes.reduce((sum, size) => sum + size, 0) });
    }
  }
  return out;
}

async function names(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
}

/** `dropBefore` drops a lane's days before the one named, so a day is dropped by naming the next. */
export async function keepWithin(
  dir: string,
  maxBytes: number,
  dropBefore: (lane: string, day: string) => Promise<void>,
): Promise<JournalDay[]> {
  const dropped = daysToDrop(await journalDays(dir), maxBytes);
  for (const { lane, day } of dropped) await dropBefore(lane, dayAfter(day));
  return dropped;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
