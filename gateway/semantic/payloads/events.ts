/** All events of one person in [fromUs, toUs) as one run of bits: column by column, sources and words once. Exact but for what beat-codec.ts states. */

import {
  type BeatEvent,
  type GapEvent,
  type RhythmEvent,
  type VitalEvent,
  vitalCodes,
  type WatchedEvent,
} from "../../../device-drivers/contract/event.ts";
import { readBeats, writeBeats } from "../beat-codec.ts";
import { type BitReader, type BitWriter, bitReader, bitWriter, undecodable } from "../bits.ts";
import { readColumn, readCount, readSpread, readTimes, writeColumn, writeCount, writeSpread, writeTimes } from "../columns.ts";
import { readText, writeText } from "../words.ts";
import type { PayloadKind } from "./kind.ts";

/** Each event stands in exactly one frame. */
export interface EventsPayload {
  readonly kind: "events";
  readonly person: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly beats: readonly BeatEvent[];
  readonly rhythms: readonly RhythmEvent[];
  readonly vitals: readonly VitalEvent[];
  readonly gaps: readonly GapEvent[];
  readonly watched: readonly WatchedEvent[];
}

/** The second has a column that names the source of numbers which devices measure themselves. */
const layouts = { events: 3, sourcedEvents: 5 } as const;

export const eventsKind: PayloadKind<EventsPayload> = {
  kind: "events",
  class: "semantic",
  layouts: Object.values(layouts),
  timeUs: ({ toUs }) => toUs,
  peopleOf: ({ person }) => [person],
  encode: (payload) => ({ layout: needsSources(payload) ? layouts.sourcedEvents : layouts.events, content: encodeEvents(payload) }),
  decode(content, layout) {
    if (!(content instanceof Uint8Array)) throw undecodable("events are no bytes");
    return decodeEvents(content, { isSourced: layout === layouts.sourcedEvents });
  },
};

interface Source {
  readonly device: string;
  readonly stream: string;
}

/** Values with up to this many decimals go as whole numbers; others as their 64 bits. */
const maxDecimals = 3;
const rawReal = 7;

/** Numbers that name their device need the layout that has a column for it; all others keep the first one's bytes. */
export function needsSources({ vitals }: Pick<EventsPayload, "vitals">): boolean {
  return vitals.some(({ code, device }) => code !== "hr" || device !== undefined);
}

export function encodeEvents(payload: EventsPayload): Uint8Array {
  const bits = bitWriter();
  const fromUs = Math.round(payload.fromUs);
  writeText(bits, payload.person);
  writeSpread(bits, [fromUs]);
  writeSpread(bits, [Math.round(payload.toUs) - fromUs]);
  const sources = tableOf<Source>(({ device, stream }) => JSON.stringify([device, stream]));
  for (const event of [...payload.beats, ...payload.rhythms, ...payload.gaps]) sources.add(event);
  const isSourced = needsSources(payload);
  if (isSourced) for (const { device, stream } of payload.vitals) if (device !== undefined) sources.add({ device, stream: stream ?? "" });
  writeCount(bits, sources.items.length);
  for (const { device, stream } of sources.items) {
    writeText(bits, device);
    writeText(bits, stream);
  }
  writeBeats(bits, payload.beats, sources.indexOf, fromUs);
  writeRhythms(bits, payload.rhythms, sources.indexOf, fromUs);
  writeVitals(bits, payload.vitals, fromUs);
  // 0 = derived by the house.
  const placeOf = ({ device, stream = "" }: VitalEvent) => (device === undefined ? 0 : sources.indexOf({ device, stream }) + 1);
  if (isSourced) writeColumn(bits, payload.vitals.map(placeOf));
  writeSpans(bits, payload.gaps, fromUs);
  if (payload.gaps.length > 0) writeColumn(bits, payload.gaps.map(sources.indexOf));
  writeSpans(bits, payload.watched, fromUs);
  writeTexts(
    bits,
    payload.watched.map(({ rule }) => rule),
  );
  return bits.bytes();
}

/** @throws GatewayError `semantic.undecodable` */
export function decodeEvents(bytes: Uint8Array, { isSourced }: { readonly isSourced: boolean }): EventsPayload {
  const bits = bitReader(bytes);
  const person = readText(bits);
  const fromUs = readSpread(bits, 1)[0] ?? 0;
  const toUs = fromUs + (readSpread(bits, 1)[0] ?? 0);
  const sources = Array.from({ length: readCount(bits) }, (): Source => ({ device: readText(bits), stream: readText(bits) }));
  const beats = readBeats(bits, sources, fromUs);
  const rhythms = readRhythms(bits, sources, fromUs);
  const numbers = readVitals(bits, fromUs, isSourced ? vitalCodes : ["hr"]);
  const places = isSourced ? readColumn(bits, numbers.length) : [];
  const vitals = numbers.map((vital, i) => ((places[i] ?? 0) === 0 ? vital : { ...vital, ...sourceAt(sources, (places[i] ?? 0) - 1) }));
  const gapSpans = readSpans(bits, fromUs);
  const gapSources = readColumn(bits, gapSpans.length);
  const gaps = gapSpans.map((span, i): GapEvent => ({ kind: "gap", ...sourceAt(sources, gapSources[i]), ...span }));
  const watchedSpans = readSpans(bits, fromUs);
  const rules = readTexts(bits, watchedSpans.length);
  const watched = watchedSpans.map((span, i): WatchedEvent => ({ kind: "watched", rule: rules[i] ?? "", ...span }));
  return { kind: "events", person, fromUs, toUs, beats, rhythms, vitals, gaps, watched };
}

