/** One ECG channel: R peaks, quality by the second, and the windows that models ask for around each beat. */

import { type Channel, Flag, type StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { BeatRun } from "../../../models/model-spec.ts";
import { createQrsDetector, type QrsState } from "../../../models/signal/qrs.ts";
import type { AskedModel } from "../model-inputs.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import { createRing, type RingState } from "../ring.ts";
import type { StreamItem, StreamStage, WindowItem } from "../stream-item.ts";
import { millivoltsPer } from "./millivolts.ts";
import { createQualityMeter, type QualityState, type SecondQuality } from "./quality.ts";

interface PendingBeat {
  readonly position: number;
  readonly knownAt: number;
  /** RR that ends here in samples; NaN over a gap and for the first beat. */
  readonly rr: number;
}

/** Position of the newest beat that each pass of a model has been given. */
interface Progress {
  first: number;
  final: number;
}

interface EcgState {
  position: number;
  anchorPosition: number;
  anchorUs: number;
  lastGapEnd: number;
  ring: RingState;
  qrs: QrsState;
  quality: QualityState;
  beats: PendingBeat[];
  progress: [string, Progress][];
  isBeating?: boolean;
}

const keptBeats = 40;
/** So many beats within so many seconds are a heart that is being seen; without any for as long it is not seen any more. One spike in noise is neither. */
const seen = { beats: 3, withinS: 10 };
/** A hole up to this long is fed as missing samples; over a longer one the detector would only learn absence. */
const fedGapS = 10;

interface EcgOptions {
  readonly descriptor: StreamDescriptor;
  readonly channel: Channel;
  readonly models: readonly AskedModel[];
}

/** Half a count inside the range: a sample in single precision can lie an ulp short of the rail it stands at. */
function railsMv({ range, scale }: Channel, toMv: number): readonly [number, number] | undefined {
  const half = Math.abs(scale) / 2;
  return range === undefined ? undefined : [(range[0] + half) * toMv, (range[1] - half) * toMv];
}

export function createEcgStream({ descriptor, channel, models }: EcgOptions, saved?: unknown): StreamStage {
  const was = saved as EcgState | undefined;
  const { rateHz, device, stream } = descriptor;
  const channelIndex = descriptor.channels.indexOf(channel);
  const beatModels = models.flatMap((asked) => (asked.spec.trigger.kind === "beat" ? [{ ...asked, trigger: asked.spec.trigger }] : []));
  const reachS = beatModels.reduce((most, { trigger }) => Math.max(most, trigger.beforeS + 5), 6);
  const ring = createRing(Math.ceil(rateHz * reachS), was?.ring);
  const detector = createQrsDetector({ rateHz, ...(was === undefined ? {} : { state: was.qrs }) });
  const toMv = millivoltsPer(channel.unit) ?? 1;
  const meter = createQualityMeter(rateHz, railsMv(channel, toMv), was?.quality);
  let position = was?.position ?? 0;
  let anchorPosition = was?.anchorPosition ?? 0;
  let anchorUs = was?.anchorUs ?? 0;
  let lastGapEnd = was?.lastGapEnd ?? -1;
  const beats: PendingBeat[] = was?.beats.map((beat) => ({ ...beat })) ?? [];
  const progressByModel = new Map(was?.progress.map(([id, progress]): [string, Progress] => [id, { ...progress }]));
  let isBeating = was?.isBeating ?? false;
  let nextDueAt = 0;

  const timeUs = (at: number) => anchorUs + Math.round(((at - anchorPosition) * 1e6) / rateHz);
  const rrMs = (beat: PendingBeat) => (Number.isNaN(beat.rr) ? {} : { rrMs: (beat.rr * 1000) / rateHz });

  const progressOf = (model: string) => {
    const known = progressByModel.get(model) ?? { first: -1, final: -1 };
    progressByModel.set(model, known);
    return known;
  };

  const window = (model: (typeof beatModels)[number], run: BeatRun, index: number): WindowItem => {
    const beat = beats[index] as PendingBeat;
    const before = Math.ceil(model.trigger.beforeS * rateHz);
    const after = Math.ceil(model.trigger.afterS * rateHz);
    const rrBeforeS: number[] = [];
    for (let i = index; i >= 0 && rrBeforeS.length < 32; i--) rrBeforeS.push((beats[i]?.rr ?? Number.NaN) / rateHz);
    const rrAfterS = run.afterBeats === 0 ? [] : beats.slice(index + 1, index + 1 + run.afterBeats).map((next) => next.rr / rateHz);
    const context = { rateHz, samples: ring.slice(beat.position - before, beat.position + after), rIndex: before, rrBeforeS, rrAfterS };
    const tensors = model.tensors(context, run.name);
    return {
      kind: "window",
      model: model.spec.id,
      run: run.name,
      device,
      stream,
      timeUs: timeUs(beat.position),
      knownUs: timeUs(Math.max(position, beat.knownAt)),
      ...rrMs(beat),
      ...(tensors === undefined ? {} : { tensors }),
    };
  };

  /** Gives what is due and notes when to look again. A last pass waits for its following beats, but never longer than `waitS` of signal. */
  const eachDue = (model: (typeof beatModels)[number], onDue: (run: BeatRun, index: number) => void) => {
    const progress = progressOf(model.spec.id);
    for (const run of model.trigger.runs) {
      const after = Math.ceil(model.trigger.afterS * rateHz);
      for (let index = 0; index < beats.length; index++) {
        const at = beats[index]?.position ?? 0;
        if (at <= progress[run.name]) continue;
        const follower = run.afterBeats > 0 ? beats[index + run.afterBeats] : undefined;
        const followed = follower !== undefined && follower.position <= progress.first;
        const dueAt = at + (run.name === "first" || followed ? after : Math.round(run.waitS * rateHz));
        if (position < dueAt) {
          nextDueAt = Math.min(nextDueAt, dueAt);
          break;
        }
        progress[run.name] = at;
        onDue(run, index);
      }
    }
  };

  const dueWindows = (out: StreamItem[]) => {
    nextDueAt = Number.POSITIVE_INFINITY;
    for (const model of beatModels) eachDue(model, (run, index) => out.push(window(model, run, index)));
    while (beats.length > keptBeats) beats.shift();
  };

  const found = (at: number, out: StreamItem[]) => {
    const previous = beats[beats.length - 1];
    const rr = previous === undefined || lastGapEnd > previous.position ? Number.NaN : at - previous.position;
    const beat: PendingBeat = { position: at, knownAt: position, rr };
    beats.push(beat);
    nextDueAt = 0;
    out.push({ kind: "qrs", device, stream, timeUs: timeUs(at), knownUs: timeUs(position), ...rrMs(beat) });
  };

  /** Judged once a second: whether the heart is being seen, with hysteresis between the two. */
  const judgeBeating = () => {
    const recent = beats.filter((beat) => position - beat.position <= seen.withinS * rateHz).length;
    isBeating = recent >= (isBeating ? 1 : seen.beats);
    return isBeating;
  };

  const qualityItem = (second: SecondQuality): StreamItem => ({
    kind: "quality",
    device,
    stream,
    timeUs: timeUs(position),
    level: second.level,
    contact: second.leadOffShare > 0.5 ? "off" : descriptor.contact === "none" || second.level === "bad" ? "unknown" : "on",
    contactMeasured: descriptor.contact,
    saturated: second.saturated,
    flat: second.flat,
    noisy: second.noisy,
    removal: second.removal,
    beatless: !judgeBeating(),
  });

  /** Runs samples through detector, meter and ring in steps, so that what is found does not depend on how the bytes were cut. */
  const feed = (samplesMv: Float32Array, flags: Uint8Array | undefined, out: StreamItem[]) => {
    const one = new Float32Array(1);
    for (let i = 0; i < samplesMv.length; i++) {
      one[0] = samplesMv[i] ?? Number.NaN;
      ring.push(one);
      position++;
      for (const detection of detector.push(one)) found(detection.index, out);
      const second = meter.push(one[0], flags?.[i] ?? 0);
      if (second !== undefined) out.push(qualityItem(second));
      if (position >= nextDueAt) dueWindows(out);
    }
  };

  const place = (block: Placed) => {
    anchorPosition = position;
    anchorUs = block.startUs;
  };

  const physical = (block: PlacedBlock): Float32Array => {
    const raw = block.channels[channelIndex];
    const samples = new Float32Array(block.count);
    for (let i = 0; i < block.count; i++) {
      const hidden = ((block.flags?.[i] ?? 0) & (Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic)) !== 0;
      samples[i] = hidden ? Number.NaN : ((raw?.[i] ?? Number.NaN) * channel.scale + channel.offset) * toMv;
    }
    return samples;
  };

  // A model that is new since the snapshot is not asked about beats that were due before it.
  for (const model of was === undefined ? [] : beatModels) if (!progressByModel.has(model.spec.id)) eachDue(model, () => {});
  nextDueAt = 0;

  return {
    push(block) {
      const out: StreamItem[] = [];
      place(block);
      if (block.kind === "samples") {
        feed(physical(block), block.flags, out);
        return out;
      }
      const fed = Math.min(block.count, Math.round(fedGapS * rateHz));
      feed(new Float32Array(fed).fill(Number.NaN), undefined, out);
      lastGapEnd = position;
      anchorPosition = position;
      anchorUs = block.startUs + Math.round((block.count * 1e6) / rateHz);
      out.push({ kind: "gap", device, stream, fromUs: block.startUs, timeUs: anchorUs });
      return out;
    },
    get passedUs() {
      return timeUs(position);
    },
    state: (): EcgState => ({
      position,
      anchorPosition,
      anchorUs,
      lastGapEnd,
      ring: ring.state(),
      qrs: detector.state(),
      quality: meter.state(),
      beats: beats.map((beat) => ({ ...beat })),
      progress: [...progressByModel].map(([id, progress]) => [id, { ...progress }]),
      isBeating,
    }),
  };
}
