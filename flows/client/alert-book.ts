/** Which alerts a flow has been told, and how they looked: what a break of the line has hidden is found by comparison, and nothing is told twice. Pure. */

import { type Alert, isOpen } from "./wire.ts";

interface AlertBook {
  /** Notes the alert; true where it is new or looks different from what was told last. */
  note(alert: Alert): boolean;
  /** Open ones as they were told last, the oldest first. */
  open(): Alert[];
  /** The newest time at which any of them was raised; undefined before the first. */
  newestRaisedMs(): number | undefined;
}

/** Closed ones are kept so that an older sight of them isn't told again. */
const maxClosed = 2000;
/** More open ones than any home has; beyond it the oldest is forgotten, and would be told once more. */
const maxOpen = 10_000;

export function createAlertBook(): AlertBook {
  const openOnes = new Map<string, { alert: Alert; look: string }>();
  const closedLooks = new Map<string, string>();
  let newestMs: number | undefined;
  return {
    note(alert) {
      const look = JSON.stringify(alert);
      const known = openOnes.get(alert.id)?.look ?? closedLooks.get(alert.id);
      newestMs = Math.max(newestMs ?? 0, Date.parse(alert.raised_at));
      if (known === look) return false;
      if (isOpen(alert)) {
        closedLooks.delete(alert.id);
        openOnes.set(alert.id, { alert, look });
        forgetOldest(openOnes, maxOpen);
      } else {
        openOnes.delete(alert.id);
        closedLooks.set(alert.id, look);
        forgetOldest(closedLooks, maxClosed);
      }
      return true;
    },
    open: () => [...openOnes.values()].map(({ alert }) => alert).sort((a, b) => Date.parse(a.raised_at) - Date.parse(b.raised_at)),
    newestRaisedMs: () => newestMs,
  };
}

function forgetOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
