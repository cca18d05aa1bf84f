/** Events of one person and commit group as one blob of columns and back. Times are µs from the blob's first; never one row a beat. */

import { Decoder } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import type {
  BeatEvent,
  BeatLabel,
  GapEvent,
  PersonEvent,
  RhythmEvent,
  VitalCode,
  VitalEvent,
} from "../../device-drivers/contract/event.ts";

export type PackedEvent = BeatEvent | RhythmEvent | VitalEvent | GapEvent;

/** A blob spans less than this, so that offsets fit 32 bits of µs and a query by time knows how far to look. */
export const longestSpanUs = 600e6;

const labels: readonly BeatLabel[] = ["N", "S", "V", "F", "Q"];
const confidenceSteps = 65535;
const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });

type Columns = readonly [
  version: 1,
  baseUs: number,
  names: readonly string[],
  beats:
    | readonly [device: Uint8Array, stream: Uint8Array, at: Uint32Array, label: Uint8Array, confidence: Uint16Array, rrUs: Uint32Array]
    | null,
  rhythms: readonly [device: Uint8Array, stream: Uint8Array, at: Uint32Array, label: Uint8Array] | null,
  /** Older blobs have no source columns; a source is a name's place + 1, 0 = derived by the house. */
  vitals:
    | readonly [code: Uint8Array, at: Uint32Array, value: Float64Array, unit: Uint8Array, device?: Uint16Array, stream?: Uint16Array]
    | null,
  /** A column of reasons only where a gap has one; "" = none. */
  gaps: readonly [device: Uint8Array, stream: Uint8Array, from: Float64Array, to: Float64Array, reason?: Uint8Array] | null,
];

export function startUs(event: PersonEvent): number {
  return "timeUs" in event ? event.timeUs : event.fromUs;
}

export function endUs(event: PersonEvent): number {
  return "timeUs" in event ? event.timeUs : event.toUs;
}

