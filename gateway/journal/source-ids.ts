/** Numbers for what chunks come from, so that a record need not name link, device and channel in full. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { Source } from "./record-codec.ts";

export function createSourceIds() {
  const sourceIds = new Map<string, number>();
  let newSources: Source[] = [];
  return {
    idOf(chunk: Chunk): number {
      const key = `${chunk.link}\n${chunk.device}\n${chunk.channel}`;
      const present = sourceIds.get(key);
      if (present !== undefined) return present;
      const id = sourceIds.size;
      sourceIds.set(key, id);
      newSources.push({ id, link: chunk.link, device: chunk.device, channel: chunk.channel });
      return id;
    },
    /** Those that no commit has named yet. */
    takeNew(): Source[] {
      const taken = newSources;
      newSources = [];
      return taken;
    },
  };
}
