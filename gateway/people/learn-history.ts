/** What people have said about what is usual for a person, as a history with dates: heard by the running house and by a restart at the same moment. */

import type { DatedLearnAct, LearnAct } from "../facts/learning.ts";
import type { Store } from "../store/store-port.ts";
import { putHistoriesRight, writeAhead } from "./dated.ts";

export interface LearnHistory {
  /** Oldest first. */
  of(person: string): readonly DatedLearnAct[];
  /** Reads what was kept. */
  open(person: string): Promise<void>;
  putRight(atUs: number): Promise<void>;
  /** Gives the act with the moment at which it holds, a second or two from now. Rejects with the store's error, and nothing changes. */
  add(person: string, act: LearnAct, by: string): Promise<DatedLearnAct>;
}

/** The oldest are dropped beyond this: what was learnt by them is in the person's state. */
export const mostActs = 50;

const keyOf = (person: string) => `learn/${person}`;

export function createLearnHistory(store: Pick<Store, "getValue" | "putValue">, nowUs: () => number): LearnHistory {
  const byPerson = new Map<string, readonly DatedLearnAct[]>();
  const write = (person: string, acts: readonly DatedLearnAct[]) =>
    store.putValue(keyOf(person), new TextEncoder().encode(JSON.stringify(acts)));
  const of = (person: string) => byPerson.get(person) ?? [];

  return {
    of,
    async open(person) {
      const bytes = await store.getValue(keyOf(person));
      if (bytes !== undefined) byPerson.set(person, JSON.parse(new TextDecoder().decode(bytes)) as DatedLearnAct[]);
    },
    putRight: (atUs) => putHistoriesRight(byPerson, atUs, write),
    async add(person, act, by) {
      const before = of(person);
      const number = (before.at(-1)?.number ?? 0) + 1;
      const withIt = (fromUs: number) => [...before, { number, fromUs, by, act }].slice(-mostActs);
      const fromUs = await writeAhead(nowUs, (us) => write(person, withIt(us)));
      byPerson.set(person, withIt(fromUs));
      return { number, fromUs, by, act };
    },
  };
}
