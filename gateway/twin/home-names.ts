/**
 * The home's own names in what the twin beside it answers: the gateway tells them to its embedded twin while both run, and they are in its memory alone. What
 * it stores has pseudonyms, and so has what any other twin answers.
 */

/** What the twin calls it, and what the home does. */
export type NamePair = readonly [alias: string, own: string];

export interface HomeNames {
  /** The twin's name for a person of the home; what is none of those stays as it is. */
  aliasOf(id: string): string;
  /** JSON with the home's names in it. */
  inJson(text: string): string;
}

const alias = /\b[pn]-[0-9a-f]{16}\b/g;

export function createHomeNames(pairs: readonly NamePair[]): HomeNames {
  const ownBy = new Map(pairs);
  const aliasById = new Map(pairs.flatMap(([name, own]) => (name.startsWith("p-") ? [[own, name] as const] : [])));
  return {
    aliasOf: (id) => aliasById.get(id) ?? id,
    inJson: (text) => text.replace(alias, (name) => (ownBy.has(name) ? JSON.stringify(ownBy.get(name)).slice(1, -1) : name)),
  };
}