function writeRhythms(bits: BitWriter, rhythms: readonly RhythmEvent[], sourceOf: (event: RhythmEvent) => number, originUs: number): void {
  writeCount(bits, rhythms.length);
  if (rhythms.length === 0) return;
  writeColumn(bits, rhythms.map(sourceOf));
  writeTimes(
    bits,
    rhythms.map(({ timeUs }) => Math.round(timeUs)),
    originUs,
  );
  writeTexts(
    bits,
    rhythms.map(({ label }) => label),
  );
}

function readRhythms(bits: BitReader, sources: readonly Source[], originUs: number): RhythmEvent[] {
  const count = readCount(bits);
  if (count === 0) return [];
  const sourceColumn = readColumn(bits, count);
  const timesUs = readTimes(bits, count, originUs);
  const labels = readTexts(bits, count);
  return timesUs.map((timeUs, i) => ({ kind: "rhythm", ...sourceAt(sources, sourceColumn[i]), timeUs, label: labels[i] ?? "" }));
}

function writeVitals(bits: BitWriter, vitals: readonly VitalEvent[], originUs: number): void {
  writeCount(bits, vitals.length);
  if (vitals.length === 0) return;
  writeTimes(
    bits,
    vitals.map(({ timeUs }) => Math.round(timeUs)),
    originUs,
  );
  writeTexts(
    bits,
    vitals.map(({ code }) => code),
  );
  writeTexts(
    bits,
    vitals.map(({ unit }) => unit),
  );
  writeReals(
    bits,
    vitals.map(({ value }) => value),
  );
}

function readVitals(bits: BitReader, originUs: number, known: readonly VitalEvent["code"][]): VitalEvent[] {
  const count = readCount(bits);
  if (count === 0) return [];
  const timesUs = readTimes(bits, count, originUs);
  const codes = readTexts(bits, count);
  const units = readTexts(bits, count);
  const values = readReals(bits, count);
  return timesUs.map((timeUs, i) => {
    const code = known.find((each) => each === codes[i]);
    if (code === undefined) throw undecodable("a vital sign that this version does not have");
    return { kind: "vital", code, timeUs, value: values[i] ?? 0, unit: units[i] ?? "" };
  });
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

function writeSpans(bits: BitWriter, spans: readonly Span[], originUs: number): void {
  writeCount(bits, spans.length);
  writeSpread(
    bits,
    spans.map(({ fromUs }) => Math.round(fromUs) - originUs),
  );
  writeSpread(
    bits,
    spans.map(({ fromUs, toUs }) => Math.round(toUs) - Math.round(fromUs)),
  );
}

function readSpans(bits: BitReader, originUs: number): Span[] {
  const count = readCount(bits);
  const starts = readSpread(bits, count);
  const lengths = readSpread(bits, count);
  return starts.map((start, i) => ({ fromUs: originUs + start, toUs: originUs + start + (lengths[i] ?? 0) }));
}

/** Each text once, then which. */
function writeTexts(bits: BitWriter, texts: readonly string[]): void {
  if (texts.length === 0) return;
  const table = tableOf<string>((text) => text);
  for (const text of texts) table.add(text);
  writeCount(bits, table.items.length);
  for (const text of table.items) writeText(bits, text);
  // Where every text is another one their order is the table's own.
  if (table.items.length < texts.length) writeColumn(bits, texts.map(table.indexOf));
}

function readTexts(bits: BitReader, count: number): string[] {
  if (count === 0) return [];
  const table = Array.from({ length: readCount(bits) }, () => readText(bits));
  if (table.length === count) return table;
  return readColumn(bits, count).map((index) => {
    const text = table[index];
    if (text === undefined) throw undecodable("a text is missing");
    return text;
  });
}

function writeReals(bits: BitWriter, values: readonly number[]): void {
  let decimals = 0;
  // A whole number has no -0.
  const isExact = (value: number) =>
    Math.round(value * 10 ** decimals) / 10 ** decimals === value && !Object.is(value, -0) && Math.abs(value) < 1e9;
  while (decimals <= maxDecimals && !values.every(isExact)) decimals++;
  if (decimals <= maxDecimals) {
    bits.write(decimals, 3);
    writeSpread(
      bits,
      values.map((value) => Math.round(value * 10 ** decimals)),
    );
    return;
  }
  bits.write(rawReal, 3);
  const view = new DataView(new ArrayBuffer(8));
  for (const value of values) {
    view.setFloat64(0, value);
    bits.write(view.getUint32(0), 32);
    bits.write(view.getUint32(4), 32);
  }
}

function readReals(bits: BitReader, count: number): number[] {
  const decimals = bits.read(3);
  if (decimals <= maxDecimals) return readSpread(bits, count).map((value) => value / 10 ** decimals);
  if (decimals !== rawReal) throw undecodable("numbers of an unknown kind");
  const view = new DataView(new ArrayBuffer(8));
  return Array.from({ length: count }, () => {
    view.setUint32(0, bits.read(32));
    view.setUint32(4, bits.read(32));
    return view.getFloat64(0);
  });
}

function tableOf<Item>(keyOf: (item: Item) => string): { items: Item[]; add(item: Item): void; indexOf(item: Item): number } {
  const places = new Map<string, number>();
  const items: Item[] = [];
  return {
    items,
    add(item) {
      if (places.has(keyOf(item))) return;
      places.set(keyOf(item), items.length);
      items.push(item);
    },
    indexOf: (item) => places.get(keyOf(item)) ?? 0,
  };
}

function sourceAt(sources: readonly Source[], index: number | undefined): Source {
  const source = sources[index ?? -1];
  if (source === undefined) throw undecodable("an event of an unknown source");
  return { device: source.device, stream: source.stream };
}
