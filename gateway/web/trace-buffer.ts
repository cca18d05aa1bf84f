/** The last seconds of one channel on the gateway's axis, ready to be drawn as a sweep. A slot without a sample is null; nothing is filled in. */

export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface TraceBuffer {
  readonly rateHz: number;
  /** Slots of one sweep. */
  readonly slots: number;
  push(startUs: number, values: readonly (number | null)[]): void;
  /** Adds samples from before; what was pushed stays. */
  fillOlder(startUs: number, values: readonly (number | null)[]): void;
  /** Writes what a sweep whose line stands at `headUs` shows: `eraseS` before the line's old samples are blank already. */
  fill(headUs: number, eraseS: number, out: (number | null)[]): void;
  /** Spans longer than `minS` without samples in the visible window, at or after the first sample ever seen. */
  gaps(headUs: number, minS: number): Span[];
  readonly newestUs: number | undefined;
}

/** Makes an empty buffer for `windowS` seconds; it holds twice as much, so that samples ahead of the line wait for it. */
export function createTraceBuffer(rateHz: number, windowS: number): TraceBuffer {
  const slots = Math.max(2, Math.round(rateHz * windowS));
  const size = slots * 2;
  const values = new Float32Array(size);
  const indexAt = new Float64Array(size).fill(-1);
  let next: number | undefined;
  let first: number | undefined;
  const usOf = (index: number) => (index / rateHz) * 1e6;
  const valueAt = (index: number): number | null => {
    const at = index % size;
    const value = indexAt[at] === index ? values[at] : undefined;
    return value === undefined || Number.isNaN(value) ? null : value;
  };

  return {
    rateHz,
    slots,
    push(startUs, block) {
      let index = Math.round((startUs * rateHz) / 1e6);
      // Blocks of one stream abut; a rounding of one or two slots between them is not a gap.
      if (next !== undefined && Math.abs(index - next) <= Math.max(2, rateHz * 0.02)) index = next;
      first ??= index;
      for (let i = 0; i < block.length; i += 1) {
        const at = (index + i) % size;
        values[at] = block[i] ?? Number.NaN;
        indexAt[at] = index + i;
      }
      next = Math.max(next ?? 0, index + block.length);
    },
    fillOlder(startUs, block) {
      const index = Math.round((startUs * rateHz) / 1e6);
      for (let i = 0; i < block.length; i += 1) {
        const at = (index + i) % size;
        if ((indexAt[at] ?? -1) >= index + i) continue;
        values[at] = block[i] ?? Number.NaN;
        indexAt[at] = index + i;
      }
      first = Math.min(first ?? index, index);
      next ??= index + block.length;
    },
    fill(headUs, eraseS, out) {
      const head = Math.floor((headUs * rateHz) / 1e6);
      const erased = Math.round(eraseS * rateHz);
      const base = head - (head % slots);
      for (let slot = 0; slot < slots; slot += 1) {
        const index = base + slot <= head ? base + slot : base + slot - slots;
        out[slot] = index > head - slots + erased ? valueAt(index) : null;
      }
    },
    gaps(headUs, minS) {
      const head = Math.floor((headUs * rateHz) / 1e6);
      const found: Span[] = [];
      if (first === undefined) return found;
      let from: number | undefined;
      for (let index = Math.max(first, head - slots + 1); index <= head + 1; index += 1) {
        const isHole = index <= head && valueAt(index) === null;
        if (isHole) from ??= index;
        else if (from !== undefined) {
          if (index - from >= minS * rateHz) found.push({ fromUs: usOf(from), toUs: usOf(index) });
          from = undefined;
        }
      }
      return found;
    },
    get newestUs() {
      return next === undefined ? undefined : usOf(next);
    },
  };
}

/** Where a span of time lies on a sweep of `windowS` seconds whose line is at `headUs`: x ranges in seconds, two where it wraps. */
export function sweepSpans(span: Span, headUs: number, windowS: number): { fromS: number; toS: number }[] {
  const windowUs = windowS * 1e6;
  const fromUs = Math.max(span.fromUs, headUs - windowUs);
  const toUs = Math.min(span.toUs, headUs);
  if (toUs <= fromUs) return [];
  const fromS = (fromUs % windowUs) / 1e6;
  const lengthS = (toUs - fromUs) / 1e6;
  if (fromS + lengthS <= windowS) return [{ fromS, toS: fromS + lengthS }];
  return [
    { fromS, toS: windowS },
    { fromS: 0, toS: fromS + lengthS - windowS },
  ];
}
