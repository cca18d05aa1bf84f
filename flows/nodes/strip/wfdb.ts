/** A strip as WFDB records: the header and the samples as files, readable by `hearth replay` and every tool of PhysioNet's format. Pure. */

import { encodeRecord } from "../../../gateway/recordings/encode-record.ts";
import { NO_VALUE } from "../../../gateway/recordings/signal-formats.ts";
import { HearthProblem } from "../../client/problem.ts";
import type { Strip, Trace } from "./strip.ts";

/** As e-mail nodes and file nodes take it. */
interface StripFile {
  readonly filename: string;
  readonly content: Buffer;
}

/** The largest count of format 16 that is not its "no value", with room for rounding. */
const maxCount = 32_000;

/** A record for each rate, as `NAME.hea` and `NAME.dat`, the second as `NAME_2…`. Throws `flows.no_signal`. */
export function wfdbFiles({ traces }: Strip, name: string): StripFile[] {
  if (traces.length === 0) throw new HearthProblem("flows.no_signal", "No signal was kept of this time.");
  const rates = [...new Set(traces.map(({ rateHz }) => rateHz))];
  return rates.flatMap((rateHz, at) => {
    const record = at === 0 ? name : `${name}_${at + 1}`;
    const encoded = encodeRecord({
      name: record,
      ...recordOf(
        traces.filter((trace) => trace.rateHz === rateHz),
        rateHz,
      ),
    });
    return [
      { filename: `${record}.hea`, content: Buffer.from(encoded.header) },
      { filename: `${record}.dat`, content: Buffer.from(encoded.samples) },
    ];
  });
}

/** Traces that begin or end later than others have no value there. */
function recordOf(traces: readonly Trace[], rateHz: number) {
  const startUs = Math.min(...traces.map((trace) => trace.startUs));
  const offsets = traces.map((trace) => Math.round(((trace.startUs - startUs) * rateHz) / 1e6));
  const frames = Math.max(...traces.map(({ values }, i) => (offsets[i] ?? 0) + values.length));
  const [date = "", time = ""] = new Date(startUs / 1000).toISOString().split("T");
  return {
    rateHz,
    format: 16 as const,
    baseTime: time.replace("Z", ""),
    baseDate: date.split("-").reverse().join("/"),
    signals: traces.map(({ values, unit, lead, channel }, i) => {
      const gain = gainOf(values);
      const samples = new Int32Array(frames).fill(NO_VALUE);
      values.forEach((value, at) => {
        if (value !== null) samples[(offsets[i] ?? 0) + at] = Math.round(value * gain);
      });
      return { name: plain(lead ?? channel), unit: plain(unit), gain, baseline: 0, adcResolution: 16, samples };
    }),
  };
}

/** Counts a unit: the largest power of ten that all values fit into, which keeps more digits than the sensor had. */
function gainOf(values: readonly (number | null)[]): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value ?? 0));
  return largest === 0 ? 1000 : 10 ** Math.min(6, Math.floor(Math.log10(maxCount / largest)));
}

/** Headers are lines of words. */
const plain = (text: string) => text.replaceAll(/[^\x21-\x7e]+/g, "_") || "_";
