/** A strip on ECG paper, as recorders print it: 25 mm/s, 10 mm/mV, a grid of 1 and 5 mm, a calibration pulse before each row. Pure. */

import { HearthProblem } from "../../client/problem.ts";
import type { Drawing, Line, Point, Text } from "./drawing.ts";
import { millivolts, type Strip, type StripEvent, type Trace } from "./strip.ts";

interface PaperOptions {
  /** Above the picture; "" = none. Nobody's name stands there unasked. */
  readonly title: string;
  /** IANA name; undefined = where this program runs. */
  readonly timeZone?: string | undefined;
}

const mmPerS = 25;
const mmPerMv = 10;
const rowS = 10;
/** A picture is for a glance; more is a recording. Ten rows are a page. */
const maxRows = 36;
const margin = 5;
/** For the calibration pulse: 0.2 s of 1 mV, with a foot on either side. */
const pulseMm = 10;
const headMm = 8;
const gapMm = 7;
const leastRowMm = 30;
const mostRowMm = 80;
/** What is no voltage fills as much of a row. */
const scaledMm = 20;
const [fine, coarse, ink, soft] = ["#f7d3cd", "#eaa398", "#161616", "#555555"];
const [letterMm, smallMm] = [2.6, 2];

/** Throws `flows.no_signal`, `flows.too_long`. */
export function onPaper(strip: Strip, { title, timeZone }: PaperOptions): Drawing {
  const voltages = strip.traces.filter((trace) => millivolts(trace) !== undefined);
  const traces = voltages.length > 0 ? voltages : strip.traces;
  if (traces.length === 0) throw new HearthProblem("flows.no_signal", "No signal was kept of this time.");
  const rows = traces.flatMap((trace) => rowsOf(trace, strip.events));
  if (rows.length > maxRows)
    throw new HearthProblem(
      "flows.too_long",
      `A picture has at most ${maxRows} rows of ${rowS} s; this would have ${rows.length}. Choose a channel or less time.`,
    );
  const clock = clockIn(timeZone);
  const lengthMm = Math.max(...rows.map(({ seconds }) => Math.ceil(seconds * 5) * 5));
  const widthMm = 2 * margin + pulseMm + Math.max(lengthMm, 75);
  const shapes: (Line | Text)[] = [];
  let top = margin;
  const write = (text: string, x: number, y: number, more: Partial<Text> = {}) =>
    shapes.push({ kind: "text", at: [x, y], anchor: "start", text, heightMm: letterMm, colour: ink, ...more });
  if (title !== "") {
    write(title.slice(0, 100), margin, top + letterMm);
    top += headMm;
  }
  for (const row of rows) {
    write(row.label, margin, top + letterMm);
    write(clock(row.startMs), widthMm - margin, top + letterMm, { anchor: "end", colour: soft });
    top += letterMm + 1.4;
    shapes.push(...grid([margin, top], pulseMm + lengthMm, row.heightMm), ...row.draw([margin, top]));
    top += row.heightMm + gapMm - letterMm;
  }
  const speeds = [...new Set(rows.map(({ scale, rateHz }) => `${mmPerS} mm/s · ${scale} · ${rateHz} Hz`))].slice(0, 3);
  write(speeds.join("   "), margin, top + letterMm - 2, { colour: soft });
  const heightMm = top + letterMm + margin - 2;
  const first = rows[0];
  return {
    widthMm,
    heightMm,
    shapes,
    title: `${title || traces.map(nameOf).join(", ")}, ${clock(first?.startMs ?? 0)}, ${speeds.join(", ")}`,
  };
}

interface Row {
  readonly label: string;
  readonly startMs: number;
  readonly seconds: number;
  readonly heightMm: number;
  readonly scale: string;
  readonly rateHz: number;
  draw(corner: Point): (Line | Text)[];
}

const nameOf = ({ lead, channel, device }: Trace) => `${lead ?? channel} (${device})`;

