/** The streams of one person's present: blocks are placed on the time axis, put in order and analysed; what comes of it is given on. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Anchor, anchorOf } from "../stream/clock/anchor.ts";
import { type CourseBlock, isSameShape } from "../stream/clock/place.ts";
import { createPlacing, type Placing } from "../stream/clock/placing.ts";
import { endStage } from "../stream/end-stage.ts";
import { type PastSignal, upToPast } from "../stream/past.ts";
import { createReorder, type Placed, type PlacedBlock, reorderLimitUs } from "../stream/reorder.ts";
import type { StreamItem, StreamStage } from "../stream/stream-item.ts";
import type { PersonState } from "./person-state.ts";

type SavedStream = PersonState["lanes"][number];

interface OpenStream {
  readonly descriptor: StreamDescriptor;
  readonly placing: Placing;
  readonly reorder: ReturnType<typeof createReorder>;
  readonly stage: StreamStage;
  anchor: Anchor | undefined;
  /** How far its analysis is behind its newest block, µs. */
  lagUs: number | undefined;
  /** Of a boot whose present is about to begin: where its past does. */
  pastFromUs?: number | undefined;
}

interface PersonStreams {
  /** A block in its course; `key` is "device/stream". */
  enter(key: string, block: CourseBlock, nowUs: number): void;
  restore(from: SavedStream): void;
  /** At this line of the grid late blocks are waited for no longer. */
  step(lineUs: number): void;
  /** Nothing comes any more: what waits goes on. Gives the time up to which; at least `nowUs`. */
  end(nowUs: number): number;
  clear(): void;
  readonly size: number;
  descriptors(): StreamDescriptor[];
  anchor(key: string): Anchor | undefined;
  timing(key: string): { readonly descriptor: StreamDescriptor; readonly lagUs: number | undefined; readonly late: number } | undefined;
  state(): SavedStream[];
}

interface PersonStreamsOptions {
  readonly stageOf: (descriptor: StreamDescriptor, saved?: unknown) => StreamStage;
  /** A stream begins, or begins anew under another descriptor: then `onReplaced` is told of the new one first. */
  readonly onOpened: (descriptor: StreamDescriptor) => void;
  readonly onReplaced: (descriptor: StreamDescriptor) => void;
  readonly onPast: (descriptor: StreamDescriptor, signal: PastSignal) => void;
  /** Every block in sample order. */
  readonly onPlaced: (descriptor: StreamDescriptor, placed: Placed) => void;
  readonly onItems: (items: readonly StreamItem[]) => void;
  /** What has been measured, after its items. */
  readonly onSamples: (descriptor: StreamDescriptor, block: PlacedBlock) => void;
  /** The stream has given everything before `passedUs`; 0 says that it lives and has given nothing. */
  readonly onPassed: (key: string, passedUs: number, nowUs: number) => void;
}

const keyOf = ({ device, stream }: Pick<StreamDescriptor, "device" | "stream">) => `${device}/${stream}`;

export function createPersonStreams(options: PersonStreamsOptions): PersonStreams {
  const streams = new Map<string, OpenStream>();
  /** Late samples of streams that went on under another descriptor. */
  const lateBefore = new Map<string, number>();

  const open = (descriptor: StreamDescriptor, from?: SavedStream): OpenStream => {
    const onPast = (signal: PastSignal) => {
      opened.pastFromUs = signal.blocks[0]?.startUs;
      options.onPast(descriptor, signal);
    };
    const opened: OpenStream = {
      descriptor,
      placing: createPlacing(onPast, from?.placing),
      reorder: createReorder(descriptor.rateHz, reorderLimitUs, from?.reorder),
      stage: options.stageOf(descriptor, from?.stage),
      anchor: from?.anchor,
      lagUs: undefined,
    };
    options.onOpened(descriptor);
    streams.set(keyOf(descriptor), opened);
    return opened;
  };

  const run = (stream: OpenStream, placed: readonly Placed[], nowUs: number) => {
    for (const block of placed) {
      const { pastFromUs } = stream;
      delete stream.pastFromUs;
      const shown = pastFromUs === undefined ? block : upToPast(block, pastFromUs, stream.descriptor.rateHz);
      if (shown !== undefined) options.onPlaced(stream.descriptor, shown);
      const items = stream.stage.push(block);
      options.onItems(pastFromUs === undefined ? items : items.map((item) => (item.kind === "gap" ? { ...item, pastFromUs } : item)));
      if (block.kind !== "samples") continue;
      options.onSamples(stream.descriptor, block);
      stream.anchor = anchorOf(block, stream.descriptor.rateHz);
      stream.lagUs = block.arrivalUs - stream.stage.passedUs;
    }
    if (placed.length > 0) options.onPassed(keyOf(stream.descriptor), stream.stage.passedUs, nowUs);
  };

  /** The stream ends here: what waits to be placed or for a late block waits no longer. */
  const runHeld = (stream: OpenStream, nowUs: number) => {
    for (const block of stream.placing.rest()) run(stream, stream.reorder.push(block), nowUs);
    run(stream, stream.reorder.expire(Number.POSITIVE_INFINITY), nowUs);
  };

  return {
    enter(key, block, nowUs) {
      const known = streams.get(key);
      const goesOn = known !== undefined && isSameShape(known.descriptor, block.descriptor);
      if (known !== undefined && !goesOn) {
        runHeld(known, nowUs);
        lateBefore.set(key, (lateBefore.get(key) ?? 0) + known.reorder.lateSamples);
        options.onReplaced(block.descriptor);
      }
      const stream = goesOn ? known : open(block.descriptor);
      const placed = stream.placing.push(block);
      // One that waits is a slow stream: ticks wait for it within their limit.
      if (placed.length === 0) options.onPassed(key, 0, nowUs);
      for (const each of placed) run(stream, stream.reorder.push(each), nowUs);
    },
    restore: (from) => void open(from.descriptor, from),
    step(lineUs) {
      for (const stream of streams.values()) {
        for (const block of stream.placing.release(lineUs)) run(stream, stream.reorder.push(block), lineUs);
        run(stream, stream.reorder.expire(lineUs), lineUs);
      }
    },
    end(nowUs) {
      let endUs = nowUs;
      for (const stream of streams.values()) {
        runHeld(stream, nowUs);
        options.onItems(endStage(stream.stage, stream.descriptor.rateHz));
        options.onPassed(keyOf(stream.descriptor), stream.stage.passedUs, nowUs);
        endUs = Math.max(endUs, stream.stage.passedUs);
      }
      return endUs;
    },
    clear() {
      streams.clear();
      lateBefore.clear();
    },
    get size() {
      return streams.size;
    },
    descriptors: () => [...streams.values()].map(({ descriptor }) => descriptor),
    anchor: (key) => streams.get(key)?.anchor,
    timing(key) {
      const stream = streams.get(key);
      if (stream === undefined) return undefined;
      const { descriptor, lagUs, reorder } = stream;
      return { descriptor, lagUs, late: reorder.lateSamples + (lateBefore.get(key) ?? 0) };
    },
    state: () =>
      [...streams.values()].map(({ descriptor, placing, reorder, stage, anchor }) => ({
        ...{ descriptor, anchor, placing: placing.state(), reorder: reorder.state(), stage: stage.state() },
      })),
  };
}
