/** How far each model has learnt each person, as the newest signal told it. */

import type { Learning } from "../facts/learning.ts";

interface LearningNow {
  note(person: string, learning: Learning): void;
  of(person: string): readonly Learning[];
}

/** As many as a person has memories. */
const mostShown = 8;

export function createLearningNow(): LearningNow {
  const byPerson = new Map<string, Map<string, Learning>>();
  return {
    note(person, learning) {
      const own = byPerson.get(person) ?? new Map<string, Learning>();
      byPerson.set(person, own);
      const key = `${learning.model.id}/${learning.of}`;
      own.delete(key);
      own.set(key, learning);
      for (const oldest of [...own.keys()].slice(0, -mostShown)) own.delete(oldest);
    },
    of: (person) => [...(byPerson.get(person)?.values() ?? [])],
  };
}
