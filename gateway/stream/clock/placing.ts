/** Puts the blocks of one stream on the gateway's axis: those of a new boot once their pace is known, all others at once. */

import type { SampleBlock } from "../../../device-drivers/contract/sample-block.ts";
import type { PastSignal } from "../past.ts";
import type { PlacedBlock } from "../reorder.ts";
import { type ClockMapState, createClockMap } from "./clock-map.ts";
import { createFirstContact, type FirstContactState, type OnPast } from "./first-contact.ts";
import { deviceUsOf, placeBlock } from "./place.ts";

export interface PlacingState {
  readonly clock: ClockMapState | undefined;
  readonly contact: FirstContactState;
}

export interface Placing {
  /** Empty while the block waits. */
  push(block: SampleBlock): PlacedBlock[];
  /** What has waited and may go on at this line of the grid; a long past goes its own way. */
  release(nowUs: number): PlacedBlock[];
  /** All that waits: the stream ends here. */
  rest(): PlacedBlock[];
  state(): PlacingState;
}

/** A beat waits for those that follow it at most this long, and a detector finds its footing within it. */
const followUs = 8_000_000;

export function createPlacing(onPast: (signal: PastSignal) => void, saved?: PlacingState): Placing {
  const clock = createClockMap(saved?.clock);
  const contact = createFirstContact(saved?.contact);
  const part: OnPast = (past, follows, offsetUs) => {
    const fixed = { startUs: (_boot: string, deviceUs: number) => Math.round(deviceUs + offsetUs) };
    const blocks = past.map((block) => placeBlock(block, fixed));
    const beginUs = (follows[0] === undefined ? 0 : deviceUsOf(follows[0])) + offsetUs;
    const after = follows.map((block) => placeBlock(block, fixed)).filter(({ startUs }) => startUs < beginUs + followUs);
    onPast({ blocks: [...blocks, ...after], cutUs: Math.round(beginUs) });
  };
  const release = (nowUs: number) => Array.from(contact.release(nowUs, clock, part), (block) => placeBlock(block, clock));
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
