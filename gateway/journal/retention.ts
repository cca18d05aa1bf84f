/** Keeps the journal within its budget of bytes by dropping whole days (R11, R12): the oldest of whichever lane has most, so that who sends much loses their own past and no other's. A lane's newest day always stays. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

interface JournalDay {
  readonly lane: string;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly bytes: number;
}

/** Days to drop so that the rest fits, in the order in which they go; pure. */
export function daysToDrop(days: readonly JournalDay[], maxBytes: number): JournalDay[] {
  const lanes = [...Map.groupBy(days, ({ lane }) => lane).values()].map((of) => ({
    bytes: totalBytes(of),
    old: of.sort((a, b) => (a.day < b.day ? -1 : 1)).slice(0, -1),
  }));
  let total = totalBytes(days);
  const out: JournalDay[] = [];
  while (total > maxBytes) {
    const [largest] = lanes.filter(({ old }) => old.length > 0).sort((a, b) => b.bytes - a.bytes || (dayOf(a) < dayOf(b) ? -1 : 1));
    const day = largest?.old.shift();
    if (largest === undefined || day === undefined) break;
    largest.bytes -= day.bytes;
    total -= day.bytes;
    out.push(day);
  }
  return out;
}

function totalBytes(days: readonly JournalDay[]): number {
  return days.reduce((sum, { bytes }) => sum + bytes, 0);
}

function dayOf({ old: [oldest] }: { readonly old: readonly JournalDay[] }): string {
  return oldest?.day ?? "";
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
