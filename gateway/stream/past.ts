/**
 * The past that devices of one person bring: analysed beside the present and after it, with stages and an order of its own, on a clock of its own that
 * goes by its signal. Steps are asked for by lines of the grid, so that a second run takes the same ones.
 */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type Anchor, anchorOf } from "./clock/anchor.ts";
import { atOnceUs } from "./clock/first-contact.ts";
import { endStage } from "./end-stage.ts";
import type { MemoryState } from "./model-inputs.ts";
import { createOrder, type Ordered, type OrderState, tickUs } from "./order.ts";
import { createReorder, type Placed, type PlacedBlock, type ReorderState } from "./reorder.ts";
import { completeUs, type StreamItem, type StreamStage } from "./stream-item.ts";

export interface PastSignal {
  /** In the order in which they were measured; those behind `cutUs` are the present's too and only let the newest of the past be judged. */
  readonly blocks: readonly PlacedBlock[];
  /** Where the present begins. */
  readonly cutUs: number;
}

export interface PastState {
  readonly dueUs: number;
  readonly cursorUs: number | undefined;
  readonly order: OrderState<StreamItem>;
  /** Absent in snapshots of earlier versions, whose stages kept them. */
  readonly memories?: readonly MemoryState[];
  readonly streams: readonly {
    readonly descriptor: StreamDescriptor;
    readonly cutUs: number;
    readonly liveBeatUs: number | undefined;
    readonly blocks: readonly PlacedBlock[];
    readonly reorder: ReorderState | undefined;
    readonly stage: unknown;
    readonly anchor: Anchor | undefined;
  }[];
}

export interface Past {
  /** False where it must be another past: this one has begun, or has that stream of an earlier boot. */
  add(descriptor: StreamDescriptor, signal: PastSignal): boolean;
  /** Beats that the present has found are not the past's to tell. */
  seeLive(item: StreamItem): void;
  /** What the next stretch of signal lets go; nothing before its line of the grid has come. */
  step(nowUs: number): Ordered<StreamItem>[];
  /** All of it has been given. */
  readonly isOver: boolean;
  /** The newest time that it has come to. */
  readonly timeUs: number;
  anchor(device: string, stream: string): Anchor | undefined;
  state(): PastState;
}

interface PastOptions {
  /** Of the past alone: what it learns from older signal is not the present's. */
  readonly memories: () => readonly MemoryState[];
  readonly openStage: (descriptor: StreamDescriptor, saved?: unknown) => StreamStage;
  readonly limits: { readonly limitUs: number; readonly liveUs: number };
  readonly submit: (item: StreamItem) => void;
  /** Its own samples in order; those that are the present's too are not told. */
  readonly onPlaced?: ((descriptor: StreamDescriptor, placed: Placed) => void) | undefined;
  /** When it may begin. */
  readonly dueUs: number;
  readonly saved?: PastState;
}

interface PastStream {
  readonly descriptor: StreamDescriptor;
  readonly cutUs: number;
  liveBeatUs: number | undefined;
  readonly blocks: readonly PlacedBlock[];
  next: number;
  readonly reorder: ReturnType<typeof createReorder>;
  readonly stage: StreamStage;
  anchor: Anchor | undefined;
}

/** Half the shortest distance of two beats: two detectors place the same one a few samples apart. */
const sameBeatUs = 100_000;

