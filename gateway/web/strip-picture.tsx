/** A still picture of a strip as SVG. Samples that are not there break the line. */

import type { Trace } from "./wire-types.ts";

const width = 420;
const height = 84;
const topPx = 16;
const rowS = 10;

type Beats = readonly { readonly timeUs: number; readonly label: string }[];

/** Rows of 10 s below each other, as on paper, so that single beats can be told apart. All rows have one scale. */
export function StripPicture({ trace, beats, title }: { trace: Trace; beats: Beats; title: string }) {
  const perRow = Math.round(trace.rateHz * rowS);
  const rows = Array.from({ length: Math.ceil(trace.values.length / perRow) }, (_, row) => row);
  const range = rangeOf(trace.values);
  if (range === undefined) return null;
  return (
    <>
      {rows.map((row) => (
        <StripRow
          key={row}
          values={trace.values.slice(row * perRow, (row + 1) * perRow)}
          startUs={trace.startUs + row * rowS * 1e6}
          {...{ trace, beats, title, perRow, range }}
        />
      ))}
    </>
  );
}

interface StripRowProps {
  readonly trace: Trace;
  readonly values: readonly (number | null)[];
  readonly startUs: number;
  readonly perRow: number;
  readonly range: Range;
  readonly beats: Beats;
  readonly title: string;
}

function StripRow({ trace, values, startUs, perRow, range, beats, title }: StripRowProps) {
  const inside = beats.filter((beat) => beat.label !== "N" && beat.timeUs >= startUs && beat.timeUs < startUs + rowS * 1e6);
  const seconds = Array.from({ length: rowS - 1 }, (_, i) => ((i + 1) * width) / rowS);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${trace.lead ?? trace.channel}, ${Math.round(values.length / trace.rateHz)} s`}
    >
      <title>{title}</title>
      {seconds.map((x) => (
        <line key={x} x1={x} x2={x} y1={0} y2={height} class="strip-grid" />
      ))}
      <path d={stripPath(values, perRow, range)} class="strip-line" />
      {inside.map((beat) => (
        <text
          key={beat.timeUs}
          x={((beat.timeUs - startUs) * width) / (rowS * 1e6)}
          y={12}
          class={`strip-beat beat-${beat.label.toLowerCase()}`}
        >
          {beat.label}
        </text>
      ))}
    </svg>
  );
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function rangeOf(values: readonly (number | null)[]): Range | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? undefined : { low, high };
}

/** One line per stretch of samples, at most two points (lowest, highest) per horizontal unit. */
export function stripPath(values: readonly (number | null)[], perRow: number, { low, high }: Range): string {
  const yOf = (value: number) => (topPx + ((high - value) / Math.max(high - low, 1e-9)) * (height - topPx - 4)).toFixed(1);
  const perColumn = Math.max(1, perRow / width);
  let path = "";
  let isDown = false;
  for (let column = 0; column * perColumn < values.length; column += 1) {
    const part = values.slice(
      Math.floor(column * perColumn),
      Math.max(Math.floor(column * perColumn) + 1, Math.floor((column + 1) * perColumn)),
    );
    const present = part.filter((value): value is number => value !== null);
    if (present.length === 0) {
      isDown = false;
      continue;
    }
    const x = ((column * perColumn * width) / perRow).toFixed(1);
    path += `${isDown ? "L" : "M"}${x} ${yOf(Math.min(...present))}L${x} ${yOf(Math.max(...present))}`;
    isDown = true;
  }
  return path;
}
