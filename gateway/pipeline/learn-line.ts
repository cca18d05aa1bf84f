/** What people say is normal for a person, on the line of the 250 ms grid at or after its date, so that a restart hears it between the same two facts. */

import type { Fact } from "../facts/fact.ts";
import type { DatedLearnAct } from "../facts/learning.ts";
import { tickUs } from "../stream/order.ts";

interface LearnLine {
  /** Of the newest act that was told; 0 for none. */
  readonly number: number;
  /** The acts that are due by this line of the grid, in order. */
  due(lineUs: number): (Fact & { readonly kind: "learn" })[];
}

/** @param all every act that may still matter, oldest first; asked again on every line. */
export function createLearnLine(all: () => readonly DatedLearnAct[], savedNumber = 0): LearnLine {
  let number = savedNumber;
  return {
    get number() {
      return number;
    },
    due(lineUs) {
      const acts = all();
      if ((acts.at(-1)?.number ?? 0) <= number) return [];
      const facts: (Fact & { readonly kind: "learn" })[] = [];
      for (const act of acts) {
        const timeUs = Math.ceil(act.fromUs / tickUs) * tickUs;
        if (act.number <= number) continue;
        if (timeUs > lineUs) break;
        number = act.number;
        facts.push({ kind: "learn", timeUs, ...act });
      }
      return facts;
    },
  };
}
