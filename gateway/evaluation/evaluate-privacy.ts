/** `eval privacy`: how well somebody is known again by what leaves in each mode, beside the raw signal (models.md §1.16). */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createWaveforms } from "../pipeline/waveforms.ts";
import type { Annotation } from "../recordings/annotations.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import { readAnnotations, readRecord } from "../recordings/wfdb.ts";
import { streamsOf } from "../replay/recording-driver.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { partsOf } from "../semantic/payloads/window.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { chooseEcg } from "../stream/ecg/choose-ecg.ts";
import { type Beat, beatsOf, principalComponents } from "./beat-features.ts";
import { bootstrapCi95, meanOrNull } from "./bootstrap.ts";
import { type DataRecord, ds2, paced, recordsOf } from "./data-folder.ts";
import { classOf } from "./score-beat-list.ts";
import { countCodec, grossCodec } from "./score-codec.ts";
import { type Features, identifiability, membership, reidentification, standardised } from "./score-privacy.ts";

interface PrivacyOptions {
  readonly data: readonly string[];
  readonly only?: ReadonlySet<string>;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

interface Wearer {
  readonly id: string;
  readonly isMember: boolean;
  readonly raw: readonly Beat[];
  /** The same beats of what the twin decodes. */
  readonly decoded: readonly Beat[];
  readonly prdn: number;
}

const modes = ["raw", "semantic", "event"] as const;
type Mode = (typeof modes)[number];

/** Beats of one person that distances are taken of, and of everybody together for the components. */
const mostBeats = 800;
const mostForAxes = 150;
const baseUs = 946_684_800_000_000;

/** Records with beat labels; a damaged one is named and skipped. */
export async function evaluatePrivacy({ data, only, onProgress }: PrivacyOptions) {
  const startedMs = performance.now();
  const found = (await recordsOf(data, "ecg/mitdb", only)).filter(({ files, name }) => files.has("atr") && !paced.has(name));
  const people: Wearer[] = [];
  const skipped: { record: string; reason: string }[] = [];
  for (const [at, record] of found.entries()) {
    onProgress(at, found.length, record.name);
    try {
      people.push(...(await wearerOf(record)));
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: record.id, reason: error.message });
    }
  }
  onProgress(found.length, found.length, "");
  const rows = scorePeople(people);
  const metrics = Object.fromEntries(
    modes.flatMap((mode) => {
      const again = reidentification(rows.map(({ known }) => known[mode]));
      return [
        [`${mode}_eps_identifiability`, meanOrNull(rows.map(({ told }) => told[mode]))],
        [`${mode}_reid_top1`, again.top1],
        [`${mode}_reid_top1_ratio`, again.ratio],
      ];
    }),
  );
  return {
    ...{ task: "privacy", data: people.map(({ id }) => id), records: people.length, ...(skipped.length === 0 ? {} : { skipped }) },
    metrics: {
      ...metrics,
      membership_auc: membership(people.map(({ isMember, prdn }) => ({ isMember, error: prdn }))),
      people: people.length,
    },
    baselines: {
      fresh_eps_identifiability: meanOrNull(rows.map(({ fresh }) => fresh)),
      chance_reid_top1: people.length === 0 ? null : 1 / people.length,
    },
    ci95: Object.fromEntries(
      modes.map((mode) => [
        `${mode}_eps_identifiability`,
        bootstrapCi95(rows, (sample) => meanOrNull(sample.map(({ told }) => told[mode]))),
      ]),
    ),
    per_record: people.map(({ id, prdn }, at) => ({ record: id, prdn, ...rows[at]?.told })),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  };
}

async function wearerOf({ id, name, path }: DataRecord): Promise<Wearer[]> {
  const record = await readRecord(path);
  const { annotations } = await readAnnotations(path, "atr");
  for (const { descriptor, signals } of streamsOf(record, "given")) {
    const channel = chooseEcg(descriptor);
    const samples = channel === undefined ? undefined : record.signals[signals[descriptor.channels.indexOf(channel)] ?? -1];
    if (channel === undefined || samples === undefined) continue;
    const peaks = annotations.flatMap(({ symbol, sample }: Annotation) => (classOf(symbol, "aami") === undefined ? [] : [sample]));
    const input = Float64Array.from(samples, (value) => (value === NO_VALUE ? Number.NaN : value));
    const twin = decodedTrace({ ...descriptor, channels: [channel] }, input, peaks);
    const [raw, decoded] = [beatsOf(input, peaks, descriptor.rateHz), beatsOf(twin, peaks, descriptor.rateHz)];
    const there = new Set(decoded.map(({ atS }) => atS));
    const both = raw.filter(({ atS }) => there.has(atS));
    const prdn = grossCodec([countCodec({ input, twin, uvPerCount: 0 })]).prdn ?? 0;
    return [{ id, isMember: !ds2.has(name), raw: both, decoded: decoded.filter(({ atS }) => both.some((beat) => beat.atS === atS)), prdn }];
  }
  return [];
}

