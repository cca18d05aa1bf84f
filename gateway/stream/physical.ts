/** Physical values of a placed block. */

import { type Channel, Flag } from "../../device-drivers/contract/sample-block.ts";
import type { PlacedBlock } from "./reorder.ts";

const hiding = Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic;

/** Sample `i` of the channel that stands at `index`, in the channel's own unit; NaN where nothing was measured. */
export function physicalAt(
  { flags, channels }: Pick<PlacedBlock, "flags" | "channels">,
  { scale, offset }: Channel,
  index: number,
  i: number,
): number {
  return ((flags?.[i] ?? 0) & hiding) !== 0 ? Number.NaN : (channels[index]?.[i] ?? Number.NaN) * scale + offset;
}
