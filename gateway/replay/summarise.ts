/** NAME.summary.json: what a replay saw, said and sent, in figures. */

import type { ReplayedRecord } from "./replayed-record.ts";

export function summarise(replayed: Omit<ReplayedRecord, "summary">): Readonly<Record<string, unknown>> {
  const { name, run, sent, source, stated, endUs, annotations, twin } = replayed;
  const alerts: Record<string, number> = {};
  for (const { begin } of run.episodes) if (begin.timeUs <= endUs) alerts[begin.rule] = (alerts[begin.rule] ?? 0) + 1;
  const watched: Record<string, number> = {};
  for (const event of run.events) {
    if (event.kind !== "watched") continue;
    watched[event.rule] = (watched[event.rule] ?? 0) + Math.max(0, Math.min(event.toUs, endUs) - event.fromUs) / 1e6;
  }
  const track = run.tracks.find(({ descriptor: { device, stream } }) => device === twin?.device && stream === twin.stream);
  const seconds = stated.toS - stated.fromS;
  return {
    record: name,
    seconds,
    samples: Math.round(seconds * (twin?.rateHz ?? source.rateHz)),
    beats: annotations.filter(({ symbol }) => "NSVFQ".includes(symbol)).length,
    alerts,
    /** Of a record the bits of the analysed channel as its header states them (models.md §1.11), else the bytes as they came. */
    bytes_raw: stated.rawBytes,
    bytes_sent: sent.sem.length + sent.strips.length,
    frames: sent.frames,
    /** Time of the analysed channel without a sample. */
    gaps_s: track === undefined ? 0 : rounded(track.missing / track.descriptor.rateHz),
    watched_s: Object.fromEntries(Object.entries(watched).map(([rule, total]) => [rule, rounded(total)])),
    model_ms: Math.round(run.modelMs),
    wall_s: rounded(run.wallS),
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
