/** Ties a sample of a device's boot to the axis, so that a strip can be read from the journal later, where everything stands as the device had numbered it. */

import type { PlacedBlock } from "../reorder.ts";

export interface Anchor {
  /** The device's boot; with a suffix where its numbers had been corrected, since anchors before and after that tell different things. */
  readonly bootId: string;
  /** As the device numbers it. */
  readonly index: number;
  readonly timeUs: number;
  /** Only where samples come at another rate than their descriptor says. */
  readonly rateHz?: number;
}

const suffix = "~";

export function anchorOf({ bootId, firstIndex, startUs, raw }: PlacedBlock, rateHz: number): Anchor {
  if (raw === undefined) return { bootId, index: firstIndex, timeUs: startUs };
  const isRenumbered = raw.bootId !== bootId || raw.firstIndex !== firstIndex || raw.rateHz !== rateHz;
  const name = isRenumbered ? `${raw.bootId}${suffix}${bootId}${suffix}${raw.firstIndex - firstIndex}${suffix}${rateHz}` : bootId;
  return { bootId: name, index: raw.firstIndex, timeUs: startUs, ...(raw.rateHz === rateHz ? {} : { rateHz }) };
}

/** The boot as the journal's blocks name it. */
export function bootOf(anchor: Pick<Anchor, "bootId">): string {
  return anchor.bootId.split(suffix)[0] ?? anchor.bootId;
}
