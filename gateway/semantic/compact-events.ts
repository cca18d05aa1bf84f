/**
 * Events of a stretch in half the bytes of beat-codec.ts: every column as adaptive bits, beats on the sample grid of their stream. Exact but for what
 * beat-codec.ts states too (confidence in 31 steps, rrMs to 1 µs).
 */

import type { BeatEvent, BeatLabel, GapEvent, RhythmEvent, VitalEvent, WatchedEvent } from "../../device-drivers/contract/event.ts";
import { vitalCodes } from "../../device-drivers/contract/event.ts";
import { confidenceSteps } from "./beat-codec.ts";
import { undecodable } from "./bits.ts";
import { maxRows } from "./columns.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { Symbols } from "./symbols.ts";

/** Contexts of numbers; a name that ends in Text or Real takes three. */
const field = {
  count: 0,
  wordText: 1,
  source: 4,
  label: 5,
  confidence: 9,
  rate: 11,
  phase: 12,
  step: 13,
  rest: 17,
  rrAbsent: 18,
  rrRest: 19,
  firstRr: 20,
  time: 21,
  span: 22,
  ruleText: 23,
  asBefore: 26,
  codeText: 27,
  unitText: 30,
  valueReal: 33,
  isGrid: 36,
} as const;

interface Source {
  readonly device: string;
  readonly stream: string;
}

const second = 1_000_000;
/** Steps in which times of rules and numbers stand. */
const tickUs = 250_000;

export function codeEvents(io: Symbols, given: EventsPayload | undefined): EventsPayload {
  const person = io.text(field.wordText, given?.person ?? "");
  const fromUs = wholeSeconds(io, given === undefined ? 0 : Math.round(given.fromUs));
  const toUs = fromUs + ticks(io, given === undefined ? 0 : Math.round(given.toUs) - fromUs);
  const sources = codeSources(io, given === undefined ? undefined : sourcesOf(given));
  const frame = { io, fromUs, toUs, sources };
  const beats = codeBeats(frame, given?.beats);
  const rhythms = codeRhythms(frame, given?.rhythms);
  const vitals = codeVitals(frame, given?.vitals);
  const gaps = codeGaps(frame, given?.gaps);
  const watched = codeWatched(frame, given?.watched);
  return { kind: "events", person, fromUs, toUs, beats, rhythms, vitals, gaps, watched };
}

interface Frame {
  readonly io: Symbols;
  readonly fromUs: number;
  readonly toUs: number;
  readonly sources: readonly Source[];
}

/** In order of their appearance; the same for whoever reads the events. */
export function sourcesOf({ beats, rhythms, gaps, vitals }: Pick<EventsPayload, "beats" | "rhythms" | "gaps" | "vitals">): Source[] {
  const known = new Map<string, Source>();
  for (const { device, stream = "" } of [...beats, ...rhythms, ...gaps, ...vitals])
    if (device !== undefined) known.set(JSON.stringify([device, stream]), { device, stream });
  return [...known.values()];
}

function codeSources(io: Symbols, given: readonly Source[] | undefined): Source[] {
  return rows(io, given?.length, (i) => ({
    device: io.text(field.wordText, given?.[i]?.device ?? ""),
    stream: io.text(field.wordText, given?.[i]?.stream ?? ""),
  }));
}

function rows<Row>(io: Symbols, count: number | undefined, row: (i: number) => Row): Row[] {
  const length = io.number(field.count, count ?? 0);
  if (length > maxRows) throw undecodable("too many rows");
  const out: Row[] = [];
  for (let i = 0; i < length; i++) out.push(row(i));
  return out;
}

function sourceAt(
  { io, sources }: Frame,
  given: { readonly device?: string | undefined; readonly stream?: string | undefined } | undefined,
  more = 0,
): Source | undefined {
  const place =
    given?.device === undefined
      ? -1
      : sources.findIndex(({ device, stream }) => device === given.device && stream === (given.stream ?? ""));
  const at = io.number(field.source, place + more) - more;
  const source = sources[at];
  if (source === undefined && at !== -1) throw undecodable("an event of an unknown source");
  return source;
}

function ownSource(frame: Frame, given: Source | undefined): Source {
  const source = sourceAt(frame, given);
  if (source === undefined) throw undecodable("an event of an unknown source");
  return source;
}

/** A time that most often is a whole second. */
function wholeSeconds(io: Symbols, timeUs: number): number {
  const isWhole = io.bit(field.isGrid, timeUs % second === 0 ? 1 : 0) === 1;
  return isWhole ? io.wide(timeUs / second) * second : io.wide(timeUs);
}

