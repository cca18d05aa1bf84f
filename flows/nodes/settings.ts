/** Reads what dialogs stored. Pure. */

/** A list that people separate with commas or spaces. */
export function wordsOf(typed: unknown): string[] {
  return typeof typed === "string" ? typed.split(/[\s,;]+/).filter((word) => word !== "") : [];
}
