/** The newest seconds of a signal as the twin has it, laid over what was measured at home, with the error that the twin's copy states. */

import { useEffect, useState } from "preact/hooks";
import { request } from "./client.ts";
import { bytesText, clockText } from "./format.ts";
import { paperLink } from "./paper.tsx";
import { repeat } from "./repeat.ts";
import { stripPath } from "./strip-picture.tsx";
import { paperTexts } from "./texts-paper.ts";
import { twinTraceTexts } from "./texts-twin-trace.ts";
import { readTwinTrace, type TwinTrace } from "./twin-client.ts";
import type { Meter } from "./twin-meter.ts";
import type { Strip, Trace } from "./wire-types.ts";

const everyMs = 8000;
const width = 420;
const height = 96;

interface Pair {
  readonly twin: TwinTrace;
  /** Of the same channel and span; none where this home does not have it any more. */
  readonly home: Trace | undefined;
}

export function TwinTraceOf({ person }: { person: string }) {
  const [pair, setPair] = useState<Pair>();
  useEffect(() => {
    const read = () =>
      readPair(person).then(setPair, () => {
        // The words above say that the twin does not answer.
      });
    void read();
    return repeat(read, everyMs);
  }, [person]);
  if (pair === undefined) return null;
  const { twin, home } = pair;
  const range = rangeOf(twin.values, home?.values ?? []);
  const perRow = twin.values.length;
  const words = twinTraceTexts.decoded(clockText(twin.startUs / 1e6), twin.isExact ? undefined : Math.round(twin.errorUv ?? 0));
  return (
    <figure class="strip" data-twin-trace={twin.channel} data-twin-error-uv={Math.round(twin.errorUv ?? 0)}>
      <figcaption class="muted">{words}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        <title>{words}</title>
        {home !== undefined && <path d={stripPath(home.values, perRow, range)} class="strip-measured" />}
        <path d={stripPath(twin.values, perRow, range)} class="strip-decoded" />
      </svg>
      <p class="muted legend">
        <span class="legend-measured">{twinTraceTexts.measuredLine}</span> <span class="legend-decoded">{twinTraceTexts.decodedLine}</span>{" "}
        <a href={paperLink({ person, fromS: twin.startUs / 1e6, toS: twin.startUs / 1e6 + twin.values.length / twin.rateHz })}>
          {paperTexts.open}
        </a>
      </p>
      {twin.meter !== undefined && <MeterOf meter={twin.meter} />}
    </figure>
  );
}

const modes = ["raw", "semantic", "event"] as const;

/** Three bars of one scale: the length of each is told in bytes beside it. */
function MeterOf({ meter }: { meter: Meter }) {
  return (
    <dl class="mode-bytes" data-meter>
      <dt>{twinTraceTexts.meter(meter.seconds)}</dt>
      {modes.map((mode) => (
        <dd key={mode} data-meter-mode={mode}>
          <span class="mode-bar" style={{ width: `${Math.max(0.5, (60 * meter[mode]) / meter.raw)}%` }} aria-hidden="true" />
          <span>
            {`${twinTraceTexts.modes[mode]}: ${bytesText(meter[mode])}`}
            {mode !== "raw" && <span class="muted">{`, ${twinTraceTexts.times(meter.raw / meter[mode])}`}</span>}
          </span>
        </dd>
      ))}
    </dl>
  );
}

async function readPair(person: string): Promise<Pair | undefined> {
  const twin = await readTwinTrace(person);
  if (twin === undefined) return undefined;
  const fromS = twin.startUs / 1e6;
  const { traces } = await request<Strip>(
    `/people/${encodeURIComponent(person)}/strip?from=${fromS}&to=${fromS + twin.values.length / twin.rateHz}`,
  );
  const own = traces.find(({ device, stream, channel }) => device === twin.device && stream === twin.stream && channel === twin.channel);
  return { twin, home: own === undefined ? undefined : aligned(own, twin) };
}

/** The home's samples in the places of the twin's. */
function aligned(own: Trace, { startUs, rateHz, values }: Trace): Trace {
  const first = Math.round(((startUs - own.startUs) * rateHz) / 1e6);
  return { ...own, startUs, values: values.map((_, i) => own.values[first + i] ?? null) };
}

function rangeOf(...rows: readonly (readonly (number | null)[])[]): { low: number; high: number } {
  const present = rows.flat().filter((value): value is number => value !== null);
  return { low: Math.min(...present), high: Math.max(...present) };
}
