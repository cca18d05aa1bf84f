/** What one placement has measured, on a grid of the gateway's time: each point lies between two samples of the device that follow each other, and none is laid across a hole. */

import type { Source } from "../../../device-drivers/contract/result.ts";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { physicalAt } from "../physical.ts";
import { type PlacedBlock, reorderLimitUs } from "../reorder.ts";
import { createRing, type RingState } from "../ring.ts";
import { streamKey } from "../stream-item.ts";
import { shownChannels } from "./channels.ts";

/** The newest sample. */
interface Newest {
  readonly timeUs: number;
  readonly periodUs: number;
  readonly values: Float32Array;
}

export interface GridState {
  readonly source: Source | undefined;
  readonly newest: Newest | undefined;
  /** Of each channel, by point of the grid since 1970. */
  readonly rings: readonly RingState[];
}

interface PlacementGrid {
  /** False where the stream is not the one that is shown, or has not what is asked for. */
  push(descriptor: StreamDescriptor, block: PlacedBlock): boolean;
  /** The `length` points before `endUs` of each channel. */
  slice(endUs: number, length: number): Float32Array[];
  /** The stream that is shown. */
  readonly source: Source | undefined;
  readonly newestUs: number;
  state(): GridState;
}

interface GridOptions {
  readonly rateHz: number;
  readonly windowS: number;
  readonly channels: number;
  readonly input: ModelSpec["input"];
  /** Shown behind those of the input, the first `count`, where the stream has them. */
  readonly beside?: ModelSpec["input"] & { readonly count: number };
}

/** Of the four numbers of a turn. */
function dotOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** s. A device may be ahead of the slowest by the reorder limit and one batch. */
const aheadS = 15;

/** Where two streams have the same placement one is shown, and the other takes its place once that is silent. */
export function createPlacementGrid({ rateHz, windowS, channels, input, beside }: GridOptions, saved?: GridState): PlacementGrid {
  const width = channels + (beside?.count ?? 0);
  const capacity = Math.ceil((windowS + aheadS) * rateHz);
  const openRings = (states: readonly RingState[]) => Array.from({ length: width }, (_, i) => createRing(capacity, states[i]));
  const ringsFrom = (end: number) => openRings(Array.from({ length: width }, () => ({ samples: new Float32Array(), end })));
  let rings = openRings(saved?.rings ?? []);
  let source = saved?.source;
  let newest = saved?.newest;

  const timeUs = (point: number) => (point / rateHz) * 1e6;
  const pointAt = (us: number) => Math.ceil((us / 1e6) * rateHz - 1e-3);
  const nextPoint = () => rings[0]?.end ?? 0;
  const isTurn = input.kind === "quaternion" && channels === 4;
  const one = new Float32Array(1);

  const put = (value: (channel: number) => number) => {
    for (const [i, ring] of rings.entries()) {
      one[0] = value(i);
      ring.push(one);
    }
  };
  /** Points up to the next sample lie between it and the newest. A channel without a value in one of them has that of the nearer. */
  const blend = (from: Newest, to: Newest) => {
    // Both signs of a quaternion are the same turn; so far apart as two samples lie, a straight line between them is the turn cut evenly to some thousandths of a degree.
    const sign = isTurn && dotOf(from.values, to.values) < 0 ? -1 : 1;
    while (timeUs(nextPoint()) <= to.timeUs) {
      const share = (timeUs(nextPoint()) - from.timeUs) / (to.timeUs - from.timeUs);
      put((i) => {
        const [a = Number.NaN, b = Number.NaN] = [from.values[i], to.values[i]];
        if (Number.isNaN(a) || Number.isNaN(b)) return share < 0.5 ? a : b;
        return isTurn && i < 4 ? (1 - share) * a * sign + share * b : a + share * (b - a);
      });
    }
  };
  /** Points up to `us` take these values. */
  const fill = (us: number, values: Float32Array) => {
    while (timeUs(nextPoint()) <= us) put((i) => values[i] ?? Number.NaN);
  };
  /** Points before `us` have none. */
  const skip = (us: number) => {
    const end = pointAt(us);
    if (end - nextPoint() > capacity) rings = ringsFrom(end);
    while (nextPoint() < end) put(() => Number.NaN);
  };

  const take = (next: Newest) => {
    const { timeUs: atUs, periodUs, values } = next;
    if (newest !== undefined && atUs - newest.timeUs <= 1.5 * periodUs) blend(newest, next);
    else if (newest !== undefined) fill(newest.timeUs + newest.periodUs / 2, newest.values);
    skip(atUs - periodUs / 2);
    fill(atUs, values);
    newest = next;
  };

  return {
    push(descriptor, block) {
      const shown = shownChannels(descriptor, input).slice(0, channels);
      if (shown.length < channels) return false;
      const more = beside === undefined ? [] : shownChannels(descriptor, beside).slice(0, beside.count);
      const isOther = source !== undefined && streamKey(source) !== streamKey(descriptor);
      if (isOther && newest !== undefined && block.startUs - newest.timeUs <= reorderLimitUs) return false;
      source = { device: descriptor.device, stream: descriptor.stream };
      const periodUs = 1e6 / descriptor.rateHz;
      for (let i = 0; i < block.count; i++) {
        const atUs = block.startUs + i * periodUs;
        if (newest !== undefined && atUs <= newest.timeUs) continue;
        const values = Float32Array.from(
          [...shown, ...more],
          ({ channel, index, factor }) => physicalAt(block, channel, index, i) * factor,
        );
        take({ timeUs: atUs, periodUs, values });
      }
      return true;
    },
    slice(endUs, length) {
      const end = pointAt(endUs);
      return rings.map((ring, i) => {
        const samples = ring.slice(end - length, end);
        if (newest === undefined) return samples;
        // The sample that will follow is not here yet; so far this one is the nearest.
        for (let point = Math.max(ring.end, end - length); point < end && timeUs(point) <= newest.timeUs + newest.periodUs; point++)
          samples[point - (end - length)] = newest.values[i] ?? Number.NaN;
        return samples;
      });
    },
    get source() {
      return source;
    },
    get newestUs() {
      return newest?.timeUs ?? Number.NEGATIVE_INFINITY;
    },
    state: () => ({ source, newest, rings: rings.map((ring) => ring.state()) }),
  };
}
