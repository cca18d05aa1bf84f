/** How much of a day a gateway may have in the twin's database, so that one which floods takes no other's room. Beyond it nothing is acknowledged: it comes again. */

import type { Frame } from "../semantic/frame.ts";

interface DayShare {
  /** True where the gateway has had its share of this class today. */
  isFull(frame: Pick<Frame, "g" | "c">, wallUs: number): boolean;
  stored(frame: Pick<Frame, "g" | "c" | "p">, wallUs: number): void;
}

/** Of each class of frames, so that no flood of the others keeps an alert out. A home sends some megabytes; its outbox, after an outage, holds 1 GiB. */
const usualBytes = 1 << 30;
const dayUs = 86_400_000_000;

export function createDayShare(maxBytes = usualBytes): DayShare {
  const used = new Map<string, number>();
  let today = 0;
  const of = ({ g, c }: Pick<Frame, "g" | "c">, wallUs: number) => {
    const day = Math.floor(wallUs / dayUs);
    if (day !== today) used.clear();
    today = day;
    return `${g}/${c}`;
  };
  return {
    isFull: (frame, wallUs) => (used.get(of(frame, wallUs)) ?? 0) >= maxBytes,
    stored(frame, wallUs) {
      const key = of(frame, wallUs);
      used.set(key, (used.get(key) ?? 0) + frame.p.length);
    },
  };
}
