/** What the page's door and the twin's take at once. */

import type { DoorLimits } from "../runtime/door.ts";

/** A browser opens up to six connections; one that fetches the page over a slow line takes some seconds and shows its token after that. */
export const httpDoorLimits: DoorLimits = { maxStrangers: 512, strangerMs: 30_000, maxKnown: 512, maxPerAccount: 128 };
