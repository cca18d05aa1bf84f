/** So many at once, then one for each `everyUs` that passes. */

export interface TokenBucket {
  /** True where one may be taken now. */
  isReady(monotonicUs: number): boolean;
  /** Takes one; false where none is there. */
  take(monotonicUs: number): boolean;
}

export function createTokenBucket({ depth, everyUs }: { readonly depth: number; readonly everyUs: number }, startUs: number): TokenBucket {
  let tokens = depth;
  let filledUs = startUs;
  const isReady = (monotonicUs: number) => {
    const count = Math.floor((monotonicUs - filledUs) / everyUs);
    filledUs += count * everyUs;
    tokens = Math.min(depth, tokens + count);
    return tokens >= 1;
  };
  return {
    isReady,
    take(monotonicUs) {
      if (!isReady(monotonicUs)) return false;
      tokens -= 1;
      return true;
    },
  };
}
