/** A WFDB record as a source: every channel is offered, and the header says how long it is and when it began. */

import { basename } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { baseWallUs, type RecordHeader, type SignalSpec } from "../recordings/header.ts";
import { readRecord, type WfdbRecord } from "../recordings/wfdb.ts";
import { chooseEcg, fastestHz, slowestHz } from "../stream/ecg/choose-ecg.ts";
import { chunksOf, isEcg, recordingDriver, streamsOf } from "./recording-driver.ts";
import type { ReplaySource, ReplaySpan, StatedChannel } from "./source.ts";

export interface RecordOptions extends ReplaySpan {
  readonly contact?: "given" | "unmeasured";
  /** Name of the ECG channel that is analysed; the other leads are left out. */
  readonly lead?: string;
  /** Changes the recording before it is offered (noise stress). */
  readonly prepare?: (record: WfdbRecord) => WfdbRecord;
}

/** Throws `recording.*`; a record without an ECG is a recording all the same. `path` may carry the extension of one of the record's files. */
export async function recordSource(path: string, options: RecordOptions = {}): Promise<ReplaySource> {
  const base = path.replace(/\.(hea|dat|mat)$/i, "");
  const read = await readRecord(base);
  const prepared = options.prepare?.(read) ?? read;
  const record = options.lead === undefined ? prepared : withLead(prepared, options.lead, base);
  const { header } = record;
  const streams = streamsOf(record, options.contact === "unmeasured" ? "none" : "given");
  const lengthS = (header.frameCount ?? 0) / header.rateHz;
  const toS = Math.min(lengthS, options.toS ?? lengthS);
  const span = { fromS: Math.min(toS, options.fromS ?? 0), toS, baseUs: axisBaseUs(header) };
  const driver = recordingDriver(streams);
  const chosen = streams.flatMap(({ descriptor, signals }) => {
    const spec = specOf(header, descriptor, signals);
    return spec === undefined ? [] : [{ spec, rateHz: descriptor.rateHz }];
  })[0];
  const bitsPerS = chosen === undefined ? bitsOf(header, header.signals) : bitsOf(header, [chosen.spec]);
  const { baseTime, baseDate } = header;
  const noEcg = `no ECG lead at ${slowestHz} to ${fastestHz} samples a second, so beats and rhythms are not looked for`;
  return {
    name: basename(base),
    warnings: [...record.warnings, ...(chosen === undefined ? [noEcg] : [])].map((text) =>
      text.includes(base) ? text : `${base}: ${text}`,
    ),
    chunks: chunksOf(record, streams, span),
    driverOf: () => ({ driver, options: {} }),
    stated: {
      ...span,
      lengthS,
      rateHz: header.rateHz,
      rawBytes: Math.ceil(((span.toS - span.fromS) * bitsPerS) / 8),
      ...(baseTime === undefined ? {} : { baseTime }),
      ...(baseDate === undefined ? {} : { baseDate }),
      ...(chosen === undefined ? {} : { channel: channelOf(chosen.spec) }),
    },
  };
}

/** The record with this channel as its only ECG. Throws `recording.no_lead` (operator) with the names that there are. */
function withLead(record: WfdbRecord, lead: string, base: string): WfdbRecord {
  const { signals } = record.header;
  const plain = (name: string) => name.replace(/,$/, "").trim().toLowerCase();
  const wanted = signals.findIndex(({ name }) => plain(name) === plain(lead));
  if (wanted < 0) {
    const names = signals.map(({ name }) => `"${name}"`).join(", ");
    throw new GatewayError("recording.no_lead", "operator", `${base}: there is no channel "${lead}"; there are ${names}`);
  }
  const stays = (at: number) => at === wanted || !isEcg(record.header, at);
  return {
    ...record,
    header: { ...record.header, signals: signals.filter((_, at) => stays(at)) },
    signals: record.signals.filter((_, at) => stays(at)),
  };
}

const latestBaseUs = Date.UTC(2255, 0, 1) * 1000;

/** The gateway's axis counts whole microseconds from 1970 (to the year 2255); a recording that says it lies outside begins like one without a date. */
function axisBaseUs(header: RecordHeader): number {
  const baseUs = baseWallUs(header);
  const { baseTime } = header;
  return baseUs >= 0 && baseUs <= latestBaseUs ? baseUs : baseWallUs(baseTime === undefined ? {} : { baseTime });
}

function specOf(header: RecordHeader, descriptor: StreamDescriptor, signals: readonly number[]): SignalSpec | undefined {
  const channel = chooseEcg(descriptor);
  return channel === undefined ? undefined : header.signals[signals[descriptor.channels.indexOf(channel)] ?? -1];
}

function channelOf({ name, unit, gain, baseline, adcResolution }: SignalSpec): StatedChannel {
  return { name, unit, gain, baseline, adcResolution };
}

function bitsOf(header: RecordHeader, specs: readonly SignalSpec[]): number {
  return specs.reduce((sum, spec) => sum + spec.adcResolution * spec.samplesPerFrame * header.rateHz, 0);
}
