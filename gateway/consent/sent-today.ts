/** How much of each person has left the house today, in bytes of frames as they went out, repeats included. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Store } from "../store/store-port.ts";

export interface SentToday {
  /** A frame went out that tells of these people: it counts in full for each. */
  add(people: readonly string[], bytes: number): void;
  /** Since midnight of this machine's time zone. */
  of(person: string): number;
  /** Reads what the run before had counted. */
  open(people: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

interface Day {
  readonly day: string;
  readonly bytes: number;
}

/** A kill takes no more than this much of the count. */
const keepMs = 60_000;
const keyOf = (person: string) => `sent-today/${person}`;

export function createSentToday(store: Pick<Store, "getValue" | "putValue">, clock: Pick<Clock, "wallUs" | "every">): SentToday {
  const byPerson = new Map<string, Day>();
  const unkept = new Set<string>();
  const today = () => dayOf(clock.wallUs());
  const of = (person: string) => {
    const counted = byPerson.get(person);
    return counted?.day === today() ? counted.bytes : 0;
  };
  const keep = async () => {
    const people = [...unkept];
    unkept.clear();
    for (const person of people) {
      const counted = byPerson.get(person);
      if (counted !== undefined) await store.putValue(keyOf(person), new TextEncoder().encode(JSON.stringify(counted)));
    }
  };
  // A count that the disk refuses is kept with the next one.
  const cancel = clock.every(keepMs, () => void keep().catch(() => {}));

  return {
    add(people, bytes) {
      for (const person of new Set(people)) {
        byPerson.set(person, { day: today(), bytes: of(person) + bytes });
        unkept.add(person);
      }
    },
    of,
    async open(people) {
      for (const person of people) {
        const kept = await store.getValue(keyOf(person));
        if (kept !== undefined) byPerson.set(person, JSON.parse(new TextDecoder().decode(kept)) as Day);
      }
    },
    async close() {
      cancel();
      await keep().catch(() => {});
    },
  };
}

function dayOf(wallUs: number): string {
  const at = new Date(wallUs / 1000);
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}
