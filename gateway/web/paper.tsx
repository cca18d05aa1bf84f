/** One strip as on ECG paper, alone on the page, to be looked at and printed: `#paper=PERSON,FROM,TO` in seconds since 1970. */

import { useEffect, useState } from "preact/hooks";
import { request } from "./client.ts";
import { clockText, dayText } from "./format.ts";
import { leftMm, type Paper, type PaperRow, paperOf, type Source } from "./paper-layout.ts";
import { texts } from "./texts.ts";
import { paperTexts as says } from "./texts-paper.ts";
import { type Reconstruction, readReconstructions, uvPer } from "./twin-client.ts";

const mostS = 60;

interface Asked {
  readonly person: string;
  readonly fromS: number;
  readonly toS: number;
}

export function paperLink({ person, fromS, toS }: Asked): string {
  return `#paper=${encodeURIComponent(person)},${fromS.toFixed(3)},${toS.toFixed(3)}`;
}

/** What the address asks for now; undefined where it asks for the page. */
export function usePaperAsked(): Asked | undefined {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return paperAsked(hash);
}

function paperAsked(hash: string): Asked | undefined {
  const [, person, from, to] = /^#paper=([^,]+),([\d.]+),([\d.]+)$/.exec(hash) ?? [];
  const [fromS, toS] = [Number(from), Number(to)];
  return person === undefined || !(toS > fromS)
    ? undefined
    : { person: decodeURIComponent(person), fromS, toS: Math.min(toS, fromS + mostS) };
}

export function PaperPage({ person, fromS, toS, name }: Asked & { name: string }) {
  const [found, setFound] = useState<readonly Reconstruction[]>();
  const [models, setModels] = useState("");
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    readReconstructions(person, fromS, toS).then(setFound, () => setGone(true));
    request<{ models: { id: string; version: string }[] }>("/models").then(
      (answer) => setModels(readersOf(answer.models)),
      () => {
        // The sheet then says that no model is known.
      },
    );
  }, [person, fromS, toS]);
  const sheets = found?.flatMap((trace) => {
    const paper = paperOf(trace);
    return paper === undefined ? [] : [{ trace, paper }];
  });
  return (
    <main class="paper-page">
      <p class="paper-doors">
        <a href="#people-heading">{says.back}</a>{" "}
        <button type="button" onClick={() => print()}>
          {says.print}
        </button>
      </p>
      {isGone && <p role="alert">{says.gone}</p>}
      {sheets?.length === 0 && <p>{says.none}</p>}
      {sheets?.map(({ trace, paper }) => (
        <Sheet key={`${trace.device}/${trace.stream}/${trace.channel}`} {...{ name, trace, paper, models }} />
      ))}
    </main>
  );
}

/** Models that read hearts, with their versions. */
function readersOf(models: readonly { readonly id: string; readonly version: string }[]): string {
  return models
    .filter(({ id }) => id.startsWith("ecg-"))
    .map(({ id, version }) => `${id} ${version}`)
    .join(", ");
}

function Sheet({ name, trace, paper, models }: { name: string; trace: Reconstruction; paper: Paper; models: string }) {
  const atS = trace.startUs / 1e6;
  const shown = trace.sources.some(({ source }) => source === "decoded") ? trace.errors : [];
  const worst = shown.reduce((most, { rmse }) => Math.max(most, rmse), 0);
  const decoders = [...new Set(shown.map(({ decoder }) => decoder))].filter((name) => name !== undefined).join(", ");
  const highestHz = Math.min(trace.rateHz / 2, ...shown.map((error) => error.highestHz ?? trace.rateHz / 2));
  const facts = [
    says.lead(trace.lead ?? trace.channel),
    ...[says.scale, says.band(highestHz), says.rate(trace.rateHz), `${trace.device}/${trace.stream}`],
    ...[models === "" ? says.noModels : says.models(models), ...(decoders === "" ? [] : [says.decoders(decoders)])],
    worst === 0 ? says.exact : says.error(Math.round(worst * (uvPer[trace.unit] ?? 0))),
  ];
  return (
    <figure class="paper" data-paper={trace.channel}>
      <figcaption>
        <b>{`${name}, ${dayText(new Date(atS * 1000).toISOString())}, ${clockText(atS)}`}</b>
        <span data-paper-facts>{facts.join(" · ")}</span>
        {paper.isCut && <span>{says.cut}</span>}
      </figcaption>
      {paper.rows.map((row) => (
        <Row key={row.startUs} {...{ row, paper }} />
      ))}
      <Legend trace={trace} />
      <p>{texts.notMedical}</p>
    </figure>
  );
}

function Row({ row, paper }: { row: PaperRow; paper: Paper }) {
  const { widthMm, heightMm } = paper;
  const lines = (length: number, step: number) => Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => i * step);
  const grid = (step: number) =>
    lines(widthMm, step)
      .map((x) => `M${x} 0V${heightMm}`)
      .join("") +
    lines(heightMm, step)
      .map((y) => `M0 ${y}H${widthMm}`)
      .join("");
  const words = row.stretches.map(({ source, fromMm, toMm }) => `${says.sources[source]} ${says.seconds((toMm - fromMm) / 25)}`).join(", ");
  return (
    <svg
      class="paper-row"
      width={`${widthMm}mm`}
      height={`${heightMm}mm`}
      viewBox={`0 0 ${widthMm} ${heightMm}`}
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <path class="paper-fine" d={grid(1)} />
      <path class="paper-coarse" d={grid(5)} />
      <path class="paper-line paper-measured" data-calibration d={paper.calibration} />
      {row.stretches.map(({ source, fromMm, toMm, path }) =>
        source === "missing" ? (
          <g key={fromMm} class="paper-missing">
            <rect x={fromMm} y={1} width={toMm - fromMm} height={heightMm - 2} />
            {toMm - fromMm > 14 && (
              <text x={(fromMm + toMm) / 2} y={heightMm / 2}>
                {says.sources.missing}
              </text>
            )}
          </g>
        ) : (
          <path key={fromMm} class={`paper-line paper-${source}`} data-source={source} d={path} />
        ),
      )}
      <text class="paper-time" x={leftMm} y={3.6}>
        {clockText(row.startUs / 1e6)}
      </text>
    </svg>
  );
}

const kinds: readonly Source[] = ["measured", "decoded", "imputed", "missing"];

/** Each form with its word and how much of it there is. */
function Legend({ trace }: { trace: Reconstruction }) {
  return (
    <p class="paper-legend">
      {kinds.map((kind) => {
        const count = trace.sources.reduce((sum, each) => sum + (each.source === kind ? each.count : 0), 0);
        return (
          <span key={kind} data-legend={kind}>
            <svg width="12mm" height="4mm" viewBox="0 0 12 4" aria-hidden="true">
              {kind === "missing" ? (
                <g class="paper-missing">
                  <rect x={1} y={0.5} width={10} height={3} />
                </g>
              ) : (
                <path class={`paper-line paper-${kind}`} d="M0 2H12" />
              )}
            </svg>{" "}
            {`${says.sources[kind]} ${says.seconds(count / trace.rateHz)}`}
          </span>
        );
      })}
    </p>
  );
}
