/**
 * How much of a day a device may have in the journal, so that one which floods takes no other's days. What goes beyond is judged and not kept, as on a full
 * disk: a wearable that waits for an acknowledgement sends nothing new, and alarms do not stop because it sends much.
 */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { DayBudget, Journal } from "./journal-port.ts";

type Done = Parameters<Journal["offer"]>[2];
type Outcome = Parameters<Done>;

const dayUs = 86_400_000_000;
/** What a record takes beside its bytes: many small ones are a flood, too. */
const recordBytes = 32;
/** Descriptors have so much of the share for themselves, and samples the rest: neither takes the other's. */
const descriptorShare = 1 / 16;

export const dayFull = "journal.day_full";

/** An offer of a lane; linked, because a disk that stands still leaves tens of thousands waiting. */
interface Waiting {
  readonly done: Done;
  outcome?: Outcome;
  next?: Waiting;
}

/** What one kind of message of a device has had of a day. */
interface Used {
  readonly day: number;
  bytes: number;
  /** From the first that doesn't fit on nothing does: what is missing is one stretch. */
  isOver: boolean;
}

/** @param maxDayBytes of one device in one day of the gateway's axis, counted from the start of the process */
export function withDayBudget(journal: Pick<Journal, "offer">, maxDayBytes: number): DayBudget {
  const samples = new Map<string, Used>();
  const descriptors = new Map<string, Used>();
  const overBytes = new Map<string, number>();
  /** Offers of a lane that have no answer yet, the oldest first: one that is refused here waits for those before it. */
  const waiting = new Map<string, { first: Waiting | undefined; last: Waiting | undefined }>();

  const isOver = ({ device, channel, bytes, stamps }: Chunk): boolean => {
    const isDescriptor = channel.endsWith("/meta");
    const usedBy = isDescriptor ? descriptors : samples;
    const day = dayOf(stamps.timeUs);
    const known = usedBy.get(device);
    const used = known?.day === day ? known : { day, bytes: 0, isOver: false };
    usedBy.set(device, used);
    used.bytes += bytes.length + recordBytes;
    used.isOver ||= used.bytes > maxDayBytes * (isDescriptor ? descriptorShare : 1 - descriptorShare);
    if (used.isOver) overBytes.set(device, (overBytes.get(device) ?? 0) + bytes.length);
    return used.isOver;
  };

  return {
    overBytes,
    over(nowUs) {
      const used = [...samples, ...descriptors].filter(([, { day, isOver: isFull }]) => isFull && day === dayOf(nowUs));
      return [...new Set(used.map(([device]) => device))];
    },
    offer(lane, chunk, done) {
      const line = waiting.get(lane) ?? { first: undefined, last: undefined };
      waiting.set(lane, line);
      const entry: Waiting = { done };
      if (line.last === undefined) line.first = entry;
      else line.last.next = entry;
      line.last = entry;
      const settle: Done = (...outcome) => {
        entry.outcome = outcome;
        for (let first = line.first; first?.outcome !== undefined; first = line.first) {
          line.first = first.next;
          if (line.first === undefined) line.last = undefined;
          first.done(...first.outcome);
        }
      };
      if (!isOver(chunk)) return journal.offer(lane, chunk, settle);
      const message = "the device has sent more than the journal keeps of one device in a day";
      settle(new GatewayError(dayFull, "world", message, { fields: { device: chunk.device } }), 0);
    },
  };
}

function dayOf(timeUs: number): number {
  return Math.floor(timeUs / dayUs);
}
