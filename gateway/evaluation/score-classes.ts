/** Counts how often a recording of one class was called another, and what follows of it. */

export interface Called {
  readonly reference: string;
  readonly called: string;
}

/** F1 of one class, 2·n / (row + column) of the table (CinC 2017); null where nobody has it and nothing was called so. */
export function classF1(rows: readonly Called[], name: string): number | null {
  const both = rows.filter(({ reference, called }) => reference === name && called === name).length;
  const either = rows.filter(({ reference }) => reference === name).length + rows.filter(({ called }) => called === name).length;
  return either === 0 ? null : (2 * both) / either;
}
