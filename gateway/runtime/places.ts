/** A bounded number of places, shared fairly: when they are full, whoever holds most gives up the place taken longest ago. Pure. */

interface Places<T> {
  readonly count: number;
  /** Takes a place for one of `holder`; returns what gives it back, safe to call twice. */
  take(holder: string, one: T): () => void;
}

/** @param givesWay is told whose place went to another; `isOwn`: the holder had `maxPerHolder` already. It need not give the place back. */
export function createPlaces<T>(max: number, maxPerHolder: number, givesWay: (one: T, isOwn: boolean) => void): Places<T> {
  /** Each in the order of arrival. */
  const held = new Map<string, Set<T>>();
  let count = 0;

  const giveBack = (holder: string, one: T) => {
    const own = held.get(holder);
    if (own?.delete(one) !== true) return;
    count--;
    if (own.size === 0) held.delete(holder);
  };

  const free = (holder: string, isOwn: boolean) => {
    const [oldest] = held.get(holder) ?? [];
    if (oldest === undefined) return;
    giveBack(holder, oldest);
    givesWay(oldest, isOwn);
  };

  const largest = () => {
    let found = "";
    for (const [holder, own] of held) if (own.size > (held.get(found)?.size ?? 0)) found = holder;
    return found;
  };

  return {
    get count() {
      return count;
    },
    take(holder, one) {
      held.set(holder, (held.get(holder) ?? new Set()).add(one));
      count++;
      if ((held.get(holder)?.size ?? 0) > maxPerHolder) free(holder, true);
      else if (count > max) free(largest(), false);
      return () => giveBack(holder, one);
    },
  };
}
