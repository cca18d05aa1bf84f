/** What is drawn around a trace: holes, poor stretches, the sweep's line and the beats with their class. Colours come from the page's style sheet. */

import type uPlot from "uplot";
import { texts } from "./texts.ts";
import { type Span, sweepSpans } from "./trace-buffer.ts";
import { type BeatAt, type QualitySpan, windowS } from "./traces.ts";

interface Around {
  headUs: number;
  gaps: readonly Span[];
  qualities: readonly QualitySpan[];
  beats: readonly BeatAt[];
}

export type Palette = Readonly<
  Record<"line1" | "line2" | "line3" | "grid" | "ink" | "gap" | "poor" | "head" | "beatN" | "beatS" | "beatV" | "beatF" | "beatQ", string>
>;

/** Reads the palette from the style sheet's variables (they change with light and dark). */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--trace-${name}`).trim();
  return {
    line1: read("line1"),
    line2: read("line2"),
    line3: read("line3"),
    grid: read("grid"),
    ink: read("ink"),
    gap: read("gap"),
    poor: read("poor"),
    head: read("head"),
    beatN: read("beat-n"),
    beatS: read("beat-s"),
    beatV: read("beat-v"),
    beatF: read("beat-f"),
    beatQ: read("beat-q"),
  };
}

const font = (px: number, weight = 600) => `${weight} ${px * devicePixelRatio}px system-ui, sans-serif`;

/** Bands below the line: holes with hatching and their word, poor quality shaded with its word. */
export function drawBands(u: uPlot, around: Around, palette: Palette): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const band = (span: Span, colour: string, word: string, isHatched: boolean) => {
    for (const { fromS, toS } of sweepSpans(span, around.headUs, windowS)) {
      const left = u.valToPos(fromS, "x", true);
      const width = u.valToPos(toS, "x", true) - left;
      ctx.fillStyle = colour;
      ctx.fillRect(left, bbox.top, width, bbox.height);
      if (isHatched) hatch(ctx, left, bbox.top, width, bbox.height, palette.grid);
      ctx.font = font(11, 500);
      if (ctx.measureText(word).width + 8 * devicePixelRatio > width) continue;
      ctx.fillStyle = palette.ink;
      ctx.textAlign = "center";
      ctx.textBaseline = "bottom";
      ctx.fillText(word, left + width / 2, bbox.top + bbox.height - 3 * devicePixelRatio);
    }
  };
  const wordOf = { off: texts.trace.off, unknown: texts.trace.noBeats, poor: texts.trace.poor, bad: texts.trace.poor } as const;
  for (const span of around.qualities) band(span, palette.poor, wordOf[span.level], false);
  const isOff = (gap: Span) =>
    around.qualities.some(({ level, fromUs, toUs }) => level === "off" && fromUs < gap.toUs - 1e6 && toUs > gap.fromUs + 1e6);
  for (const span of around.gaps) band(span, palette.gap, isOff(span) ? texts.trace.off : texts.trace.noSignal, true);
  ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, height: number, colour: string): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  const step = 9 * devicePixelRatio;
  ctx.beginPath();
  // Anchored to the plot, not to the span, so that the pattern stands still while the span grows.
  for (let x = Math.floor((left - height) / step) * step; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Beats and the sweep's line above the trace. A ventricular beat has colour, letter and a longer mark; colour alone says nothing. */
export function drawMarks(u: uPlot, around: Around, palette: Palette): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const beat of around.beats) {
    const [place] = sweepSpans({ fromUs: beat.timeUs, toUs: beat.timeUs + 1 }, around.headUs, windowS);
    const isErased = beat.timeUs < around.headUs - (windowS - 0.5) * 1e6;
    if (place === undefined || isErased) continue;
    const x = u.valToPos(place.fromS, "x", true);
    const colour = beatColour(beat.label, palette);
    ctx.fillStyle = colour;
    if (beat.label === "N") {
      ctx.beginPath();
      ctx.arc(x, bbox.top + 7 * devicePixelRatio, 2 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      continue;
    }
    // On a phone the letters of a run would stand over each other.
    ctx.font = font(bbox.width / devicePixelRatio < 420 ? 10 : 13, 700);
    ctx.fillText(beat.label, x, bbox.top + devicePixelRatio);
    ctx.fillRect(x - devicePixelRatio / 2, bbox.top + 16 * devicePixelRatio, devicePixelRatio, 10 * devicePixelRatio);
  }
  const headX = u.valToPos((around.headUs % (windowS * 1e6)) / 1e6, "x", true);
  ctx.fillStyle = palette.head;
  ctx.fillRect(headX, bbox.top, 1.5 * devicePixelRatio, bbox.height);
  ctx.restore();
}

function beatColour(label: string, palette: Palette): string {
  switch (label) {
    case "N":
      return palette.beatN;
    case "S":
      return palette.beatS;
    case "V":
      return palette.beatV;
    case "F":
      return palette.beatF;
    default:
      return palette.beatQ;
  }
}