function rowsOf(trace: Trace, events: readonly StripEvent[]): Row[] {
  const { values, rateHz, startUs } = trace;
  const seen = values.filter((value) => value !== null).sort((a, b) => a - b);
  const [low = 0, high = 0, middle = 0] = [seen[0], seen.at(-1), seen[seen.length >> 1]];
  const mv = millivolts(trace);
  const mmPerUnit = mv === undefined ? scaledMm / (high - low || 1) : mv * mmPerMv;
  // The paper's middle is the signal's own: an electrode's offset says nothing. What is no voltage is centred by its ends.
  const centre = mv === undefined ? (low + high) / 2 : middle;
  const reachMm = Math.max(high - centre, centre - low) * mmPerUnit;
  const heightMm = Math.min(mostRowMm, Math.max(leastRowMm, Math.ceil((2 * reachMm + 6) / 10) * 10));
  const perRow = Math.round(rowS * rateHz);
  const count = Math.ceil(values.length / perRow);
  const scale = mv === undefined ? `${scaledMm} mm = ${Number((high - low).toPrecision(3))} ${trace.unit}` : `${mmPerMv} mm/mV`;
  return Array.from({ length: count }, (_, at): Row => {
    const part = values.slice(at * perRow, (at + 1) * perRow);
    const startMs = startUs / 1000 + (at * perRow * 1000) / rateHz;
    const beats = beatsOf(events, trace, { fromMs: startMs, toMs: startMs + (part.length * 1000) / rateHz });
    return {
      ...{ label: nameOf(trace), startMs, seconds: part.length / rateHz, heightMm, scale, rateHz: Math.round(rateHz * 10) / 10 },
      draw([x, y]) {
        const baseY = y + heightMm / 2;
        const place = (value: number) => Math.min(y + heightMm, Math.max(y, baseY - (value - centre) * mmPerUnit));
        const left = x + pulseMm;
        return [
          ...(mv === undefined ? [] : [pulse(x, baseY)]),
          ...lines(part, (i, value) => [left + (i / rateHz) * mmPerS, place(value)]),
          ...beats.map(({ atMs, label }) => letter(label, [left + ((atMs - startMs) / 1000) * mmPerS, y + smallMm + 0.8])),
        ];
      },
    };
  });
}

/** Labels of the heartbeats that this very trace was read for. */
function beatsOf(events: readonly StripEvent[], { device, stream }: Trace, { fromMs, toMs }: { fromMs: number; toMs: number }) {
  return events.flatMap((event) => {
    const atMs = (event.timeUs ?? Number.NaN) / 1000;
    const isHere = event.kind === "beat" && event.device === device && event.stream === stream && atMs >= fromMs && atMs < toMs;
    return isHere ? [{ atMs, label: String(event.label ?? "").slice(0, 3) }] : [];
  });
}

const letter = (text: string, at: Point): Text => ({ kind: "text", at, anchor: "middle", text, heightMm: smallMm, colour: soft });

function pulse(x: number, baseY: number): Line {
  const steps: Point[] = [
    [0, 0],
    [2.5, 0],
    [2.5, -mmPerMv],
    [7.5, -mmPerMv],
    [7.5, 0],
    [pulseMm, 0],
  ];
  return { kind: "line", points: steps.map(([dx, dy]) => [x + dx, baseY + dy]), widthMm: 0.3, colour: ink };
}

/** A line from sample to sample; a hole stays a hole, and a sample alone is a dot. */
function lines(values: readonly (number | null)[], place: (i: number, value: number) => Point): Line[] {
  const found: Point[][] = [];
  let open: Point[] | undefined;
  values.forEach((value, i) => {
    if (value === null) open = undefined;
    else {
      if (open === undefined) {
        open = [];
        found.push(open);
      }
      open.push(place(i, value));
    }
  });
  return found.map((points) => ({ kind: "line", points, widthMm: 0.35, colour: ink }));
}

function grid([x, y]: Point, widthMm: number, heightMm: number): Line[] {
  const line = (points: Point[], at: number): Line => {
    const isCoarse = at % 5 === 0;
    return { kind: "line", points, widthMm: isCoarse ? 0.25 : 0.15, colour: isCoarse ? coarse : fine };
  };
  const upright = Array.from({ length: widthMm + 1 }, (_, at) =>
    line(
      [
        [x + at, y],
        [x + at, y + heightMm],
      ],
      at,
    ),
  );
  const level = Array.from({ length: heightMm + 1 }, (_, at) =>
    line(
      [
        [x, y + at],
        [x + widthMm, y + at],
      ],
      at,
    ),
  );
  return [...upright, ...level].sort((a, b) => a.widthMm - b.widthMm);
}

/** Date, time and the zone's distance from UTC, as ISO 8601 orders them. */
function clockIn(timeZone: string | undefined): (ms: number) => string {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "shortOffset",
    },
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second} ${part.timeZoneName?.replace("GMT", "UTC").replace(/\+0$/, "")}`;
  };
}
