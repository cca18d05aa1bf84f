/** Which sequence numbers have been seen, in any order, as a bounded list of ranges. A number far behind a closed hole counts as seen. */

/** Rising, not touching, both ends inclusive. */
export type SeenState = readonly (readonly [from: number, to: number])[];

interface SeenNumbers {
  /** Notes a number; false when it had been seen. */
  add(number: number): boolean;
  state(): SeenState;
}

/** With more than `maxRanges` ranges the oldest hole is closed: what comes for it later is a duplicate, so that nothing is ever taken twice. */
export function createSeenNumbers(maxRanges = 256, saved: SeenState = []): SeenNumbers {
  const ranges = saved.map(([from, to]): [number, number] => [from, to]);
  return {
    add(number) {
      let at = ranges.length;
      while (at > 0 && (ranges[at - 1]?.[0] ?? 0) > number) at--;
      const before = ranges[at - 1];
      const after = ranges[at];
      if (before !== undefined && number <= before[1]) return false;
      const joinsBefore = before !== undefined && before[1] + 1 === number;
      const joinsAfter = after !== undefined && after[0] - 1 === number;
      if (joinsBefore && joinsAfter) {
        before[1] = after[1];
        ranges.splice(at, 1);
      } else if (joinsBefore) before[1] = number;
      else if (joinsAfter) after[0] = number;
      else ranges.splice(at, 0, [number, number]);
      const [oldest, second] = ranges;
      if (ranges.length > maxRanges && oldest !== undefined && second !== undefined) {
        oldest[1] = second[1];
        ranges.splice(1, 1);
      }
      return true;
    },
    state: () => ranges.map(([from, to]): [number, number] => [from, to]),
  };
}
