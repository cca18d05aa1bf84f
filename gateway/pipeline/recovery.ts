/**
 * What a restart finds out about a record that may not be whole: where the journal is fed from, which stretch of it is gone, and what the store has already.
 * Plain data in and out; the river itself is fed by pipeline.ts.
 */

import type { GapEvent, PersonEvent } from "../../device-drivers/contract/event.ts";
import type { Journal, JournalRecord, Position } from "../journal/journal-port.ts";
import type { Watermark } from "../store/store-port.ts";
import { tickUs } from "../stream/order.ts";

/** Signal that was taken in and of which the record can't be read any more. Gateway axis. */
export interface LostStretch {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Where the state that is fed stands: just after this record, which came at or before this time. */
export interface FedFrom {
  readonly position: Position;
  readonly timeUs: number;
}

/** The mark of a person of whom nothing was decided. */
export const nothingDecided: Watermark = { ordinal: 0, timeUs: 0, position: 0 };

/** Let go later than what the mark names last. A mark of an older Hearth has the line of the grid before it for a time, and goes by number on this side of the next. */
export function isAfter({ ordinal, releasedUs }: { readonly ordinal: number; readonly releasedUs: number }, mark: Watermark): boolean {
  if (mark.position === 0) return ordinal > mark.ordinal || releasedUs > mark.timeUs + tickUs;
  return releasedUs > mark.timeUs || (releasedUs === mark.timeUs && ordinal > mark.ordinal);
}

/** Long enough for every stage to have settled before the mark, where no state of an earlier run can be had. */
export const warmUpUs = 300_000_000;

/**
 * The record after which feeding begins. With a snapshot that is its own; a journal that ends earlier, or whose later records took the places of lost ones,
 * is fed from there. Where it can't be read (`wasKept` and no `state`) the stages are fresh and warm up before the mark; without a mark everything is fed.
 */
export async function feedFrom(
  journal: Pick<Journal, "last" | "seek">,
  person: string,
  of: { readonly mark: Watermark | undefined; readonly state: FedFrom | undefined; readonly wasKept: boolean },
): Promise<FedFrom> {
  const end = await journal.last(person);
  const { mark, state } = of;
  if (mark === undefined) return state ?? { position: 0, timeUs: 0 };
  if (state === undefined) {
    const fromUs = mark.timeUs - warmUpUs;
    // A person of whom no state was ever kept has a short record.
    if (!of.wasKept) return { position: 0, timeUs: fromUs };
    return { position: ((await journal.seek(person, fromUs)) ?? (end?.position ?? 0) + 1) - 1, timeUs: fromUs };
  }
  // What came after both has been neither decided nor taken in, whatever its number.
  const newer = await journal.seek(person, Math.max(mark.timeUs, state.timeUs) + 1);
  const position = Math.min(state.position, end?.position ?? 0, (newer ?? Number.POSITIVE_INFINITY) - 1);
  const isShort = position < state.position && position === end?.position;
  return { position, timeUs: isShort ? Math.min(end.timeUs, state.timeUs) : state.timeUs };
}

/** Nothing was lost before a person's first event: how far back fresh stages would be fed says nothing of that. */
export function afterBegin(from: FedFrom, stored: readonly PersonEvent[]): FedFrom {
  const firstUs = stored.reduce(
    (first, event) => Math.min(first, "timeUs" in event ? event.timeUs : event.fromUs),
    Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(firstUs) ? { ...from, timeUs: Math.max(from.timeUs, firstUs) } : from;
}

export interface RecordWatch {
  see(record: JournalRecord): void;
  /** All records have been seen: what of the record is gone, oldest first. */
  end(): LostStretch[];
}

/** Watches the records that are fed: holes in their numbers, and an end before what the mark says was taken in. */
export function createRecordWatch(from: FedFrom, mark: Watermark | undefined, takenIn: Position): RecordWatch {
  const lost: LostStretch[] = [];
  let { position, timeUs } = from;
  const markUs = mark?.timeUs ?? 0;
  let isBehindMark = position < takenIn;
  const lose = (toUs: number) => {
    if (toUs > timeUs) lost.push({ fromUs: timeUs, toUs });
  };
  return {
    see(record) {
      const { timeUs: cameUs } = record.chunk.stamps;
      // The mark covers this number but not this time: the record that had the number before is gone.
      const isTaken = isBehindMark && cameUs > markUs;
      if (isTaken) lose(markUs);
      else if (record.position > position + 1) lose(cameUs);
      isBehindMark &&= !isTaken && record.position < takenIn;
      position = record.position;
      timeUs = Math.max(timeUs, cameUs);
    },
    end() {
      if (isBehindMark) lose(markUs);
      return lost;
    },
  };
}

/** What the store has of the time round the mark, so that nothing is stored a second time, whatever is sent or decided again. */
export interface Known {
  /** What of the event is new: nothing, the event itself, or the parts of a gap that no other record tells of. */
  fresh(event: PersonEvent): readonly PersonEvent[];
  readonly events: readonly PersonEvent[];
}

/** Half the shortest distance of two beats: the same beat found again in fresh stages may lie a few samples elsewhere. */
export const sameInFreshUs = 100_000;
/** Events are stored at most this long before the mark's time moves on past them. */
export const knownBeforeUs = 15_000_000;

/**
 * @param sameUs how far apart the same event may be found: 0 where the stages go on from their own state. A boot that was placed too late is moved back, and
 *   its beats may then lie nearer to those of before than a heart can beat.
 */
export function createKnown(events: readonly PersonEvent[], lost: readonly LostStretch[], sameUs: number): Known {
  const newestUs = events.reduce((newest, event) => Math.max(newest, "timeUs" in event ? event.timeUs : event.toUs), 0);
  const gaps = events.filter((event) => event.kind === "gap");
  return {
    events,
    fresh(event) {
      if (event.kind === "watched") return [event];
      if (event.kind === "gap") return without(event, [...gaps.filter((gap) => isSameSource(gap, event)), ...lost]);
      if (event.timeUs > newestUs + sameUs) return [event];
      return events.some((other) => isSame(other, event, sameUs)) ? [] : [event];
    },
  };
}

function isSame(a: PersonEvent, b: PersonEvent, sameUs: number): boolean {
  if (!("timeUs" in a) || !("timeUs" in b) || Math.abs(a.timeUs - b.timeUs) > sameUs) return false;
  if (a.kind === "vital") return b.kind === "vital" && a.code === b.code && isSameSource(a, b);
  if (b.kind === "vital" || a.kind !== b.kind || !isSameSource(a, b)) return false;
  return a.kind === "beat" || (b.kind === "rhythm" && a.label === b.label);
}

function isSameSource(a: { device?: string; stream?: string }, b: { device?: string; stream?: string }): boolean {
  return a.device === b.device && a.stream === b.stream;
}

/** The parts of a gap that lie in none of the spans. */
function without(gap: GapEvent, spans: readonly LostStretch[]): GapEvent[] {
  let parts: GapEvent[] = [gap];
  for (const { fromUs, toUs } of spans)
    parts = parts.flatMap((part) => {
      if (toUs <= part.fromUs || fromUs >= part.toUs) return [part];
      const rest = [
        { ...part, toUs: fromUs },
        { ...part, fromUs: toUs },
      ];
      return rest.filter((piece) => piece.toUs > piece.fromUs);
    });
  return parts;
}

/** The streams that events tell of. */
export function sourcesOf(events: readonly PersonEvent[]): { device: string; stream: string }[] {
  const byKey = new Map<string, { device: string; stream: string }>();
  for (const event of events)
    if (event.kind !== "vital" && event.kind !== "watched")
      byKey.set(`${event.device}/${event.stream}`, { device: event.device, stream: event.stream });
  return [...byKey.values()];
}
