/**
 * Tells a batch that comes again from another one under a number that has been used: a device may begin to count anew. A repeat has the same number and
 * content; of what lies further back only numbers are known, and a run of them means that counting has begun again.
 */

import { createSeenNumbers, type SeenState } from "./seen-numbers.ts";

export interface TakenState<T> {
  readonly seen: SeenState;
  /** Newest last; absent in states of earlier versions. */
  readonly recent?: readonly (readonly [number: number, digest: number])[];
  readonly doubtful?: readonly { readonly number: number; readonly item: T }[];
}

export interface TakenBatches<T> {
  /** What is to be taken now: the item, nothing of a repeat, or all that had been held in doubt. `isAgain`: counting has begun again. */
  add(number: number, digest: number, item: T): { readonly items: readonly T[]; readonly isAgain: boolean };
  state(): TakenState<T>;
}

const keptDigests = 512;
/** So many used numbers in a row, with no larger holes than this, are no repeats of long ago. */
const rowLength = 4;
const rowHole = 8;

export function createTakenBatches<T>(saved?: TakenState<T>): TakenBatches<T> {
  let seen = createSeenNumbers(undefined, saved?.seen);
  const recent = new Map<number, number>(saved?.recent);
  let doubtful = [...(saved?.doubtful ?? [])];

  const remember = (number: number, digest: number) => {
    recent.delete(number);
    recent.set(number, digest);
    const [oldest] = recent.keys();
    if (recent.size > keptDigests && oldest !== undefined) recent.delete(oldest);
  };

  return {
    add(number, digest, item) {
      const known = recent.get(number);
      if (known === digest) return { items: [], isAgain: false };
      remember(number, digest);
      if (seen.add(number)) {
        doubtful = [];
        return { items: [item], isAgain: false };
      }
      if (known !== undefined) return { items: [item], isAgain: true };
      const last = doubtful.at(-1);
      const goesOn = last !== undefined && number > last.number && number - last.number <= rowHole;
      doubtful = goesOn ? [...doubtful, { number, item }] : [{ number, item }];
      if (doubtful.length < rowLength) return { items: [], isAgain: false };
      const items = doubtful.map((each) => each.item);
      seen = createSeenNumbers();
      for (const each of doubtful) seen.add(each.number);
      doubtful = [];
      return { items, isAgain: true };
    },
    state: () => ({ seen: seen.state(), recent: [...recent], doubtful }),
  };
}
