/** The last seconds of one channel, addressed by sample position; what is missing or gone is NaN, never a neighbour's value. */

export interface RingState {
  samples: Float32Array;
  end: number;
}

export interface Ring {
  /** One past the newest position. */
  readonly end: number;
  push(samples: Float32Array): void;
  /** Copies [from, to); positions outside what is kept are NaN. */
  slice(from: number, to: number): Float32Array;
  state(): RingState;
}

export function createRing(capacity: number, saved?: RingState): Ring {
  const kept = new Float32Array(capacity).fill(Number.NaN);
  let end = saved?.end ?? 0;
  // By position, for a ring of another length too: a model that looks farther back costs the others nothing.
  const was = saved?.samples ?? new Float32Array();
  for (let at = Math.max(0, end - Math.min(capacity, was.length)); at < end; at++) kept[at % capacity] = was[at % was.length] ?? Number.NaN;
  return {
    get end() {
      return end;
    },
    push(samples) {
      const newest = samples.length > capacity ? samples.subarray(samples.length - capacity) : samples;
      end += samples.length;
      const at = (end - newest.length) % capacity;
      const first = Math.min(newest.length, capacity - at);
      kept.set(first === newest.length ? newest : newest.subarray(0, first), at);
      if (first < newest.length) kept.set(newest.subarray(first), 0);
    },
    slice(from, to) {
      const out = new Float32Array(Math.max(0, to - from));
      const first = Math.min(Math.max(from, end - capacity, 0), to);
      const last = Math.max(Math.min(to, end), first);
      if (last === first) return out.fill(Number.NaN);
      out.fill(Number.NaN, 0, first - from);
      out.fill(Number.NaN, last - from);
      const at = first % capacity;
      const straight = Math.min(last - first, capacity - at);
      out.set(kept.subarray(at, at + straight), first - from);
      if (straight < last - first) out.set(kept.subarray(0, last - first - straight), first - from + straight);
      return out;
    },
    state: () => ({ samples: kept.slice(), end }),
  };
}
