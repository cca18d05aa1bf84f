/** What the twin counts. Plain numbers, by reason; never by person. */

export interface TwinCounters {
  framesStoredTotal: number;
  framesRepeatedTotal: number;
  /** Authentic frames whose payload this version can't read; kept as they came. */
  framesOpaqueTotal: number;
  /** `malformed`, `foreign`, `forged`, `topic`, `password`, `size`, `password_busy`, `unstored`, `busy`, `day_full`, `claim`, and those of the door. */
  refused: Record<string, number>;
  commitsTotal: number;
}

export function emptyTwinCounters(): TwinCounters {
  return { framesStoredTotal: 0, framesRepeatedTotal: 0, framesOpaqueTotal: 0, refused: {}, commitsTotal: 0 };
}

export function countRefusal(counters: TwinCounters, reason: string): void {
  counters.refused[reason] = (counters.refused[reason] ?? 0) + 1;
}