/** Splits into runs that each fit one blob: span below `longestSpanUs` and at most 200 names. A single longer event is a run of its own. */
export function runsOf(events: readonly PackedEvent[]): PackedEvent[][] {
  const runs: PackedEvent[][] = [];
  let run: PackedEvent[] = [];
  let names = new Set<string>();
  let fromUs = 0;
  for (const event of [...events].sort((a, b) => startUs(a) - startUs(b))) {
    if (run.length > 0 && (endUs(event) - fromUs >= longestSpanUs || names.size > 200)) {
      runs.push(run);
      run = [];
      names = new Set();
    }
    if (run.length === 0) fromUs = startUs(event);
    for (const name of namesOf(event)) names.add(name);
    run.push(event);
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** Confidence is kept to 1/65535, RR to 1 µs; everything else exactly (times to whole µs). */
export function packEvents(events: readonly PackedEvent[]): Uint8Array {
  const names: string[] = [];
  const index = new Map<string, number>();
  const nameOf = (name: string) => {
    const known = index.get(name) ?? names.push(name) - 1;
    index.set(name, known);
    return known;
  };
  const baseUs = Math.floor(Math.min(...events.map(startUs)));
  const beats = events.filter((event) => event.kind === "beat");
  const rhythms = events.filter((event) => event.kind === "rhythm");
  const vitals = events.filter((event) => event.kind === "vital");
  const gaps = events.filter((event) => event.kind === "gap");
  const bytes = <T>(items: readonly T[], value: (item: T) => number) => Uint8Array.from(items, value);
  const times = <T extends { timeUs: number }>(items: readonly T[]) => Uint32Array.from(items, (item) => Math.round(item.timeUs) - baseUs);
  const sources = (items: readonly (BeatEvent | RhythmEvent | GapEvent)[]) =>
    [bytes(items, (item) => nameOf(item.device)), bytes(items, (item) => nameOf(item.stream))] as const;
  const columns: Columns = [
    1,
    baseUs,
    names,
    beats.length === 0
      ? null
      : [
          ...sources(beats),
          times(beats),
          bytes(beats, (beat) => labels.indexOf(beat.label)),
          Uint16Array.from(beats, (beat) => Math.round(beat.confidence * confidenceSteps)),
          Uint32Array.from(beats, (beat) => (beat.rrMs === undefined ? 0 : Math.round(beat.rrMs * 1000))),
        ],
    rhythms.length === 0 ? null : [...sources(rhythms), times(rhythms), bytes(rhythms, (rhythm) => nameOf(rhythm.label))],
    vitals.length === 0
      ? null
      : [
          bytes(vitals, (vital) => nameOf(vital.code)),
          times(vitals),
          Float64Array.from(vitals, (vital) => vital.value),
          bytes(vitals, (vital) => nameOf(vital.unit)),
          ...sourceColumns(vitals, nameOf),
        ],
    gaps.length === 0
      ? null
      : [
          ...sources(gaps),
          Float64Array.from(gaps, (gap) => Math.round(gap.fromUs) - baseUs),
          Float64Array.from(gaps, (gap) => Math.round(gap.toUs) - baseUs),
          ...reasonColumn(gaps, nameOf),
        ],
  ];
  return encoder.encode(columns);
}

export function unpackEvents(packed: Uint8Array): PackedEvent[] {
  const [, baseUs, names, beats, rhythms, vitals, gaps] = decoder.decode(packed) as Columns;
  const name = (column: Uint8Array, i: number) => names[column[i] ?? 0] ?? "";
  const events: PackedEvent[] = [];
  if (beats !== null) {
    const [device, stream, at, label, confidence, rrUs] = beats;
    for (const [i, offsetUs] of at.entries()) {
      const source = { device: name(device, i), stream: name(stream, i), timeUs: baseUs + offsetUs };
      const beat: BeatEvent = {
        kind: "beat",
        ...source,
        label: labels[label[i] ?? 4] ?? "Q",
        confidence: (confidence[i] ?? 0) / confidenceSteps,
      };
      const rr = rrUs[i] ?? 0;
      events.push(rr === 0 ? beat : { ...beat, rrMs: rr / 1000 });
    }
  }
  if (rhythms !== null) {
    const [device, stream, at, label] = rhythms;
    for (const [i, offsetUs] of at.entries()) {
      events.push({ kind: "rhythm", device: name(device, i), stream: name(stream, i), timeUs: baseUs + offsetUs, label: name(label, i) });
    }
  }
  if (vitals !== null) {
    const [code, at, value, unit, device, stream] = vitals;
    const source = (column: Uint16Array | undefined, i: number) => names[(column?.[i] ?? 0) - 1];
    for (const [i, offsetUs] of at.entries()) {
      const from = source(device, i);
      events.push({
        kind: "vital",
        code: name(code, i) as VitalCode,
        ...(from === undefined ? {} : { device: from, stream: source(stream, i) ?? "" }),
        timeUs: baseUs + offsetUs,
        value: value[i] ?? Number.NaN,
        unit: name(unit, i),
      });
    }
  }
  if (gaps !== null) {
    const [device, stream, from, to, reasons] = gaps;
    for (const [i, offsetUs] of from.entries()) {
      const reason = reasons === undefined ? "" : name(reasons, i);
      events.push({
        kind: "gap",
        device: name(device, i),
        stream: name(stream, i),
        fromUs: baseUs + offsetUs,
        toUs: baseUs + (to[i] ?? offsetUs),
        ...(reason === "" ? {} : { reason }),
      });
    }
  }
  return events;
}

function namesOf(event: PackedEvent): string[] {
  if (event.kind === "vital") return [event.code, event.unit, event.device ?? event.code, event.stream ?? event.code];
  if (event.kind === "rhythm") return [event.device, event.stream, event.label];
  return event.kind === "gap" && event.reason !== undefined ? [event.device, event.stream, event.reason] : [event.device, event.stream];
}

function sourceColumns(vitals: readonly VitalEvent[], nameOf: (name: string) => number): [device?: Uint16Array, stream?: Uint16Array] {
  if (vitals.every(({ device }) => device === undefined)) return [];
  const column = (name: (vital: VitalEvent) => string | undefined) =>
    Uint16Array.from(vitals, (vital) => {
      const found = name(vital);
      return found === undefined ? 0 : nameOf(found) + 1;
    });
  return [column(({ device }) => device), column(({ stream }) => stream)];
}

function reasonColumn(gaps: readonly GapEvent[], nameOf: (name: string) => number): [reason?: Uint8Array] {
  return gaps.every(({ reason }) => reason === undefined) ? [] : [Uint8Array.from(gaps, ({ reason = "" }) => nameOf(reason))];
}
