/** How long what a model asks for may be. */

/** s. The ring of a stream holds as much; far longer than any context of one beat. */
export const longestS = 60;

export function isSpan(s: number): boolean {
  return Number.isFinite(s) && s >= 0 && s <= longestS;
}
