/** Time that rules watched, merged: the span that still grows is one small row per person, closed ones are rows of their own. */

import type { WatchedEvent } from "../../device-drivers/contract/event.ts";
import type { Database } from "./database.ts";

interface Span {
  fromUs: number;
  toUs: number;
}

interface WatchedTable {
  add(person: string, events: readonly WatchedEvent[]): void;
  between(person: string, fromUs: number, toUs: number): WatchedEvent[];
  /** Watched seconds per rule within [fromUs, toUs); overlapping spans count once. */
  coverage(person: string, fromUs: number, toUs: number): Record<string, number>;
  forgetCached(): void;
}

export function createWatchedTable(db: Database): WatchedTable {
  const insertClosed = db.prepare("INSERT INTO watched(person, rule, from_us, to_us) VALUES (?, ?, ?, ?)");
  const readClosed = db.prepare(
    "SELECT rule, from_us AS fromUs, to_us AS toUs FROM watched WHERE person = ? AND to_us > ? AND from_us < ?",
  );
  const readGrowing = db.prepare("SELECT spans FROM watching WHERE person = ?").pluck();
  const writeGrowing = db.prepare(
    "INSERT INTO watching(person, spans) VALUES (?, ?) ON CONFLICT(person) DO UPDATE SET spans = excluded.spans",
  );
  const cached = new Map<string, Map<string, Span>>();

  function growingOf(person: string): Map<string, Span> {
    const present = cached.get(person);
    if (present !== undefined) return present;
    const text = readGrowing.get(person);
    const spans = typeof text === "string" ? decodeSpans(text) : new Map<string, Span>();
    cached.set(person, spans);
    return spans;
  }

  function rowsOf(person: string, fromUs: number, toUs: number): WatchedEvent[] {
    const closed = readClosed.all(person, fromUs, toUs) as { rule: string; fromUs: number; toUs: number }[];
    const growing = [...growingOf(person)].map(([rule, span]) => ({ rule, ...span }));
    return [...closed, ...growing.filter((span) => span.toUs > fromUs && span.fromUs < toUs)].map((row) => ({ kind: "watched", ...row }));
  }

  return {
    add(person, events) {
      const growing = growingOf(person);
      for (const event of events) {
        const { rule } = event;
        const fromUs = Math.round(event.fromUs);
        const toUs = Math.round(event.toUs);
        const span = growing.get(rule);
        if (span === undefined) growing.set(rule, { fromUs, toUs });
        else if (fromUs <= span.toUs && toUs >= span.fromUs) {
          span.fromUs = Math.min(span.fromUs, fromUs);
          span.toUs = Math.max(span.toUs, toUs);
        } else if (toUs < span.fromUs) insertClosed.run(person, rule, fromUs, toUs);
        else {
          insertClosed.run(person, rule, span.fromUs, span.toUs);
          growing.set(rule, { fromUs, toUs });
        }
      }
      writeGrowing.run(person, encodeSpans(growing));
    },
    between: rowsOf,
    coverage(person, fromUs, toUs) {
      const spansByRule = Map.groupBy(rowsOf(person, fromUs, toUs), ({ rule }) => rule);
      return Object.fromEntries([...spansByRule].map(([rule, spans]) => [rule, unionUs(spans, fromUs, toUs) / 1e6]));
    },
    forgetCached: () => cached.clear(),
  };
}

function unionUs(spans: readonly Span[], fromUs: number, toUs: number): number {
  let sumUs = 0;
  let reachedUs = fromUs;
  for (const span of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    const endUs = Math.min(span.toUs, toUs);
    sumUs += Math.max(0, endUs - Math.max(span.fromUs, reachedUs));
    reachedUs = Math.max(reachedUs, endUs);
  }
  return sumUs;
}

/** Most rules watch the same span, so rules are listed per span: [[fromUs, toUs, rule, rule …], …]. */
function encodeSpans(spans: ReadonlyMap<string, Span>): string {
  const bySpan = Map.groupBy(spans, ([, span]) => `${span.fromUs}-${span.toUs}`);
  return JSON.stringify([...bySpan.values()].map((same) => [same[0]?.[1].fromUs, same[0]?.[1].toUs, ...same.map(([rule]) => rule)]));
}

function decodeSpans(text: string): Map<string, Span> {
  const groups = JSON.parse(text) as [number, number, ...string[]][];
  return new Map(groups.flatMap(([fromUs, toUs, ...rules]) => rules.map((rule) => [rule, { fromUs, toUs }] as const)));
}
