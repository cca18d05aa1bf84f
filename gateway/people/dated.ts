/** Changes with a date that is still to come when they are stored, so that the running house and a restart take them up at the same moment. */

import { isDeepStrictEqual } from "node:util";

const secondUs = 1_000_000;
/** A change that has been stored takes effect within this. */
const longestWaitUs = 60 * secondUs;

/** Stores a change with its date by `write`, and gives the date: a second or two from now. Rejects with what `write` rejects with. */
export async function writeAhead(nowUs: () => number, write: (fromUs: number) => Promise<void>): Promise<number> {
  for (let marginUs = secondUs; ; marginUs *= 2) {
    const fromUs = Math.ceil((nowUs() + marginUs) / secondUs) * secondUs;
    await write(fromUs);
    // A store that took longer than the margin: nobody has gone by it yet, so it is dated anew.
    if (nowUs() < fromUs) return fromUs;
  }
}

/** Nothing is dated later than `atUs` but what waits for its moment: a clock that was wrong had dated it. */
export function notAfter<Dated extends { readonly fromUs: number }>(history: readonly Dated[], atUs: number): readonly Dated[] {
  return history.map((each) => (each.fromUs > atUs + longestWaitUs ? { ...each, fromUs: atUs } : each));
}

/** The same of everybody's history; what has changed is written. */
export async function putHistoriesRight<Dated extends { readonly fromUs: number }>(
  byPerson: Map<string, readonly Dated[]>,
  atUs: number,
  write: (person: string, history: readonly Dated[]) => Promise<void>,
): Promise<void> {
  for (const [person, history] of byPerson) {
    const right = notAfter(history, atUs);
    if (isDeepStrictEqual(right, history)) continue;
    byPerson.set(person, right);
    await write(person, right);
  }
}
