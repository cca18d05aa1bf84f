/** Rows of plain text for a terminal: aligned, a line each, never wider than 100 characters. Pure. */

const widest = 100;
const between = 2;
/** Below this a cell says nothing any more. */
const narrowest = 6;

/** `rows` hold one cell per title. Where it would be too wide, the widest column is cut first and says so with "…". */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const total = () => widths.reduce((sum, width) => sum + width, between * (widths.length - 1));
  while (total() > widest) {
    const column = widths.indexOf(Math.max(...widths));
    const width = widths[column] ?? 0;
    if (width <= narrowest) break;
    widths[column] = width - 1;
  }
  return lines
    .map((line) =>
      line
        .map((cell, column) => padded(cell, widths[column] ?? 0))
        .join(" ".repeat(between))
        .trimEnd(),
    )
    .join("\n");
}

function padded(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

/** "4 s", "3 min", "2 h", "5 d"; "–" for what is not known. */
export function ageText(iso: string | null | undefined, nowMs: number): string {
  if (iso === null || iso === undefined) return "–";
  return spanText((nowMs - Date.parse(iso)) / 1000);
}

export function spanText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
