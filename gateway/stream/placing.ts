/** Puts the blocks of one stream on the gateway's axis: those of a new boot once their pace is known, all others at once. */

import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { type ClockMapState, createClockMap } from "./clock-map.ts";
import { createFirstContact, type FirstContactState } from "./first-contact.ts";
import { placeBlock } from "./place.ts";
import type { PlacedBlock } from "./reorder.ts";

export interface PlacingState {
  readonly clock: ClockMapState | undefined;
  readonly contact: FirstContactState;
}

export interface Placing {
  /** Empty while the block waits. */
  push(block: SampleBlock): PlacedBlock[];
  /** What has waited and may go on at this line of the grid. */
  release(nowUs: number): PlacedBlock[];
  /** All that waits: the stream ends here. */
  rest(): PlacedBlock[];
  state(): PlacingState;
}

export function createPlacing(saved?: PlacingState): Placing {
  const clock = createClockMap(saved?.clock);
  const contact = createFirstContact(saved?.contact);
  const release = (nowUs: number) => Array.from(contact.release(nowUs, clock), (block) => placeBlock(block, clock));
  return {
    push: (block) => (contact.holds(block) ? [] : [placeBlock(block, clock)]),
    release,
    rest() {
      const all: PlacedBlock[] = [];
      for (let part = release(Number.POSITIVE_INFINITY); part.length > 0; part = release(Number.POSITIVE_INFINITY)) all.push(...part);
      return all;
    },
    state: () => ({ clock: clock.state(), contact: contact.state() }),
  };
}
