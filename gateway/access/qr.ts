/** QR codes (ISO/IEC 18004) of addresses, for a terminal and as rows for a page. */

import { encode } from "uqr";

/** White modules round the code that a camera needs (clause 9.1). */
const quietModules = 4;

/** One text a row, "1" dark and "0" light, the quiet zone included. */
export function qrRows(text: string): string[] {
  return encode(text, { ecc: "M", border: quietModules }).data.map((row) => row.map((isDark) => (isDark ? "1" : "0")).join(""));
}

/** Two rows a line in half blocks. The light modules are drawn, so that it reads on a dark terminal; a light one shows it inverted, which phones read too. */
export function qrLines(text: string): string[] {
  const rows = qrRows(text);
  const blocks = { "00": "█", "01": "▀", "10": "▄", "11": " " } as const;
  return Array.from({ length: Math.ceil(rows.length / 2) }, (_, i) =>
    Array.from(rows[2 * i] ?? "", (top, x) => blocks[`${top}${rows[2 * i + 1]?.[x] ?? "1"}` as keyof typeof blocks]).join(""),
  );
}
