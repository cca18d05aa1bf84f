/** The files that a replay leaves for one record (contracts.md): annotations, alerts, the twin's bytes and what the twin makes of them. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatAnnotations } from "../recordings/annotations.ts";
import { formatBodyStates } from "../recordings/body-states.ts";
import { formatBvh } from "../recordings/bvh-writer.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import { writeRecord } from "../recordings/wfdb.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { decodeFrames } from "../twin/decode.ts";
import { annotate } from "./annotate.ts";
import type { Episode } from "./episodes.ts";
import type { ReplayedRecord, TwinChannel } from "./replayed-record.ts";
import { twinBody } from "./twin-body.ts";

const largest16 = 32767;

/** One object a line; `end_s` is null where the condition was still true at the end. */
export function alertLines(episodes: readonly Episode[], { baseUs, endUs }: { baseUs: number; endUs: number }): string {
  const seconds = (us: number) => Math.round((us - baseUs) / 1000) / 1000;
  const lines = episodes
    .filter(({ begin }) => begin.timeUs <= endUs)
    .map(({ begin, endUs: ended, value, notified }) =>
      JSON.stringify({
        rule: begin.rule,
        priority: begin.priority,
        kind: begin.alertKind,
        onset_s: seconds(begin.onsetUs),
        t_s: seconds(begin.timeUs),
        end_s: ended === undefined || ended > endUs ? null : seconds(ended),
        value: value ?? begin.value ?? null,
        unit: begin.unit ?? null,
        quality: begin.quality,
        model: begin.model ?? null,
        notified,
      }),
    );
  return lines.map((line) => `${line}\n`).join("");
}

export async function writeOutputs(dir: string, replayed: ReplayedRecord): Promise<void> {
  const { name, source, run, sent, baseUs, endUs, stated, twin } = replayed;
  await mkdir(dir, { recursive: true });
  const file = (suffix: string) => join(dir, `${name}${suffix}`);
  await writeFile(file(".hearth"), formatAnnotations(replayed.annotations));
  await writeFile(file(".alerts.ndjson"), alertLines(run.episodes, { baseUs, endUs }));
  await writeFile(file(".sem"), sent.sem);
  await writeFile(file(".strips"), sent.strips);
  await writeFile(file(".summary.json"), `${JSON.stringify(replayed.summary, null, 1)}\n`);
  const payloads = decodeFrames(Buffer.concat([sent.sem, sent.strips]));
  const events = payloads.flatMap((payload) => (payload.kind === "events" ? [...payload.beats, ...payload.rhythms] : []));
  const { rateHz } = twin ?? source;
  const span = { rateHz, baseUs, from: Math.round(stated.fromS * rateHz), samples: Math.round(stated.toS * rateHz) };
  await writeFile(file("_twin.hearth"), formatAnnotations(annotate(events, span)));
  const body = twinBody(payloads, endUs);
  if (body !== undefined) {
    await writeFile(file("_twin.bvh"), formatBvh(body));
    await writeFile(file("_twin.states.csv"), formatBodyStates(body));
  }
  if (twin === undefined) return;
  const { unit, gain, baseline, adcResolution } = twin;
  const { baseTime, baseDate } = stated;
  await writeRecord(dir, {
    name: `${name}_twin`,
    rateHz,
    format: 16,
    ...(baseTime === undefined ? {} : { baseTime }),
    ...(baseDate === undefined ? {} : { baseDate }),
    comments: ["What the twin has of this recording; samples that it does not have are invalid.", "Hearth is not a medical device."],
    signals: [{ name: twin.name, unit, gain, baseline, adcResolution, samples: twinSamples(payloads, twin, baseUs) }],
  });
}

/** The twin's samples on the recording's own grid, those of strips before decoded ones; NO_VALUE where it has none, or none that format 16 can write. */
function twinSamples(
  payloads: readonly TwinPayload[],
  { device, stream, channel, rateHz, samples }: TwinChannel,
  baseUs: number,
): Int32Array {
  const out = new Int32Array(samples).fill(NO_VALUE);
  const ofKind = (kind: TwinPayload["kind"]) => payloads.filter((payload) => payload.kind === kind);
  for (const payload of [...ofKind("waveform"), ...ofKind("strip")]) {
    if (payload.kind !== "strip" && payload.kind !== "waveform") continue;
    if (payload.device !== device || payload.stream !== stream || payload.channel !== channel) continue;
    const first = Math.round(((payload.startUs - baseUs) * rateHz) / 1e6);
    payload.samples.forEach((value, i) => {
      if (first + i >= 0 && first + i < out.length && Math.abs(value) <= largest16) out[first + i] = value;
    });
  }
  return out;
}
