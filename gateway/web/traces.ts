/** All traces on the page: buffers, beats and quality per stream, fed by the live stream and by strips. Draw state only; nothing here decides. */

import { createPlayhead, type Playhead } from "./playhead.ts";
import { createTraceBuffer, type Span, type TraceBuffer } from "./trace-buffer.ts";
import type { BeatMark, Quality, QualityMessage, SamplesMessage, Strip, Trace } from "./wire-types.ts";

export const windowS = 12;
/** A word on quality speaks of the second that ends at its time. */
const judgedUs = 1_000_000;

export interface BeatAt {
  readonly timeUs: number;
  readonly label: string;
}

export interface QualitySpan extends Span {
  readonly level: Exclude<Quality, "good"> | "off";
}

interface StreamTraces {
  readonly buffers: Map<string, TraceBuffer>;
  readonly beats: BeatAt[];
  readonly qualities: { readonly timeUs: number; readonly level: Quality | "off" }[];
}

export interface Traces {
  samples(message: SamplesMessage, nowMs: number): void;
  quality(message: QualityMessage): void;
  event(event: BeatMark): void;
  /** Fills what is missing from a strip, without moving the line. */
  backfill(strip: Strip): void;
  stream(device: string, stream: string): StreamTraces;
  head(person: string, nowMs: number): number | undefined;
  clear(): void;
}

export function createTraces(): Traces {
  const streams = new Map<string, StreamTraces>();
  const heads = new Map<string, Playhead>();

  function stream(device: string, name: string): StreamTraces {
    const key = `${device}/${name}`;
    const found = streams.get(key) ?? { buffers: new Map(), beats: [], qualities: [] };
    streams.set(key, found);
    return found;
  }

  function bufferOf(trace: Trace): TraceBuffer {
    const { buffers } = stream(trace.device, trace.stream);
    const old = buffers.get(trace.channel);
    if (old !== undefined && old.rateHz === trace.rateHz) return old;
    const fresh = createTraceBuffer(trace.rateHz, windowS);
    buffers.set(trace.channel, fresh);
    return fresh;
  }

  function addBeat(event: BeatMark): void {
    const { device, stream: name, timeUs, label } = event;
    if (event.kind !== "beat" || device === undefined || name === undefined || timeUs === undefined || label === undefined) return;
    const { beats } = stream(device, name);
    // A beat may be told again with its final class; the newest word counts.
    const same = beats.findIndex((beat) => Math.abs(beat.timeUs - timeUs) < 40_000);
    if (same >= 0) beats.splice(same, 1);
    beats.push({ timeUs, label });
    if (beats.length > 80) beats.shift();
  }

  return {
    samples(message, nowMs) {
      bufferOf(message).push(message.startUs, message.values);
      if (message.person === undefined) return;
      const head = heads.get(message.person) ?? createPlayhead();
      heads.set(message.person, head);
      const lengthMs = (message.values.length / message.rateHz) * 1000;
      head.heard(`${message.device}/${message.stream}`, message.startUs + lengthMs * 1000, lengthMs, nowMs);
    },
    quality(message) {
      const { qualities } = stream(message.device, message.stream);
      const level = message.contact === "off" ? "off" : message.level;
      if (qualities.at(-1)?.level !== level) qualities.push({ timeUs: message.timeUs - judgedUs, level });
      if (qualities.length > 60) qualities.shift();
    },
    event: addBeat,
    backfill(strip) {
      for (const trace of strip.traces) bufferOf(trace).fillOlder(trace.startUs, trace.values);
      for (const event of strip.events) addBeat(event);
    },
    stream,
    head: (person, nowMs) => heads.get(person)?.at(nowMs),
    clear() {
      streams.clear();
      heads.clear();
    },
  };
}

/** Spans in which the quality was not good, up to `headUs`. */
export function qualitySpans(qualities: StreamTraces["qualities"], headUs: number): QualitySpan[] {
  return qualities.flatMap((entry, i) => {
    if (entry.level === "good") return [];
    return [{ fromUs: entry.timeUs, toUs: Math.min(qualities[i + 1]?.timeUs ?? headUs, headUs), level: entry.level }];
  });
}
