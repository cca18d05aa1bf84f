/** The annotation codes of the MIT format and the mnemonics by which people write them (WFDB ecgcodes). A table; no logic beyond look-up. */

const mnemonics: readonly (readonly [number, string])[] = [
  [1, "N"],
  [2, "L"],
  [3, "R"],
  [4, "a"],
  [5, "V"],
  [6, "F"],
  [7, "J"],
  [8, "A"],
  [9, "S"],
  [10, "E"],
  [11, "j"],
  [12, "/"],
  [13, "Q"],
  [14, "~"],
  [16, "|"],
  [18, "s"],
  [19, "T"],
  [20, "*"],
  [21, "D"],
  [22, '"'],
  [23, "="],
  [24, "p"],
  [25, "B"],
  [26, "^"],
  [27, "t"],
  [28, "+"],
  [29, "u"],
  [30, "?"],
  [31, "!"],
  [32, "["],
  [33, "]"],
  [34, "e"],
  [35, "n"],
  [36, "@"],
  [37, "x"],
  [38, "f"],
  [39, "("],
  [40, ")"],
  [41, "r"],
];

const symbolByCode = new Map(mnemonics);
const codeBySymbol = new Map(mnemonics.map(([code, symbol]) => [symbol, code]));

/** Mnemonic of a code; codes without one read `[15]`. */
export function symbolOf(code: number): string {
  return symbolByCode.get(code) ?? `[${code}]`;
}

/** Code of a mnemonic, undefined where there is none. */
export function codeOf(symbol: string): number | undefined {
  const bracketed = /^\[(\d{1,2})\]$/.exec(symbol);
  return bracketed === null ? codeBySymbol.get(symbol) : Number(bracketed[1]);
}
