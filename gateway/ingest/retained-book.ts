/** How much the broker retains for each account: it keeps the newest message of a topic until somebody empties it. Pure. */

interface RetainedBook {
  /** True where the message may be retained; an empty one ends what its topic has. */
  mayRetain(user: string, topic: string, sizeBytes: number): boolean;
}

/** A device's descriptors and its status; a bridge's states. */
const retainedLimits = { maxTopics: 256, maxBytes: 2 << 20 };

export function createRetainedBook({ maxTopics, maxBytes } = retainedLimits): RetainedBook {
  const accounts = new Map<string, { sizes: Map<string, number>; bytes: number }>();
  return {
    mayRetain(user, topic, sizeBytes) {
      const account = accounts.get(user) ?? { sizes: new Map<string, number>(), bytes: 0 };
      const { sizes } = account;
      const bytes = account.bytes - (sizes.get(topic) ?? 0) + sizeBytes;
      const isTooMuch = bytes > maxBytes || (!sizes.has(topic) && sizes.size >= maxTopics);
      if (sizeBytes > 0 && isTooMuch) return false;
      account.bytes = bytes;
      if (sizeBytes > 0) sizes.set(topic, sizeBytes);
      else sizes.delete(topic);
      accounts.set(user, account);
      return true;
    },
  };
}
