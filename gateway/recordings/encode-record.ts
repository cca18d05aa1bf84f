/** A WFDB record as the bytes of its two files. Pure; what writes it to a disk or sends it elsewhere stands beside it. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { formatHeader, type SignalSpec } from "./header.ts";
import { encodeSamples, formatOf, NO_VALUE } from "./signal-formats.ts";

export interface RecordToWrite {
  readonly name: string;
  readonly rateHz: number;
  readonly format: 16 | 212;
  readonly baseTime?: string;
  readonly baseDate?: string;
  readonly comments?: readonly string[];
  readonly signals: readonly {
    readonly name: string;
    readonly unit: string;
    readonly gain: number;
    readonly baseline: number;
    readonly adcResolution: number;
    readonly samples: Int32Array;
  }[];
}

interface EncodedRecord {
  /** Of `NAME.hea`. */
  readonly header: Uint8Array;
  /** Of `NAME.dat`. */
  readonly samples: Uint8Array;
}

/** Signals interleaved, checksums stated. Throws `recording.unequal_lengths` (bug), `recording.out_of_range` (operator). */
export function encodeRecord(record: RecordToWrite): EncodedRecord {
  const frameCount = record.signals[0]?.samples.length ?? 0;
  const label = `${record.name}.dat`;
  if (record.signals.some((s) => s.samples.length !== frameCount))
    throw new GatewayError("recording.unequal_lengths", "bug", `${label}: signals differ in length`);
  const noValue = formatOf(record.format, label).noValue;
  const count = record.signals.length;
  const mixed = new Int32Array(frameCount * count);
  const specs = record.signals.map((signal, k): SignalSpec => {
    let sum = 0;
    for (let i = 0; i < frameCount; i++) {
      const value = signal.samples[i] ?? NO_VALUE;
      mixed[i * count + k] = value;
      sum = (sum + (value === NO_VALUE ? noValue : value)) | 0;
    }
    const first = signal.samples[0] ?? 0;
    return {
      fileName: label,
      format: record.format,
      samplesPerFrame: 1,
      skew: 0,
      byteOffset: 0,
      gain: signal.gain,
      isCalibrated: true,
      baseline: signal.baseline,
      unit: signal.unit,
      adcResolution: signal.adcResolution,
      adcZero: 0,
      firstValue: first === NO_VALUE ? noValue : first,
      checksum: (sum << 16) >> 16,
      blockSize: 0,
      name: signal.name,
    };
  });
  const { name, rateHz, baseTime, baseDate, comments = [] } = record;
  const text = formatHeader({
    name,
    rateHz,
    frameCount,
    signals: specs,
    comments,
    ...(baseTime ? { baseTime } : {}),
    ...(baseDate ? { baseDate } : {}),
  });
  // Headers are read as Latin-1: what came so goes back so.
  const header = new Uint8Array(Buffer.from(text, /^[\0-\xff]*$/.test(text) ? "latin1" : "utf8"));
  return { header, samples: encodeSamples(record.format, mixed, label) };
}
