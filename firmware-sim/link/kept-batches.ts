/** A wearable's memory for batches that the broker has not acknowledged: bounded in bytes, oldest first. */

interface KeptBatch {
  readonly stream: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  isInFlight: boolean;
}

export function createKeptBatches(maxBytes: number) {
  const kept: KeptBatch[] = [];
  let bytes = 0;
  return {
    all: (): readonly KeptBatch[] => kept,
    /** Returns how many were given up for it; the newest always stays. */
    add(batch: KeptBatch): number {
      kept.push(batch);
      bytes += batch.bytes.length;
      let dropped = 0;
      for (; bytes > maxBytes && kept.length > 1; dropped++) bytes -= kept.shift()?.bytes.length ?? 0;
      return dropped;
    },
    remove(batch: KeptBatch): void {
      const at = kept.indexOf(batch);
      if (at < 0) return;
      kept.splice(at, 1);
      bytes -= batch.bytes.length;
    },
    clear(): void {
      kept.length = 0;
      bytes = 0;
    },
  };
}
