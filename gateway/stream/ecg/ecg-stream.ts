/** One ECG channel: R peaks, quality by the second, and the windows that models ask for around each beat. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createQrsDetector, type QrsState } from "../../../models/signal/qrs.ts";
import { physicalAt } from "../physical.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import { createRing, type RingState } from "../ring.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import type { AskedModel } from "../windows/asked-model.ts";
import { type BeatWindowsState, beatReachS, createBeatWindows, type PendingBeat, rrMsOf } from "../windows/on-beat.ts";
import { millivoltsPer } from "./millivolts.ts";
import { createQualityMeter, type QualityState, type SecondQuality } from "./quality.ts";

interface EcgState extends BeatWindowsState {
  position: number;
  anchorPosition: number;
  anchorUs: number;
  lastGapEnd: number;
  ring: RingState;
  qrs: QrsState;
  quality: QualityState;
  isBeating?: boolean;
}

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
  const ring = createRing(Math.ceil(rateHz * beatReachS(models)), was?.ring);
  const detector = createQrsDetector({ rateHz, ...(was === undefined ? {} : { state: was.qrs }) });
  const toMv = millivoltsPer(channel.unit) ?? 1;
  const meter = createQualityMeter(rateHz, railsMv(channel, toMv), was?.quality);
  let position = was?.position ?? 0;
  let anchorPosition = was?.anchorPosition ?? 0;
  let anchorUs = was?.anchorUs ?? 0;
  let lastGapEnd = was?.lastGapEnd ?? -1;
  let isBeating = was?.isBeating ?? false;

  const timeUs = (at: number) => anchorUs + Math.round(((at - anchorPosition) * 1e6) / rateHz);
  const windows = createBeatWindows(
    { descriptor, samples: ring.slice, timeUs },
    models,
    was === undefined ? undefined : { state: was, position },
  );
  const { beats } = windows;
  const one = new Float32Array(1);

  const found = (at: number, out: StreamItem[]) => {
    const previous = beats[beats.length - 1];
    const rr = previous === undefined || lastGapEnd > previous.position ? Number.NaN : at - previous.position;
    const beat: PendingBeat = { position: at, knownAt: position, rr };
    windows.found(beat);
    out.push({ kind: "qrs", device, stream, timeUs: timeUs(at), knownUs: timeUs(position), ...rrMsOf(beat, rateHz) });
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
    for (let i = 0; i < samplesMv.length; i++) {
      one[0] = samplesMv[i] as number;
      ring.push(one);
      position++;
      const detections = detector.push(one);
      if (detections.length > 0) for (const { index } of detections) found(index, out);
      const second = meter.push(one[0], flags?.[i] ?? 0);
      if (second !== undefined) out.push(qualityItem(second));
      if (position >= windows.dueAt) out.push(...windows.due(position));
    }
  };

  const place = (block: Placed) => {
    anchorPosition = position;
    anchorUs = block.startUs;
  };

  const millivolts = (block: PlacedBlock) => {
    const samples = new Float32Array(block.count);
    for (let i = 0; i < block.count; i++) samples[i] = physicalAt(block, channel, channelIndex, i) * toMv;
    return samples;
  };

  return {
    push(block) {
      const out: StreamItem[] = [];
      place(block);
      if (block.kind === "samples") {
        feed(millivolts(block), block.flags, out);
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
      ...windows.state(),
      isBeating,
    }),
  };
}