export function createPast({ memories, openStage, limits, submit, onPlaced, dueUs, saved }: PastOptions): Past {
  const order = createOrder<StreamItem>(limits, saved?.order);
  const streams = new Map<string, PastStream>();
  let cursorUs = saved?.cursorUs;
  let isOver = false;
  const keyOf = ({ device, stream }: Pick<StreamDescriptor, "device" | "stream">) => `${device}/${stream}`;

  const open = (descriptor: StreamDescriptor, signal: PastSignal, from?: PastState["streams"][number]) =>
    streams.set(keyOf(descriptor), {
      ...{ descriptor, cutUs: signal.cutUs, liveBeatUs: from?.liveBeatUs, blocks: signal.blocks, next: 0, anchor: from?.anchor },
      reorder: createReorder(descriptor.rateHz, limits.limitUs, from?.reorder),
      stage: openStage(descriptor, from?.stage),
    });

  const isOfThePast = ({ cutUs, liveBeatUs }: PastStream, item: StreamItem) =>
    item.kind === "qrs" || (item.kind === "window" && item.fromUs === undefined)
      ? item.timeUs < (liveBeatUs ?? Number.POSITIVE_INFINITY) - sameBeatUs
      : completeUs(item) <= cutUs;

  const take = (stream: PastStream, items: readonly StreamItem[]) => {
    const { device, stream: name } = stream.descriptor;
    for (const item of items) {
      if (!isOfThePast(stream, item)) continue;
      order.offer({ completeUs: completeUs(item), rank: item.kind === "gap" ? 0 : 1, device, stream: name }, item);
      submit(item);
    }
  };

  const begin = () => {
    let fromUs = Number.POSITIVE_INFINITY;
    for (const { blocks } of streams.values()) fromUs = Math.min(fromUs, blocks[0]?.startUs ?? fromUs);
    for (const key of streams.keys()) order.pass(key, fromUs, fromUs);
    return fromUs;
  };

  /** Nothing that is not here will come any more: a hole is one at once. */
  const feed = (stream: PastStream, toUs: number) => {
    const { blocks, reorder, stage, descriptor } = stream;
    if (stream.next === blocks.length) return;
    for (let block = blocks[stream.next]; block !== undefined && block.startUs < toUs; block = blocks[++stream.next])
      for (const placed of [...reorder.push(block), ...reorder.expire(Number.POSITIVE_INFINITY)]) {
        if (placed.startUs < stream.cutUs) onPlaced?.(descriptor, placed);
        take(stream, stage.push(placed));
        if (placed.kind === "samples") stream.anchor = anchorOf(placed, descriptor.rateHz);
      }
    if (stream.next === blocks.length) take(stream, endStage(stage, descriptor.rateHz));
    order.pass(keyOf(descriptor), stage.passedUs, toUs);
  };

  for (const stream of saved?.streams ?? []) open(stream.descriptor, stream, stream);
  for (const { item } of saved?.order.held ?? []) submit(item);

  return {
    add(descriptor, signal) {
      if (cursorUs !== undefined || streams.has(keyOf(descriptor))) return false;
      open(descriptor, signal);
      return true;
    },
    seeLive(item) {
      if (item.kind !== "qrs") return;
      const own = streams.get(keyOf(item));
      if (own !== undefined && item.timeUs >= own.cutUs) own.liveBeatUs ??= item.timeUs;
    },
    step(nowUs) {
      if (nowUs < dueUs) return [];
      const out: Ordered<StreamItem>[] = [];
      if (cursorUs === undefined) {
        cursorUs = begin();
        out.push(...order.release(cursorUs));
      }
      cursorUs += atOnceUs;
      for (const stream of streams.values()) feed(stream, cursorUs);
      isOver = [...streams.values()].every(({ next, blocks }) => next === blocks.length);
      const endUs = Math.max(...[...streams.values()].map(({ stage }) => stage.passedUs));
      out.push(...order.release(isOver ? endUs + limits.limitUs + tickUs : cursorUs));
      // Behind the cut the present watches.
      const cutUs = Math.max(...[...streams.values()].map((stream) => stream.cutUs));
      return out.filter((each) => each.kind === "item" || each.timeUs <= cutUs);
    },
    get isOver() {
      return isOver;
    },
    get timeUs() {
      return Math.max(...[...streams.values()].map(({ cutUs, stage }) => Math.min(cutUs, stage.passedUs)));
    },
    anchor: (device, stream) => streams.get(keyOf({ device, stream }))?.anchor,
    state: () => ({
      dueUs,
      cursorUs,
      order: order.state(),
      memories: memories(),
      streams: [...streams.values()].map(({ blocks, next, reorder, stage, ...stream }) => ({
        ...stream,
        blocks: blocks.slice(next),
        reorder: reorder.state(),
        stage: stage.state(),
      })),
    }),
  };
}

/** What is shown of a hole that ends where a past of its own begins. */
export function upToPast(block: Placed, pastFromUs: number, rateHz: number): Placed | undefined {
  if (block.kind !== "gap") return block;
  const count = Math.round(((pastFromUs - block.startUs) * rateHz) / 1e6);
  return count > 0 ? { ...block, count: Math.min(count, block.count) } : undefined;
}
