/** The streams of one person's present: blocks are put in their course, on the time axis and in order, and analysed; what comes of it is given on. */

import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Anchor, anchorOf } from "../stream/clock/anchor.ts";
import { type Continuity, createContinuity } from "../stream/clock/continuity.ts";
import { type CourseBlock, isSameShape } from "../stream/clock/place.ts";
import { createPlacing, type Placing } from "../stream/clock/placing.ts";
import { type StreamTiming, timingOf } from "../stream/clock/stream-timing.ts";
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
  /** Puts the block in its course first; gives what was wrong with its numbers or its time. */
  push(block: SampleBlock, nowUs: number): ReturnType<Continuity["push"]>["faults"];
  restore(from: Pick<PersonState, "lanes" | "continuity">): void;
  /** At this line of the grid late blocks are waited for no longer. */
  step(lineUs: number): void;
  /** Nothing comes any more: what waits goes on. Gives the time up to which; at least `nowUs`. */
  end(nowUs: number): number;
  clear(): void;
  readonly size: number;
  sources(): Pick<StreamDescriptor, "device" | "stream">[];
  anchor(key: string): Anchor | undefined;
  timings(nowUs: number): StreamTiming[];
  state(): Required<Pick<PersonState, "lanes" | "continuity">>;
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
  const continuities = new Map<string, Continuity>();
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

  const enter = (key: string, block: CourseBlock, nowUs: number) => {
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
  };

  return {
    push(block, nowUs) {
      const key = keyOf(block.descriptor);
      const continuity = continuities.get(key) ?? createContinuity();
      continuities.set(key, continuity);
      const { blocks, faults } = continuity.push(block);
      for (const each of blocks) enter(key, each, nowUs);
      return faults;
    },
    restore({ lanes, continuity = [] }) {
      for (const [key, state] of continuity) continuities.set(key, createContinuity(state));
      for (const lane of lanes) open(lane.descriptor, lane);
    },
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
      for (const part of [streams, continuities, lateBefore]) part.clear();
    },
    get size() {
      return streams.size;
    },
    sources: () => [...streams.values()].map(({ descriptor: { device, stream } }) => ({ device, stream })),
    anchor: (key) => streams.get(key)?.anchor,
    timings: (nowUs) =>
      [...streams].flatMap(([key, { descriptor, reorder, lagUs }]) => {
        const continuity = continuities.get(key);
        if (continuity === undefined) return [];
        return [timingOf(descriptor, continuity, { lagUs, late: reorder.lateSamples + (lateBefore.get(key) ?? 0), nowUs })];
      }),
    state: () => ({
      continuity: [...continuities].map(([key, each]) => [key, each.state()] as const),
      lanes: [...streams.values()].map(({ descriptor, placing, reorder, stage, anchor }) => ({
        ...{ descriptor, anchor, placing: placing.state(), reorder: reorder.state(), stage: stage.state() },
      })),
    }),
  };
}
