/**
 * Seconds in which a sensor of the person was shaken. A pulse by light has the rhythm of the steps then, however like each other its strokes are: it is not to
 * be believed until it has been seen at rest for its whole window.
 */

import type { Fact } from "../facts/fact.ts";

export interface Shaken {
  note(fact: Fact): void;
  /** Within the `spanUs` up to `toUs`. */
  within(toUs: number, spanUs: number): boolean;
  state(): number[];
}

const keptUs = 70_000_000;
/** One knock is no movement. */
const least = 2;

/** @param saved ends of such seconds, oldest first. */
export function createShaken(saved: readonly number[] = []): Shaken {
  let timesUs = [...saved];
  return {
    note(fact) {
      if (fact.kind !== "shaken") return;
      timesUs = timesUs.filter((each) => each > fact.timeUs - keptUs);
      timesUs.push(fact.timeUs);
    },
    within: (toUs, spanUs) => timesUs.filter((each) => each > toUs - spanUs && each <= toUs + 1_000_000).length >= least,
    state: () => [...timesUs],
  };
}
