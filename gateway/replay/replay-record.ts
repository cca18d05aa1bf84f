/** Replays one recording, whatever it was read from, and gathers everything that is written or scored about it. */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { defaultProfile } from "../rules/index.ts";
import type { StreamMode } from "../semantic/mode.ts";
import { mergeStrips, stripItem } from "../semantic/policy.ts";
import { bootOf } from "../stream/clock/anchor.ts";
import { cutStrip } from "../strips/fill-strips.ts";
import { annotate } from "./annotate.ts";
import { frameOutbox } from "./frame-outbox.ts";
import { type RecordOptions, recordSource } from "./record-source.ts";
import type { ReplayedRecord, TwinChannel } from "./replayed-record.ts";
import { type ReplayModels, type Run, runRecording } from "./run-recording.ts";
import type { ReplaySource, StatedRecord } from "./source.ts";
import { summarise } from "./summarise.ts";
import type { Track } from "./tracks.ts";

interface ReplayOptions {
  readonly person?: string;
  /** How much of the signal goes to the twin; `event` unless told. */
  readonly semantic?: StreamMode;
  readonly onProgress?: (share: number) => void;
}

const flushS = 60;
const firstPerson = "person-a";

/** A WFDB record. Throws `recording.*` for what cannot be read. */
export async function replayRecord(
  path: string,
  models: ReplayModels,
  options: ReplayOptions & RecordOptions = {},
): Promise<ReplayedRecord> {
  return replaySource(await recordSource(path, options), models, options);
}

export async function replaySource(source: ReplaySource, models: ReplayModels, options: ReplayOptions = {}): Promise<ReplayedRecord> {
  const { name, stated: given } = source;
  const run = await runRecording(source, {
    person: options.person ?? source.person ?? firstPerson,
    models,
    profile: defaultProfile,
    flushS,
    mode: options.semantic ?? "event",
    onProgress(timeUs) {
      if (given !== undefined)
        options.onProgress?.((timeUs - given.baseUs - given.fromS * 1e6) / Math.max(1, (given.toS - given.fromS) * 1e6));
    },
  });
  const track = run.tracks.find(({ channel }) => channel >= 0);
  const stated = given ?? measured(run, track);
  const { baseUs, rateHz, lengthS, fromS, toS } = stated;
  const endUs = baseUs + Math.round(toS * 1e6);
  const sent = frameOutbox([...run.outbox, ...stripsOf(run)], baseUs);
  const span = { rateHz, baseUs, from: Math.round(fromS * rateHz), samples: Math.round(toS * rateHz) };
  const replayed = {
    ...{ name, run, sent, baseUs, endUs, stated },
    annotations: annotate(run.events, span),
    source: { rateHz, samples: Math.round(lengthS * rateHz) },
    ...(track === undefined ? {} : { twin: twinOf(track, stated) }),
  };
  return { ...replayed, summary: summarise(replayed) };
}

/** A source without a header is as long as what came of it. */
function measured({ tracks, receivedBytes }: Run, ecg: Track | undefined): StatedRecord {
  const baseUs = Math.min(...tracks.map(({ firstUs }) => firstUs));
  const endUs = Math.max(...tracks.map((track) => track.endUs));
  const lengthS = tracks.length === 0 ? 0 : (endUs - baseUs) / 1e6;
  const rateHz = (ecg ?? tracks[0])?.descriptor.rateHz ?? 1;
  return { baseUs: tracks.length === 0 ? 0 : baseUs, lengthS, fromS: 0, toS: lengthS, rateHz, rawBytes: receivedBytes };
}

const unstatedBits = 16;

function twinOf({ descriptor, channel }: Track, { lengthS, channel: said }: StatedRecord): TwinChannel {
  const { device, stream, rateHz, channels } = descriptor;
  const { id = "", unit = "mV", scale = 1, offset = 0 } = channels[channel] ?? {};
  const own = { name: id, unit, gain: 1 / scale, baseline: Math.round(-offset / scale), adcResolution: unstatedBits };
  return { ...(said ?? own), device, stream, channel: id, rateHz, samples: Math.round(lengthS * rateHz) };
}

/** Strips come from what the river saw; a home reads them from its journal. */
function stripsOf({ stripsDue, tracks }: Run): OutboxItem[] {
  return mergeStrips(stripsDue).flatMap((span) => {
    const isSame = ({ device, stream }: { device: string; stream: string }) => device === span.device && stream === span.stream;
    const covered = stripsDue.filter(
      (due) => isSame(due) && due.channel === span.channel && due.fromUs >= span.fromUs && due.toUs <= span.toUs,
    );
    const blocks = tracks.flatMap((track) => (isSame(track.descriptor) ? track.blocks : []));
    const strip = cutStrip(
      blocks.filter(({ bootId }) => bootId === bootOf(span.anchor)),
      span,
      covered,
    );
    return strip === undefined ? [] : [stripItem(strip)];
  });
}
