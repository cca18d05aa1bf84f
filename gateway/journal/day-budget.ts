/** How much of a day a device may have in the journal, so that one which floods takes no other's days. What goes beyond is judged and not kept. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Journal } from "./journal-port.ts";

export interface DayBudget extends Pick<Journal, "offer"> {
  /** Bytes that were not kept since the start, by device; devices that never had too many are not there. */
  readonly overBytes: ReadonlyMap<string, number>;
}

type Done = Parameters<Journal["offer"]>[2];
type Outcome = Parameters<Done>;

const dayUs = 86_400_000_000;
/** What a record takes beside its bytes: many small ones are a flood, too. */
const recordBytes = 32;

/**
 * @param maxDayBytes of one device in one day of the gateway's axis, counted from the start of the process
 * @param onOver called at a device's first refused bytes of a day
 */
export function withDayBudget(
  journal: Pick<Journal, "offer">,
  { maxDayBytes, onOver }: { readonly maxDayBytes: number; readonly onOver: (device: string) => void },
): DayBudget {
  const today = new Map<string, { day: number; bytes: number; isOver: boolean }>();
  const overBytes = new Map<string, number>();
  /** Offers of a lane that have no answer yet: one that is refused here waits for those before it. */
  const waiting = new Map<string, { readonly done: Done; outcome?: Outcome }[]>();

  const isOver = ({ device, bytes, stamps }: Chunk): boolean => {
    const day = Math.floor(stamps.timeUs / dayUs);
    const known = today.get(device);
    const used = known?.day === day ? known : { day, bytes: 0, isOver: false };
    today.set(device, used);
    if (used.bytes + bytes.length + recordBytes <= maxDayBytes) {
      used.bytes += bytes.length + recordBytes;
      return false;
    }
    overBytes.set(device, (overBytes.get(device) ?? 0) + bytes.length);
    if (!used.isOver) onOver(device);
    used.isOver = true;
    return true;
  };

  return {
    overBytes,
    offer(lane, chunk, done) {
      const line = waiting.get(lane) ?? [];
      waiting.set(lane, line);
      const entry: { readonly done: Done; outcome?: Outcome } = { done };
      line.push(entry);
      const settle: Done = (...outcome) => {
        entry.outcome = outcome;
        while (line[0]?.outcome !== undefined) {
          const first = line.shift();
          if (first?.outcome !== undefined) first.done(...first.outcome);
        }
      };
      if (!isOver(chunk)) return journal.offer(lane, chunk, settle);
      const message = "the device has sent more than the journal keeps of one device in a day";
      settle(new GatewayError("journal.day_full", "world", message, { fields: { device: chunk.device } }), 0);
    },
  };
}
