/** Places for readers of a live stream: bounded for each account and in all, so that no account takes the last one of another. Pure. */

interface ReaderLimits {
  readonly max: number;
  readonly maxPerAccount: number;
  /** A reader that has read for so long gives way to a newer one of its account: it may be a phone that left without a word. Milliseconds. */
  readonly keepMs: number;
}

/** A page holds one; four people with three devices and two tabs each are 24. */
export const readerLimits: ReaderLimits = { max: 64, maxPerAccount: 32, keepMs: 60_000 };

interface LiveReaders {
  readonly count: number;
  /**
   * Takes a place for a reader of `account` that `end` would end; returns what gives it back, safe to call twice. Where the account has all of its places,
   * its oldest reader gives way; where all are taken, the oldest of the account that has most of them. Undefined while that one is too young, or while no
   * account has two more than this one.
   */
  take(account: string, end: () => void): (() => void) | undefined;
}

/** @param onGaveWay is told for each reader that is ended for a newer one */
export function createLiveReaders(limits: ReaderLimits, nowMs: () => number, onGaveWay: () => void = () => {}): LiveReaders {
  interface Reader {
    readonly account: string;
    readonly sinceMs: number;
    readonly end: () => void;
  }
  /** In the order of arrival. */
  const readers = new Set<Reader>();
  const of = (account: string) => [...readers].filter((reader) => reader.account === account);
  const giveWay = (reader: Reader) => {
    readers.delete(reader);
    onGaveWay();
    reader.end();
  };
  const oldEnough = (reader: Reader) => nowMs() - reader.sinceMs >= limits.keepMs;

  const makeRoom = (account: string): boolean => {
    const own = of(account);
    const [oldest] = own;
    if (oldest !== undefined && own.length >= limits.maxPerAccount) {
      if (!oldEnough(oldest)) return false;
      giveWay(oldest);
      return true;
    }
    if (readers.size < limits.max) return true;
    const most = [...new Set([...readers].map((reader) => reader.account))].map(of).sort((a, b) => b.length - a.length)[0] ?? [];
    const [first] = most;
    // Two more, so that the one who gives way does not come back and take this place again.
    const isFairer = most.length > own.length + 1;
    if (first === undefined || !(isFairer || oldEnough(first))) return false;
    giveWay(first);
    return true;
  };

  return {
    get count() {
      return readers.size;
    },
    take(account, end) {
      if (!makeRoom(account)) return undefined;
      const reader: Reader = { account, sinceMs: nowMs(), end };
      readers.add(reader);
      return () => void readers.delete(reader);
    },
  };
}
