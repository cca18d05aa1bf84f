/** The last seconds of one channel, addressed by sample position; what is missing or gone is NaN, never a neighbour's value. */

export interface RingState {
  samples: Float32Array;
  end: number;
}

interface Ring {
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
      for (let i = 0; i < samples.length; i++) kept[(end + i) % capacity] = samples[i] ?? Number.NaN;
      end += samples.length;
    },
    slice(from, to) {
      const out = new Float32Array(Math.max(0, to - from)).fill(Number.NaN);
      const first = Math.max(from, end - capacity, 0);
      for (let position = first; position < Math.min(to, end); position++) out[position - from] = kept[position % capacity] ?? Number.NaN;
      return out;
    },
    state: () => ({ samples: kept.slice(), end }),
  };
}
