/** Which channel of a stream is shown around an alert. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Use, usesOf } from "./use.ts";

/** A signal before a number, which goes to the twin anyhow. */
const order: readonly Use[] = ["beats", "pulse", "movement", "vital"];

/** The channel that is analysed; undefined for a stream of which none is. */
export function stripChannel(descriptor: StreamDescriptor): Channel | undefined {
  const uses = usesOf(descriptor);
  const at = order.map((wanted) => uses.findIndex(({ use }) => use === wanted)).find((found) => found >= 0);
  return at === undefined ? undefined : descriptor.channels[at];
}