/** What the twin has of a lead in mode semantic, beats known as annotated. */
function decodedTrace(descriptor: StreamDescriptor, input: Float64Array, peaks: readonly number[]): Float64Array {
  const { rateHz } = descriptor;
  const waveforms = createWaveforms({ person: "person-a", windowS: 60, modeOf: () => "semantic", decoders: undefined, saved: undefined });
  const timeUs = (sample: number) => baseUs + Math.round((sample * 1e6) / rateHz);
  let next = 0;
  for (let first = 0; first < input.length; first += rateHz) {
    const channels = [Float32Array.from(input.subarray(first, first + rateHz))];
    const place = {
      bootId: "recording",
      firstIndex: first,
      count: channels[0]?.length ?? 0,
      startUs: timeUs(first),
      arrivalUs: timeUs(first),
    };
    waveforms.push(descriptor, { kind: "samples", ...place, channels });
    for (; next < peaks.length && (peaks[next] ?? 0) < first + rateHz; next++) waveforms.peak(descriptor, timeUs(peaks[next] ?? 0));
    waveforms.tick(timeUs(first + rateHz));
  }
  const out = new Float64Array(input.length).fill(Number.NaN);
  const sent = [...waveforms.take(), ...waveforms.flush()].flatMap(({ payload }) => partsOf<TwinPayload>(decodePayload(payload)));
  for (const payload of sent) {
    if (payload.kind !== "waveform") continue;
    const first = Math.round(((payload.startUs - baseUs) * rateHz) / 1e6);
    payload.samples.forEach((value, i) => {
      if (value !== noValue) out[first + i] = value;
    });
  }
  return out;
}

interface Row {
  /** ε-identifiability of what each mode releases of this person. */
  readonly told: Readonly<Record<Mode, number | null>>;
  /** … of beats that were never released: the second half against the first. */
  readonly fresh: number | null;
  readonly known: Readonly<Record<Mode, { readonly gallery: readonly number[]; readonly probes: Features }>>;
}

function scorePeople(people: readonly Wearer[]): Row[] {
  const coordinates = principalComponents(people.flatMap(({ raw }) => thinned(raw, mostForAxes)));
  const featuresOf: Readonly<Record<Mode, (beat: Beat) => number[]>> = {
    raw: (beat) => [...coordinates(beat), ...beat.rrMs],
    semantic: (beat) => [...coordinates(beat), ...beat.rrMs],
    event: ({ rrMs }) => [...rrMs],
  };
  const everybody = (mode: Mode) => standardised(people.flatMap(({ raw }) => thinned(raw, mostForAxes).map(featuresOf[mode])));
  const scale = { raw: everybody("raw"), semantic: everybody("semantic"), event: everybody("event") };
  return people.map(({ raw, decoded }) => {
    const real = thinned(raw, mostBeats);
    const released: Readonly<Record<Mode, readonly Beat[]>> = { raw: real, semantic: thinned(decoded, mostBeats), event: real };
    const told = perMode((mode) => identifiability(real.map(featuresOf[mode]), released[mode].map(featuresOf[mode])));
    const half = raw.length >> 1;
    const [first, second] = [thinned(raw.slice(0, half), mostBeats / 2), thinned(raw.slice(half), mostBeats / 2)];
    const known = perMode((mode) => {
      const row = (beat: Beat) => scale[mode](featuresOf[mode](beat));
      const later = (mode === "semantic" ? decoded : raw).slice(half);
      return { gallery: meanOf(raw.slice(0, half).map(row)), probes: minutesOf(later).map((minute) => meanOf(minute.map(row))) };
    });
    return { told, fresh: identifiability(first.map(featuresOf.raw), second.map(featuresOf.raw)), known };
  });
}

function perMode<Value>(of: (mode: Mode) => Value): Record<Mode, Value> {
  return { raw: of("raw"), semantic: of("semantic"), event: of("event") };
}

/** At even distances, at most so many. */
function thinned<Each>(list: readonly Each[], most: number): Each[] {
  const step = Math.max(1, list.length / most);
  return Array.from({ length: Math.min(list.length, most) }, (_, i) => list[Math.floor(i * step)] as Each);
}

function minutesOf(beats: readonly Beat[]): Beat[][] {
  const minutes = new Map<number, Beat[]>();
  for (const beat of beats) {
    const minute = Math.floor(beat.atS / 60);
    minutes.set(minute, [...(minutes.get(minute) ?? []), beat]);
  }
  return [...minutes.values()];
}

function meanOf(rows: Features): number[] {
  return (rows[0] ?? []).map((_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
}