/** A step that most often is a multiple of the tick. */
function ticks(io: Symbols, stepUs: number, context: number = field.time): number {
  const isWhole = io.bit(field.isGrid + 1, stepUs % tickUs === 0 ? 0 : 1) === 0;
  return isWhole ? io.signed(context, stepUs / tickUs) * tickUs : io.wide(stepUs);
}

const labels: readonly BeatLabel[] = ["N", "V", "S", "F", "Q"];
const rates = [1_000_000, 1000, 500, 360, 250, 200, 128, 125, 130, 256, 257, 300, 400, 512, 1024, 120] as const;
/** A sample's time is rounded to whole microseconds; the grid's origin lies between two of them. */
const phases = 16;

interface Grid {
  readonly originUs: number;
  readonly rateHz: number;
  readonly phase: number;
}

const gridUs = ({ originUs, rateHz, phase }: Grid, sample: number) => originUs + Math.round((sample * 1e6) / rateHz + phase / phases - 0.5);

function sampleOf({ originUs, rateHz, phase }: Grid, timeUs: number): number {
  return Math.round(((timeUs - originUs - phase / phases + 0.5) * rateHz) / 1e6);
}

/** What is known of a source's beats so far. */
interface Course {
  readonly grid: Grid;
  sample: number;
  timeUs: number;
  steps: number[];
  label: number;
}

function codeBeats(frame: Frame, given: readonly BeatEvent[] | undefined): BeatEvent[] {
  const { io, fromUs } = frame;
  const courses = new Map<Source, Course>();
  return rows(io, given?.length, (i) => {
    const beat = given?.[i];
    const source = ownSource(frame, beat);
    const known = courses.get(source);
    const label = io.choice(field.label + Math.min(known?.label ?? 0, 2), 3, beat === undefined ? 0 : labels.indexOf(beat.label));
    const name = labels[label];
    if (name === undefined) throw undecodable("a beat of an unknown class");
    const course = known ?? { grid: codeGrid(frame, given, source), sample: 0, timeUs: 0, steps: [], label };
    const before = known?.sample;
    const timeUs = codeTime(io, course, { label, timeUs: beat?.timeUs, isFirst: known === undefined, fromUs });
    courses.set(source, course);
    const stepUs = before === undefined ? undefined : Math.round(((course.sample - before) * 1e6) / course.grid.rateHz);
    const missing = confidenceSteps - io.choice(field.confidence + (label === 0 ? 0 : 1), 5, stepsBelow(beat));
    const rrMs = codeRr(io, stepUs, beat);
    course.label = label;
    return { kind: "beat", ...source, timeUs, label: name, confidence: missing / confidenceSteps, ...(rrMs === undefined ? {} : { rrMs }) };
  });
}

function stepsBelow(beat: BeatEvent | undefined): number {
  return beat === undefined ? 0 : confidenceSteps - Math.round(Math.min(1, Math.max(0, beat.confidence)) * confidenceSteps);
}

/** The rate and phase by which most beats lie on the grid. */
function codeGrid({ io, fromUs }: Frame, given: readonly BeatEvent[] | undefined, source: Source): Grid {
  const timesUs = (given ?? []).flatMap(({ device, stream, timeUs }) =>
    device === source.device && stream === source.stream ? [Math.round(timeUs)] : [],
  );
  let best: Grid = { originUs: fromUs, rateHz: rates[0], phase: phases / 2 };
  let fewest = Number.POSITIVE_INFINITY;
  for (const rateHz of timesUs.length > 0 ? rates : [])
    for (let phase = 0; phase < phases; phase++) {
      const grid = { originUs: fromUs, rateHz, phase };
      // A bit for each beat's order of magnitude, off the grid and along it.
      const bits = timesUs.reduce(
        (sum, timeUs) => sum + 2 * Math.log2(1 + Math.abs(timeUs - gridUs(grid, sampleOf(grid, timeUs)))) + Math.log2(rateHz),
        0,
      );
      if (bits >= fewest) continue;
      [best, fewest] = [grid, bits];
    }
  const rateHz = rates[io.choice(field.rate, 4, (rates as readonly number[]).indexOf(best.rateHz))] ?? rates[0];
  return { originUs: fromUs, rateHz, phase: io.choice(field.phase, 4, best.phase) };
}

