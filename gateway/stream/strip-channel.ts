/** Which channel of a stream is shown around an alert. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Use, usesOf } from "./use.ts";

/** A signal before a number: an alert about a number names its channel. */
const order: readonly Use[] = ["beats", "pulse", "movement", "vital"];

/** The channel that an alert names, else the one that is analysed; undefined for a stream that has neither. */
export function stripChannel(descriptor: StreamDescriptor, named?: string): Channel | undefined {
  if (named !== undefined) return descriptor.channels.find(({ id }) => id === named);
  const uses = usesOf(descriptor);
  const at = order.map((wanted) => uses.findIndex(({ use }) => use === wanted)).find((found) => found >= 0);
  return at === undefined ? undefined : descriptor.channels[at];
}
