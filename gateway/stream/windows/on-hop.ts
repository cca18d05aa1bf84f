/** Windows of one stream at even distances: the newest seconds of the channels that a model's input names. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { physicalAt } from "../physical.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createRing, type Ring, type RingState } from "../ring.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import { type AskedModel, askedWith, triggeredBy } from "./asked-model.ts";
import { shownChannels } from "./channels.ts";
import { isSpan, longestS } from "./span.ts";

interface HopState {
  readonly position: number;
  readonly anchorPosition: number;
  readonly anchorUs: number;
  /** By index of the channel. */
  readonly rings: readonly (readonly [number, RingState])[];
  /** Position at which the next window of each model ends. */
  readonly dueAt: readonly (readonly [string, number])[];
}

type HopSpec = Pick<ModelSpec<unknown, "hop">, "trigger" | "input" | "beside">;

/** Why no window would ever be made; undefined where one would. */
export function unclaimedOnHop({ trigger: { hopS, windowS } }: HopSpec): string | undefined {
  return [hopS, windowS].every((s) => isSpan(s) && s > 0) ? undefined : `a span of its trigger is not within ${longestS} s`;
}

/** A stream has what it takes for windows of this model. */
export function hasHops({ trigger: { hopS, windowS }, input }: HopSpec, descriptor: StreamDescriptor): boolean {
  return Math.min(hopS, windowS) * descriptor.rateHz >= 1 && shownChannels(descriptor, input).length > 0;
}

/**
 * A model's first window ends `windowS` behind where it was first asked about the stream. Within a hole a window is made while it still has a sample; the hole
 * itself is as long in it as it was.
 */
export function createHopWindows(descriptor: StreamDescriptor, models: readonly AskedModel[], saved?: unknown): StreamStage {
  const was = saved as HopState | undefined;
  const { rateHz, device, stream } = descriptor;
  let position = was?.position ?? 0;
  let anchorPosition = was?.anchorPosition ?? 0;
  let anchorUs = was?.anchorUs ?? 0;
  const asked = triggeredBy("hop", models).map((model) => {
    const { hopS, windowS } = model.spec.trigger;
    const length = Math.round(windowS * rateHz);
    const dueAt = was?.dueAt.find(([id]) => id === model.spec.id)?.[1] ?? position + length;
    const { input, beside } = model.spec;
    const shown = shownChannels(descriptor, input);
    return { model, shown, besides: beside === undefined ? [] : shownChannels(descriptor, beside), length, hop: hopS * rateHz, dueAt };
  });
  const longest = Math.max(...asked.map(({ length }) => length));
  const ringsWere = new Map(was?.rings);
  const indices = [...new Set(asked.flatMap(({ shown, besides }) => [...shown, ...besides].map(({ index }) => index)))];
  const rings = new Map(
    indices.map((index) => [index, createRing(longest, ringsWere.get(index) ?? { samples: new Float32Array(), end: position })]),
  );
  const timeUs = (at: number) => anchorUs + Math.round(((at - anchorPosition) * 1e6) / rateHz);

  const newest = (of: readonly { readonly index: number; readonly factor: number }[], length: number) =>
    of.map(({ index, factor }) => {
      const samples = rings.get(index)?.slice(position - length, position) ?? new Float32Array(length).fill(Number.NaN);
      return factor === 1 ? samples : samples.map((value) => value * factor);
    });

  const window = ({ model, shown, besides, length }: (typeof asked)[number]): StreamItem[] => {
    const channels = newest(shown, length);
    const beside = besides.length === 0 ? {} : { beside: newest(besides, length) };
    if (channels.every((samples) => samples.every(Number.isNaN))) return [];
    const [fromUs, endUs] = [timeUs(position - length), timeUs(position)];
    const about = { device, stream, fromUs, timeUs: endUs, knownUs: endUs };
    return [{ kind: "window", ...about, ...askedWith(model, { rateHz, channels, ...beside, fromUs }, "final") }];
  };

  /** As many samples as there are before a window is due, and no more. */
  const untilDue = () => asked.reduce((least, { dueAt }) => Math.min(least, Math.max(1, Math.ceil(dueAt) - position)), longest);

  const step = (count: number, out: StreamItem[]) => {
    position += count;
    for (const each of asked)
      if (position >= each.dueAt) {
        each.dueAt += each.hop;
        out.push(...window(each));
      }
  };

  /** In pieces that end where a window is due. */
  const inPieces = (total: number, out: StreamItem[], put: (ring: Ring, index: number, from: number, count: number) => void) => {
    for (let from = 0; from < total; ) {
      const count = Math.min(total - from, untilDue());
      for (const index of indices) {
        const ring = rings.get(index);
        if (ring !== undefined) put(ring, index, from, count);
      }
      step(count, out);
      from += count;
    }
  };

  const samples = (block: PlacedBlock, out: StreamItem[]) =>
    inPieces(block.count, out, (ring, index, from, count) => {
      const channel = descriptor.channels[index];
      const piece = new Float32Array(count);
      for (let i = 0; i < count; i++) piece[i] = channel === undefined ? Number.NaN : physicalAt(block, channel, index, from + i);
      ring.push(piece);
    });

  const place = (us: number) => {
    anchorPosition = position;
    anchorUs = us;
  };

  return {
    push(block) {
      const out: StreamItem[] = [];
      place(block.startUs);
      if (block.kind === "samples") {
        samples(block, out);
        return out;
      }
      // Behind so many missing ones no window has a sample from before the hole.
      inPieces(Math.min(block.count, longest), out, (ring, _index, _from, count) => ring.push(new Float32Array(count).fill(Number.NaN)));
      place(block.startUs + Math.round((block.count * 1e6) / rateHz));
      return out;
    },
    get passedUs() {
      return timeUs(position);
    },
    state: (): HopState => ({
      ...{ position, anchorPosition, anchorUs },
      rings: [...rings].map(([index, ring]) => [index, ring.state()]),
      dueAt: asked.map(({ model, dueAt }) => [model.spec.id, dueAt]),
    }),
  };
}
