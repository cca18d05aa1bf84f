/** What was unlike, drawn: the beats over the usual one, and below them how they differ from what was expected of this person. */

import { isoClockText } from "./format.ts";
import { texts } from "./texts.ts";
import type { Alert } from "./wire-types.ts";

const width = 420;
const height = 110;
const marginPx = 6;
const lineS = 0.1;

export function UnusualPicture({ evidence }: { evidence: NonNullable<Alert["evidence"]> }) {
  const { usual, beats, from_s, to_s, learnt_from, learnt_to } = evidence;
  const says = texts.learning.picture;
  const shown = [usual, ...beats.map((beat) => beat.shown)];
  const differences = beats.map((beat) => beat.difference);
  const learnt = says.learnt(isoClockText(learnt_from), learnt_to === null ? "…" : isoClockText(learnt_to));
  return (
    <figure class="strip unusual-picture">
      <figcaption class="muted">{learnt}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={says.title}>
        <title>{says.title}</title>
        <Grid fromS={from_s} toS={to_s} />
        {beats.map((beat) => (
          <path key={beat.at} d={curvePath(beat.shown, shown)} class="strip-line unusual-seen" />
        ))}
        <path d={curvePath(usual, shown)} class="strip-line unusual-usual" />
      </svg>
      <p class="legend">
        <span class="unusual-key-usual">{says.usual}</span> <span class="unusual-key-seen">{says.seen}</span>
      </p>
      <svg viewBox={`0 0 ${width} ${height / 2}`} role="img" aria-label={says.difference}>
        <title>{says.difference}</title>
        <Grid fromS={from_s} toS={to_s} />
        {differences.map((difference, at) => (
          <path key={beats[at]?.at} d={curvePath(difference, [...differences, [0]], height / 2)} class="strip-line unusual-seen" />
        ))}
      </svg>
      <p class="legend">
        <span class="muted">{says.difference}</span>
      </p>
    </figure>
  );
}

function Grid({ fromS, toS }: { fromS: number; toS: number }) {
  const first = Math.ceil(fromS / lineS);
  const lines = Array.from({ length: Math.max(0, Math.floor(toS / lineS) - first + 1) }, (_, i) => (first + i) * lineS);
  return (
    <>
      {lines.map((s) => {
        const x = ((s - fromS) * width) / (toS - fromS);
        return <line key={s} x1={x} x2={x} y1={0} y2={height} class="strip-grid" />;
      })}
    </>
  );
}

/** One curve on the scale of all that share its picture. */
function curvePath(values: readonly number[], scale: readonly (readonly number[])[], heightPx = height): string {
  const all = scale.flat();
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const yOf = (value: number) => marginPx + ((high - value) / Math.max(high - low, 1e-9)) * (heightPx - 2 * marginPx);
  return values
    .map((value, i) => `${i === 0 ? "M" : "L"}${((i * width) / Math.max(1, values.length - 1)).toFixed(1)} ${yOf(value).toFixed(1)}`)
    .join("");
}
