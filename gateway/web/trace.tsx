/** One live trace: a sweep of 12 s of a stream's channels of one kind. It shows holes as holes and draws nothing that was not measured. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { unitText } from "./format.ts";
import { onFrame } from "./frame-loop.ts";
import { texts } from "./texts.ts";
import { drawBands, drawMarks, type Palette, paletteOf } from "./trace-draw.ts";
import { qualitySpans, type Traces, windowS } from "./traces.ts";
import type { Stream } from "./wire-types.ts";

interface TraceProps {
  readonly traces: Traces;
  readonly person: string;
  readonly stream: Stream;
  /** Channels of one kind and unit, drawn over each other. */
  readonly channels: Stream["channels"];
}

const eraseS = 0.35;
const minGapS = 0.2;

export function Trace({ traces, person, stream, channels }: TraceProps) {
  const place = useRef<HTMLDivElement>(null);
  const [first] = channels;
  const key = channels.map((channel) => channel.id).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    return mountTrace(element, { traces, person, stream, channels });
  }, [traces, person, stream.device, stream.stream, stream.rate_hz, key]);

  const unit = unitText(first?.unit ?? null);
  const kind = texts.trace.kinds[first?.kind ?? "other"] ?? texts.trace.kinds.other;
  const lead = first?.lead === undefined ? "" : ` ${first.lead}`;
  return (
    <figure class={`trace trace-${first?.kind ?? "other"}`} data-stream={`${stream.device}/${stream.stream}`} data-kind={first?.kind}>
      <figcaption>
        <span>
          {kind}
          {lead}
        </span>
        <span class="muted">
          {channels.length > 1 && `${channels.map((channel) => axisOf(channel.id)).join(" ")} · `}
          {unit !== "" && `${unit} · `}
          {texts.trace.perLine}
        </span>
      </figcaption>
      <div class="trace-plot" ref={place} role="img" aria-label={`${kind}${lead}, ${texts.trace.sweepS}`} />
    </figure>
  );
}

/** "acc-x" is "x" beside the word that says what is drawn. */
function axisOf(channel: string): string {
  return channel.slice(channel.lastIndexOf("-") + 1);
}

function mountTrace(element: HTMLDivElement, { traces, person, stream, channels }: TraceProps): () => void {
  let palette: Palette = paletteOf(element);
  const around = { headUs: 0, gaps: [], qualities: [], beats: [] } as Parameters<typeof drawBands>[1];
  const slots = Math.max(2, Math.round(stream.rate_hz * windowS));
  const xs = Array.from({ length: slots }, (_, i) => i / stream.rate_hz);
  const ys = channels.map(() => new Array<number | null>(slots).fill(null));
  const lines = ["line1", "line2", "line3"] as const;

  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      padding: [2, 0, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      pxAlign: false,
      scales: { x: { time: false, range: [0, windowS] }, y: { auto: false, range: (_u, min, max) => [min ?? -1, max ?? 1] } },
      axes: [
        {
          show: true,
          size: 0,
          ticks: { show: false },
          values: () => [],
          grid: { stroke: () => palette.grid, width: 1 },
          splits: () => Array.from({ length: windowS + 1 }, (_, i) => i),
        },
        { show: false },
      ],
      series: [
        {},
        ...channels.map((_, i) => ({
          stroke: () => palette[lines[i % lines.length] ?? "line1"],
          width: 1.6,
          points: { show: false },
          spanGaps: false,
        })),
      ],
      hooks: { drawAxes: [(u) => drawBands(u, around, palette)], draw: [(u) => drawMarks(u, around, palette)] },
    },
    [xs, ...ys],
    element,
  );

  const range = { min: -1, max: 1, atMs: 0 };
  const endFrames = onFrame((nowMs) => {
    const headUs = traces.head(person, nowMs);
    if (headUs === undefined) return;
    const own = traces.stream(stream.device, stream.stream);
    around.headUs = headUs;
    channels.forEach((channel, i) => {
      const out = ys[i];
      const buffer = own.buffers.get(channel.id);
      if (out !== undefined && buffer !== undefined) buffer.fill(headUs, eraseS, out);
      if (i === 0) around.gaps = buffer?.gaps(headUs, minGapS) ?? [];
    });
    around.qualities = qualitySpans(own.qualities, headUs);
    around.beats = channels[0]?.kind === "ecg" ? own.beats.filter((beat) => beat.timeUs <= headUs) : [];
    plot.batch(() => {
      plot.setData([xs, ...ys], false);
      if (nowMs - range.atMs > 500) fitRange(ys, range, nowMs);
      plot.setScale("x", { min: 0, max: windowS });
      plot.setScale("y", { min: range.min, max: range.max });
    });
  });

  const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
  resized.observe(element);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const onScheme = () => {
    palette = paletteOf(element);
  };
  scheme.addEventListener("change", onScheme);
  return () => {
    endFrames();
    resized.disconnect();
    scheme.removeEventListener("change", onScheme);
    plot.destroy();
  };
}

/** Lets the vertical range follow what is visible, widening at once and narrowing slowly, with room for the beats' letters. */
function fitRange(ys: readonly (number | null)[][], range: { min: number; max: number; atMs: number }, nowMs: number): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const channel of ys) {
    for (const value of channel) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return;
  const spread = Math.max(high - low, 1e-3);
  const min = low - spread * 0.08;
  const max = high + spread * 0.3;
  const isFirst = range.atMs === 0;
  range.min = isFirst || min < range.min ? min : range.min + (min - range.min) * 0.25;
  range.max = isFirst || max > range.max ? max : range.max + (max - range.max) * 0.25;
  range.atMs = nowMs;
}
