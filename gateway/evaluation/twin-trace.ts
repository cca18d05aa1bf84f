/** The analysed channel of a replayed record as it was measured and as the twin's waveforms have it, on the record's own grid. */

import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import type { ReplayedRecord } from "../replay/replayed-record.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { millivoltsPer } from "../stream/ecg/millivolts.ts";
import { decodeFrames } from "../twin/decode.ts";

export interface TwinTrace {
  /** Counts; NaN where there is none. Strips are left out of the twin's: an error of nothing would flatter it. */
  readonly input: Float64Array;
  readonly twin: Float64Array;
  readonly uvPerCount: number;
  /** With the place of their first sample. */
  readonly windows: readonly { readonly first: number; readonly payload: WaveformPayload }[];
}

/** Undefined for a record without an ECG. */
export function twinTrace({ run, sent, twin, baseUs }: ReplayedRecord): TwinTrace | undefined {
  const track = run.tracks.find(({ channel, descriptor }) => channel >= 0 && descriptor.stream === twin?.stream);
  if (twin === undefined || track === undefined) return undefined;
  const input = new Float64Array(twin.samples).fill(Number.NaN);
  for (const { firstIndex, channels } of track.blocks) input.set(channels[track.channel] ?? [], firstIndex);
  const decoded = new Float64Array(twin.samples).fill(Number.NaN);
  const windows = decodeFrames(sent.sem).flatMap((payload) =>
    payload.kind === "waveform" && payload.stream === twin.stream && payload.channel === twin.channel
      ? [{ payload, first: Math.round(((payload.startUs - baseUs) * payload.rateHz) / 1e6) }]
      : [],
  );
  for (const { first, payload } of windows)
    payload.samples.forEach((value, i) => {
      decoded[first + i] = value === noValue ? Number.NaN : value;
    });
  return { input, twin: decoded, uvPerCount: (1000 * (millivoltsPer(twin.unit) ?? 1)) / twin.gain, windows };
}

/** The record with the twin's trace in the place of the analysed channel. */
export function asTwinHasIt(record: WfdbRecord, name: string, { twin }: TwinTrace): WfdbRecord {
  const at = record.header.signals.findIndex((signal) => signal.name === name);
  const samples = Int32Array.from(twin, (value) => (Number.isNaN(value) ? NO_VALUE : value));
  return { ...record, signals: record.signals.map((signal, i) => (i === at ? samples : signal)) };
}
