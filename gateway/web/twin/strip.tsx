/** The signal around an alert as the twin has it: of every stretch it is drawn and said whether it was measured, decoded, guessed, or is not there. */

import { useEffect, useState } from "preact/hooks";
import { RequestFailed, request } from "../client.ts";
import { clockText, numberText, unitText } from "../format.ts";
import { repeat } from "../repeat.ts";
import { stripPath } from "../strip-picture.tsx";
import { texts } from "../texts.ts";
import { ofHome } from "./store.ts";
import { twinTexts } from "./texts.ts";
import type { AlertAtTwin, Reconstruction, SampleSource } from "./wire.ts";

const everyMs = 10_000;
const aroundS = 15;
const rowS = 10;
const width = 420;
const height = 84;

interface AlertSignalProps {
  readonly home: string;
  readonly person: string;
  readonly alert: AlertAtTwin;
  /** Its strip may be on the way. */
  readonly isNew: boolean;
}

export function StripOnTap(props: AlertSignalProps) {
  const [isWanted, setWanted] = useState(false);
  return (
    <details onToggle={(event) => setWanted(event.currentTarget.open)}>
      <summary>{texts.alerts.strip.show}</summary>
      {isWanted && <AlertSignal {...props} />}
    </details>
  );
}

type Beats = readonly { readonly timeUs: number; readonly label: string }[];

function AlertSignal({ home, person, alert, isNew }: AlertSignalProps) {
  const [found, setFound] = useState<{ readonly channels: readonly Reconstruction[]; readonly beats: Beats }>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    const at = `/people/${encodeURIComponent(person)}`;
    const span = `from=${alert.onset_s - aroundS}&to=${alert.onset_s + aroundS}`;
    const read = () =>
      Promise.all([
        request<{ reconstructions?: Reconstruction[] }>(ofHome(home, `${at}/strip?${span}`)),
        request<{ beats: Beats }>(ofHome(home, `${at}/beats?${span}`)),
      ]).then(
        ([{ reconstructions = [] }, { beats }]) => {
          setFailed(undefined);
          setFound({ channels: reconstructions.filter(({ values }) => values.some((value) => value !== null)), beats });
        },
        (error: unknown) => setFailed(error instanceof RequestFailed && error.status > 0 ? error.message : twinTexts.connection.noAnswer),
      );
    void read();
    // The strip of a new alert is still on its way.
    return repeat(read, everyMs);
  }, [home, person, alert.id, alert.onset_s]);
  if (failed !== undefined) return <p role="status">{texts.failed(failed)}</p>;
  if (found === undefined) return <p class="muted">{texts.alerts.strip.asking}</p>;
  const { channels } = found;
  if (channels.length === 0) return <p class="muted">{isNew ? twinTexts.strip.coming : twinTexts.strip.none}</p>;
  return (
    <>
      {channels.map((channel) => (
        <SignalPicture key={`${channel.device}/${channel.stream}/${channel.channel}`} channel={channel} beats={found.beats} />
      ))}
      <p class="muted legend">
        {(Object.keys(twinTexts.strip.sources) as SampleSource[]).map((source) => (
          <span key={source} class={`legend-source legend-${source}`}>
            {twinTexts.strip.sources[source]}
          </span>
        ))}
      </p>
    </>
  );
}

/** Seconds by source. */
function secondsOf({ sources, rateHz }: Reconstruction): ReadonlyMap<SampleSource, number> {
  const seconds = new Map<SampleSource, number>();
  for (const { source, count } of sources) seconds.set(source, (seconds.get(source) ?? 0) + count / rateHz);
  return seconds;
}

function SignalPicture({ channel, beats }: { channel: Reconstruction; beats: Beats }) {
  const { values, rateHz, startUs, unit, lead, errors } = channel;
  const present = values.filter((value): value is number => value !== null);
  const range = { low: Math.min(...present), high: Math.max(...present) };
  const perRow = Math.round(rateHz * rowS);
  const said = [range.low, range.high].map((value) => numberText(value, unit));
  const words = texts.alerts.strip.says(lead ?? channel.channel, `${said.join(" … ")} ${unitText(unit)}`, clockText(startUs / 1e6));
  const parts = [...secondsOf(channel)].map(([source, seconds]) => twinTexts.strip.part(twinTexts.strip.sources[source], seconds));
  const rmse = Math.max(0, ...errors.map((each) => each.rmse));
  return (
    <figure class="strip" data-strip={channel.channel} data-sources={[...secondsOf(channel).keys()].join(" ")}>
      <figcaption class="muted">
        {words} {parts.join(", ")}.{rmse > 0 && ` ${twinTexts.strip.error(numberText(rmse, unit), unitText(unit))}`}
      </figcaption>
      {Array.from({ length: Math.ceil(values.length / perRow) }, (_, row) => (
        <SignalRow key={`${startUs + row}`} {...{ channel, beats, perRow, range, row, words }} />
      ))}
    </figure>
  );
}

interface RowProps {
  readonly channel: Reconstruction;
  readonly beats: Beats;
  readonly perRow: number;
  readonly range: { readonly low: number; readonly high: number };
  readonly row: number;
  readonly words: string;
}

function SignalRow({ channel, beats, perRow, range, row, words }: RowProps) {
  const first = row * perRow;
  const startUs = channel.startUs + row * rowS * 1e6;
  const runs = runsWithin(channel, first, first + perRow);
  const xOf = (sample: number) => ((sample - first) * width) / perRow;
  const marked = beats.filter(({ label, timeUs }) => label !== "N" && timeUs >= startUs && timeUs < startUs + rowS * 1e6);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
      <title>{words}</title>
      {Array.from({ length: rowS - 1 }, (_, i) => ((i + 1) * width) / rowS).map((x) => (
        <line key={x} x1={x} x2={x} y1={0} y2={height} class="strip-grid" />
      ))}
      {runs.map(({ source, from, to }) =>
        source === "missing" ? (
          <rect key={from} x={xOf(from)} y={0} width={xOf(to) - xOf(from)} height={height} class="strip-missing" />
        ) : (
          <path key={from} d={stripPath(onlyRun(channel.values, first, from, to), perRow, range)} class={`strip-line strip-of-${source}`} />
        ),
      )}
      {marked.map(({ timeUs, label }) => (
        <text key={timeUs} x={((timeUs - startUs) * width) / (rowS * 1e6)} y={12} class={`strip-beat beat-${label.toLowerCase()}`}>
          {label}
        </text>
      ))}
    </svg>
  );
}

/** The row's samples of one run; the others are left out. */
function onlyRun(values: readonly (number | null)[], first: number, from: number, to: number): (number | null)[] {
  return [...new Array<null>(from - first).fill(null), ...values.slice(from, to)];
}

interface Run {
  readonly source: SampleSource;
  readonly from: number;
  readonly to: number;
}

/** Runs of one source as sample numbers, cut to [from, to). */
function runsWithin({ sources }: Pick<Reconstruction, "sources">, from: number, to: number): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const { source, count } of sources) {
    const run = { source, from: Math.max(at, from), to: Math.min(at + count, to) };
    if (run.from < run.to) runs.push(run);
    at += count;
  }
  return runs;
}
