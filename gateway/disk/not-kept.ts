/** The record of what was judged and not kept: a gap of that name from the first to the last batch that a disk, or a device's day, had no room for. It decides nothing. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { GapEvent } from "../../device-drivers/contract/event.ts";
import { dayFull } from "../journal/day-budget.ts";
import type { Store } from "../store/store-port.ts";

export interface NotKept {
  /** A batch was judged and could not be kept. */
  note(person: string, chunk: Chunk, error: Pick<GatewayError, "code">): void;
  /** What comes in this channel is kept again. */
  over(person: string, of: Pick<Chunk, "device" | "channel">): void;
  /** Writes how far it has gone; once a minute, so that a crash leaves at most that untold. */
  tell(): void;
  /** Batches since the start that the disk refused. */
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
    const spans = [...streams].map(([key, { fromUs, toUs, batches }]) => ({
      stream: key.split("/").slice(0, 2).join("/"),
      fromUs,
      toUs,
      batches,
    }));
    const rows = isOver ? [audit(person, "signal.kept", Math.max(...spans.map(({ toUs }) => toUs)), { spans })] : [];
    if (events.length + rows.length > 0) commit({ person, events, audit: rows }, true);
  };

  return {
    note(person, { device, channel, stamps: { timeUs } }, { code }) {
      if (code !== dayFull) count += 1;
      const streams = byPerson.get(person) ?? new Map<string, Stretch>();
      if (!byPerson.has(person))
        commit({ person, audit: [audit(person, "signal.not-kept", timeUs, { fromUs: timeUs, reason: notKeptReason, code })] }, true);
      byPerson.set(person, streams);
      const key = keyOf(device, channel);
      const stretch = streams.get(key) ?? { fromUs: timeUs, toUs: timeUs, toldUs: undefined, batches: 0 };
      stretch.toUs = Math.max(stretch.toUs, timeUs);
      stretch.batches += 1;
      streams.set(key, stretch);
    },
    over(person, { device, channel }) {
      const streams = byPerson.get(person);
      const key = keyOf(device, channel);
      const stretch = streams?.get(key);
      if (streams === undefined || stretch === undefined) return;
      streams.delete(key);
      if (streams.size === 0) byPerson.delete(person);
      tellOne(person, new Map([[key, stretch]]), true);
    },
    tell() {
      for (const [person, streams] of byPerson) tellOne(person, streams, false);
    },
    get count() {
      return count;
    },
  };
}

function keyOf(device: string, channel: string): string {
  return `${device}/${channel}`;
}
