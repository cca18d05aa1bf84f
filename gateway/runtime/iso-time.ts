/** Times of the gateway's axis as people and other programs write them. Pure. */

/** ISO 8601 in UTC, to the nearest millisecond. */
export function isoOf(timeUs: number): string {
  return new Date(Math.round(timeUs / 1000)).toISOString();
}

export function isoOrNull(timeUs: number | undefined): string | null {
  return timeUs === undefined ? null : isoOf(timeUs);
}
