/** A journal of one lane in memory, for pipelines that are killed and opened again in one process. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { Journal } from "../../gateway/journal/journal-port.ts";
import { passingJournal } from "../../gateway/replay/collecting.ts";

/** What is offered is kept at once, behind what `journalled` has; positions begin at 1. */
export function journalInto(journalled: Chunk[]): Journal {
  return {
    ...passingJournal(),
    offer(_lane, chunk, done) {
      journalled.push(chunk);
      done(undefined, journalled.length);
    },
    async *read(_lane, from) {
      for (let position = from; position <= journalled.length; position++)
        yield { position, bootId: "boot", chunk: journalled[position - 1] as Chunk };
    },
    async seek(_lane, fromUs) {
      const at = journalled.findIndex(({ stamps }) => stamps.timeUs >= fromUs);
      return at < 0 ? undefined : at + 1;
    },
    last: async () => ({ position: journalled.length, timeUs: journalled.at(-1)?.stamps.timeUs ?? 0 }),
  };
}
