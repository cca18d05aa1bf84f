/** The record of what was judged and not kept: a gap of that name from the first to the last batch that a disk refused. It decides nothing. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GapEvent } from "../../device-drivers/contract/event.ts";
import type { Store } from "../store/store-port.ts";

export interface NotKept {
  /** A batch was judged and could not be kept. */
  note(person: string, chunk: Chunk): void;
  /** The disk takes this person's batches again. */
  over(person: string): void;
  /** Writes how far it has gone; once a minute, so that a crash leaves at most that untold. */
  tell(): void;
  /** Batches since the start. */
  readonly count: number;
}

interface Stretch {
  readonly fromUs: number;
  toUs: number;
  /** Up to here the record says it; undefined = not yet. */
  toldUs: number | undefined;
  batches: number;
}

export const notKeptReason = "judged, not kept";

export function createNotKept({ commit }: { readonly commit: (...args: Parameters<Store["commit"]>) => void }): NotKept {
  const byPerson = new Map<string, Map<string, Stretch>>();
  let count = 0;

  const audit = (person: string, what: string, atUs: number, detail: Record<string, unknown>) => ({
    ...{ atUs, what, by: "gateway", subject: person, detail },
  });

  const tellOne = (person: string, streams: ReadonlyMap<string, Stretch>, isOver: boolean) => {
    const events: GapEvent[] = [];
    for (const [key, stretch] of streams) {
      if (stretch.toUs === stretch.toldUs) continue;
      const [device = "", stream = ""] = key.split("/");
      events.push({ kind: "gap", device, stream, fromUs: stretch.toldUs ?? stretch.fromUs, toUs: stretch.toUs, reason: notKeptReason });
      stretch.toldUs = stretch.toUs;
    }
    const spans = [...streams].map(([stream, { fromUs, toUs, batches }]) => ({ stream, fromUs, toUs, batches }));
    const rows = isOver ? [audit(person, "signal.kept", Math.max(...spans.map(({ toUs }) => toUs)), { spans })] : [];
    if (events.length + rows.length > 0) commit({ person, events, audit: rows }, true);
  };

  return {
    note(person, { device, channel, stamps: { timeUs } }) {
      count += 1;
      const streams = byPerson.get(person) ?? new Map<string, Stretch>();
      if (!byPerson.has(person))
        commit({ person, audit: [audit(person, "signal.not-kept", timeUs, { fromUs: timeUs, reason: notKeptReason })] }, true);
      byPerson.set(person, streams);
      const key = `${device}/${channel.split("/")[0]}`;
      const stretch = streams.get(key) ?? { fromUs: timeUs, toUs: timeUs, toldUs: undefined, batches: 0 };
      stretch.toUs = Math.max(stretch.toUs, timeUs);
      stretch.batches += 1;
      streams.set(key, stretch);
    },
    over(person) {
      const streams = byPerson.get(person);
      byPerson.delete(person);
      if (streams !== undefined) tellOne(person, streams, true);
    },
    tell() {
      for (const [person, streams] of byPerson) tellOne(person, streams, false);
    },
    get count() {
      return count;
    },
  };
}
