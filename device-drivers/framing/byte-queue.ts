/** Bytes waiting for the rest of their frame: a growable ring with a hard cap. It refuses what doesn't fit and never grows beyond its cap. */

interface ByteQueue {
  readonly length: number;
  /** Takes as many bytes as fit and says how many. */
  push(bytes: Uint8Array): number;
  /** The byte at a place from the front; undefined beyond the end. */
  at(index: number): number | undefined;
  /** A copy of `count` bytes from a place on. Throws RangeError beyond the end. */
  copy(from: number, count: number): Uint8Array;
  /** Drops bytes at the front. */
  skip(count: number): void;
}

export function createByteQueue(maxBytes: number, initial: Uint8Array = new Uint8Array(0)): ByteQueue {
  let ring = new Uint8Array(Math.min(maxBytes, 256));
  let head = 0;
  let length = 0;

  const copy = (from: number, count: number): Uint8Array => {
    if (from < 0 || count < 0 || from + count > length) throw new RangeError("beyond the end of the queue");
    const out = new Uint8Array(count);
    const start = (head + from) % ring.length;
    const first = Math.min(count, ring.length - start);
    out.set(ring.subarray(start, start + first));
    out.set(ring.subarray(0, count - first), first);
    return out;
  };

  const grow = (needed: number) => {
    const kept = copy(0, length);
    ring = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * ring.length)));
    ring.set(kept);
    head = 0;
  };

  const queue: ByteQueue = {
    get length() {
      return length;
    },
    push(bytes) {
      const taken = Math.min(bytes.length, maxBytes - length);
      if (length + taken > ring.length) grow(length + taken);
      const start = (head + length) % ring.length;
      const first = Math.min(taken, ring.length - start);
      ring.set(bytes.subarray(0, first), start);
      ring.set(bytes.subarray(first, taken));
      length += taken;
      return taken;
    },
    at: (index) => (index >= 0 && index < length ? ring[(head + index) % ring.length] : undefined),
    copy,
    skip(count) {
      const dropped = Math.min(count, length);
      head = (head + dropped) % ring.length;
      length -= dropped;
    },
  };
  queue.push(initial);
  return queue;
}
