/** Times of the gateway's axis as people and other programs write them. Pure. */

/** ISO 8601 in UTC, to the nearest millisecond. */
export function isoOf(timeUs: number): string {
  return new Date(Math.round(timeUs / 1000)).toISOString();
}

export function isoOrNull(timeUs: number | undefined): string | null {
  return timeUs === undefined ? null : isoOf(timeUs);
}

const iso = /^(\d{4})-(\d{2})-(\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Milliseconds since 1970 of a date, or of a date and time, in ISO 8601; NaN for everything else. `Date.parse` alone takes 03.12.2026 for the twelfth of March,
 * and 31 February for a day of March.
 */
export function msOfIso(text: string): number {
  const [, year, month, day] = iso.exec(text) ?? [];
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isDay ? Date.parse(text) : Number.NaN;
}
