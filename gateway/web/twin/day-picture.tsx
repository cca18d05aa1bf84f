/** Heart rate over time with lanes below it. The pictures stretch with the page; every word and number stands beside them as text. */

import { clockText } from "../format.ts";
import { ruleName, texts } from "../texts.ts";
import { type RateMinute, type Stretch, watchedShare } from "./day-shape.ts";
import { rhythmName, twinTexts } from "./texts.ts";
import type { AlertAtTwin, CoverageAtTwin } from "./wire.ts";

const height = 100;
const laneHeight = 10;
/** Steps of the scale, beats/min. */
const stepBpm = 20;
const usual = "(N";
const maxListed = 12;

interface DayPictureProps {
  readonly fromUs: number;
  readonly toUs: number;
  readonly runs: readonly (readonly RateMinute[])[];
  readonly rhythms: readonly Stretch[];
  readonly coverage: CoverageAtTwin;
  readonly alerts: readonly AlertAtTwin[];
}

export function DayPicture({ fromUs, toUs, runs, rhythms, coverage, alerts }: DayPictureProps) {
  const minutes = (toUs - fromUs) / 60e6;
  const rows = runs.flat();
  const least = Math.min(...rows.map((row) => row.least));
  const most = Math.max(...rows.map((row) => row.most));
  const scale = rows.length === 0 ? { low: 40, high: 120 } : scaleOf(least, most);
  const inside = alerts.filter((alert) => alert.onset_s * 1e6 < toUs && (alert.end_s === null || alert.end_s * 1e6 > fromUs));
  const at = (minute: number) => shortClock(fromUs / 1e6 + minute * 60);
  const words = rows.length === 0 ? twinTexts.day.noRate : twinTexts.day.rate(Math.round(least), Math.round(most), rows.length);
  return (
    <figure data-day-minutes={rows.length}>
      <figcaption>{words}</figcaption>
      <div class="day-grid">
        <span class="day-name day-scale" aria-hidden="true">
          <span>{scale.high}</span>
          <span>{scale.low}</span>
        </span>
        <svg class="day-rate" viewBox={`0 0 ${minutes} ${height}`} preserveAspectRatio="none" role="img" aria-label={words}>
          <title>{words}</title>
          {gridOf(minutes).map((x) => (
            <line key={x} x1={x} x2={x} y1={0} y2={height} class="strip-grid" />
          ))}
          {runs.map((run) => (
            <g key={run[0]?.at}>
              <path d={bandPath(run, scale)} class="day-band" />
              <path d={meanPath(run, scale)} class="day-mean" />
            </g>
          ))}
        </svg>
        <Lane name={twinTexts.day.rhythm} minutes={minutes}>
          {rhythms.map(({ label, from, to }) => (
            <rect key={from} x={from} width={to - from} height={laneHeight} class={label === usual ? "lane-usual" : "lane-unusual"} />
          ))}
        </Lane>
        <Lane name={texts.alerts.heading} minutes={minutes}>
          {inside.map((alert) => {
            const from = Math.max(0, (alert.onset_s * 1e6 - fromUs) / 60e6);
            const to = Math.min(minutes, ((alert.end_s ?? toUs / 1e6) * 1e6 - fromUs) / 60e6);
            return (
              <rect
                key={alert.id}
                x={from}
                width={Math.max(to - from, minutes / 200)}
                height={laneHeight}
                class={`lane-${alert.priority}`}
              />
            );
          })}
        </Lane>
        <Lane name={twinTexts.day.watched} minutes={minutes}>
          {coverage.parts.map((part) => {
            const [x, width] = [(part.fromUs - fromUs) / 60e6, (part.toUs - part.fromUs) / 60e6];
            const share = watchedShare(part.watched_s, width * 60);
            return <rect key={x} x={x} width={width * share} height={laneHeight} class="lane-watched" />;
          })}
        </Lane>
        <span />
        <span class="day-axis">
          <span>{at(0)}</span>
          <span>{at(minutes / 2)}</span>
          <span>{at(minutes)}</span>
        </span>
      </div>
      <DayWords rhythms={rhythms} alerts={inside} hasRate={rows.length > 0} at={at} />
    </figure>
  );
}

interface DayWordsProps extends Pick<DayPictureProps, "rhythms" | "alerts"> {
  readonly hasRate: boolean;
  /** The time of day of a minute of the span. */
  readonly at: (minute: number) => string;
}

/** What the lanes show, to read. */
function DayWords({ rhythms, alerts, hasRate, at }: DayWordsProps) {
  const unusual = rhythms.filter(({ label }) => label !== usual);
  return (
    <ul class="day-words">
      {hasRate && rhythms.length === 0 && <li>{twinTexts.day.noRhythm}</li>}
      {rhythms.length > 0 && unusual.length === 0 && <li>{twinTexts.day.allUsual}</li>}
      {unusual.slice(-maxListed).map(({ label, from, to }) => (
        <li key={from}>{twinTexts.day.stretch(rhythmName(label), at(from), at(to))}</li>
      ))}
      {alerts.length === 0 ? (
        <li>{twinTexts.day.noAlerts}</li>
      ) : (
        alerts
          .slice(0, maxListed)
          .map((alert) => (
            <li key={alert.id}>
              {twinTexts.day.alert(texts.alerts.priority[alert.priority], ruleName(alert.rule), shortClock(alert.onset_s))}
            </li>
          ))
      )}
    </ul>
  );
}

function Lane({ name, minutes, children }: { name: string; minutes: number; children: preact.ComponentChildren }) {
  return (
    <>
      <span class="day-name">{name}</span>
      <svg class="day-lane" viewBox={`0 0 ${minutes} ${laneHeight}`} preserveAspectRatio="none" aria-hidden="true">
        {children}
      </svg>
    </>
  );
}

/** "14:05". */
const shortClock = (timeS: number): string => clockText(timeS).slice(0, 5);

/** Four parts. */
const gridOf = (minutes: number): number[] => [1, 2, 3].map((part) => (part * minutes) / 4);

interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(least: number, most: number): Scale {
  const low = Math.floor(least / stepBpm) * stepBpm;
  return { low, high: Math.max(Math.ceil(most / stepBpm) * stepBpm, low + 2 * stepBpm) };
}

const yOf = (bpm: number, { low, high }: Scale): string => (((high - bpm) / (high - low)) * height).toFixed(1);

/** Each minute is as wide as it was long, so that a single one is seen. */
function meanPath(run: readonly RateMinute[], scale: Scale): string {
  return run.map(({ at, mean }, i) => `${i === 0 ? "M" : "L"}${at} ${yOf(mean, scale)}H${at + 1}`).join("");
}

function bandPath(run: readonly RateMinute[], scale: Scale): string {
  const above = run.map(({ at, most }, i) => `${i === 0 ? "M" : "L"}${at} ${yOf(most, scale)}H${at + 1}`).join("");
  const below = [...run].reverse().map(({ at, least }) => `L${at + 1} ${yOf(least, scale)}H${at}`);
  return `${above}${below.join("")}Z`;
}