function codeTime(
  io: Symbols,
  course: Course,
  given: { label: number; timeUs: number | undefined; isFirst: boolean; fromUs: number },
): number {
  const { grid, steps } = course;
  const timeUs = given.timeUs === undefined ? undefined : Math.round(given.timeUs);
  const wanted = timeUs === undefined ? 0 : sampleOf(grid, timeUs);
  if (given.isFirst) course.sample = io.wide(wanted);
  else {
    const context = field.step + (given.label === 0 ? 0 : 1) + (course.label === 0 ? 0 : 2);
    const usual = middle(steps);
    const step = usual + io.signed(context, wanted - course.sample - usual);
    course.sample += step;
    steps.push(step);
    if (steps.length > 3) steps.shift();
  }
  const onGridUs = gridUs(grid, course.sample);
  course.timeUs = onGridUs + io.signed(field.rest, timeUs === undefined ? 0 : timeUs - onGridUs);
  if (!Number.isSafeInteger(course.timeUs)) throw undecodable("a time that is none");
  return course.timeUs;
}

/** The median of the last three steps: one early beat and the pause behind it change nothing. */
function middle(steps: readonly number[]): number {
  const sorted = [...steps].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Most often the time since the beat before, as the grid has it. */
function codeRr(io: Symbols, stepUs: number | undefined, beat: BeatEvent | undefined): number | undefined {
  if (io.bit(field.rrAbsent, beat?.rrMs === undefined ? 1 : 0) === 1) return undefined;
  const rrUs = Math.round((beat?.rrMs ?? 0) * 1000);
  return (stepUs === undefined ? io.wide(rrUs) : stepUs + io.signed(field.rrRest, rrUs - stepUs)) / 1000;
}

function codeRhythms(frame: Frame, given: readonly RhythmEvent[] | undefined): RhythmEvent[] {
  const { io } = frame;
  let beforeUs = frame.fromUs;
  return rows(io, given?.length, (i) => {
    const rhythm = given?.[i];
    const source = ownSource(frame, rhythm);
    beforeUs += ticks(io, Math.round(rhythm?.timeUs ?? 0) - beforeUs);
    return { kind: "rhythm", ...source, timeUs: beforeUs, label: io.text(field.wordText, rhythm?.label ?? "") };
  });
}

function codeVitals(frame: Frame, given: readonly VitalEvent[] | undefined): VitalEvent[] {
  const { io } = frame;
  let before: VitalEvent = { kind: "vital", code: "hr", timeUs: frame.fromUs, value: 0, unit: "bpm" };
  return rows(io, given?.length, (i) => {
    const vital = given?.[i];
    const source = sourceAt(frame, vital, 1);
    const timeUs = before.timeUs + ticks(io, Math.round(vital?.timeUs ?? 0) - before.timeUs);
    const code = io.text(field.codeText, vital?.code ?? "hr");
    const known = vitalCodes.find((each) => each === code);
    if (known === undefined) throw undecodable("a vital sign that this version does not have");
    const unit = io.text(field.unitText, vital?.unit ?? "");
    before = { kind: "vital", code: known, timeUs, value: io.real(field.valueReal, vital?.value ?? 0), unit };
    return source === undefined ? before : { ...before, ...source };
  });
}

function codeGaps(frame: Frame, given: readonly GapEvent[] | undefined): GapEvent[] {
  const { io } = frame;
  return rows(io, given?.length, (i) => {
    const gap = given?.[i];
    const source = ownSource(frame, gap);
    const fromUs = frame.fromUs + ticks(io, Math.round(gap?.fromUs ?? 0) - frame.fromUs, field.span);
    return { kind: "gap", ...source, fromUs, toUs: fromUs + ticks(io, Math.round(gap?.toUs ?? 0) - fromUs, field.span) };
  });
}

/** Most rules were watched for the same time, that of the stretch, and stand in the order of the list of words. */
function codeWatched({ io, ...frame }: Frame, given: readonly WatchedEvent[] | undefined): WatchedEvent[] {
  let before = { fromUs: frame.fromUs, toUs: frame.toUs };
  return rows(io, given?.length, (i) => {
    const span = given?.[i];
    const rule = io.text(field.ruleText, span?.rule ?? "");
    const [fromUs, toUs] = [Math.round(span?.fromUs ?? 0), Math.round(span?.toUs ?? 0)];
    const isSame = fromUs === before.fromUs && toUs === before.toUs;
    if (io.bit(field.asBefore, isSame ? 0 : 1) === 1) {
      const start = frame.fromUs + ticks(io, fromUs - frame.fromUs, field.span);
      before = { fromUs: start, toUs: frame.toUs + ticks(io, toUs - frame.toUs, field.span) };
    }
    return { kind: "watched", rule, ...before };
  });
}
