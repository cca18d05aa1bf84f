/** Keeps the promise of a lossless strip: once its end has passed, its samples are read from the journal and put into the outbox. */

import type { Driver } from "../../device-drivers/contract/driver.ts";
import type { StripDue } from "../../device-drivers/contract/event.ts";
import { type Block, Flag, type SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import { mergeStrips, stripItem } from "../semantic/policy.ts";
import { finenessOf, noValue } from "../semantic/strip-codec.ts";
import type { Store } from "../store/store-port.ts";
import { bootOf } from "../stream/clock/anchor.ts";
import { reorderLimitUs } from "../stream/reorder.ts";
import { stripChannel } from "../stream/strip-channel.ts";
import { readDescriptors } from "./kept-descriptors.ts";

/** Late blocks may still arrive this long after the last sample's time. */
const settleUs = reorderLimitUs + 1_000_000;
/** A sample's time may lie later than its arrival until the clock-map has settled (its step, and some seconds of slewing). */
const settlingClockUs = 5_000_000;
/** How long a strip waits for samples that a wearable still keeps, counted from its end or from the start of the gateway, whichever is later. */
const patienceUs = 30_000_000;

const dayUs = 86_400_000_000;

export interface StripFiller {
  add(due: readonly StripDue[]): void;
  /** Fills what is due by now; called every second and at start. */
  fill(nowUs: number): Promise<void>;
}

interface BlockSource {
  readonly journal: Pick<Journal, "read" | "seek">;
  readonly store: Pick<Store, "getValue">;
  readonly driverOf: (device: string) => { driver: Driver; options: unknown } | undefined;
}

interface StripFillerOptions extends BlockSource {
  readonly store: Pick<Store, "commit" | "getValue">;
}

export function createStripFiller({ journal, store, driverOf }: StripFillerOptions, owed: readonly StripDue[]): StripFiller {
  const waiting: StripDue[] = [...owed];
  let busy: Promise<void> = Promise.resolve();
  let startedUs: number | undefined;

  const fillDue = async (nowUs: number) => {
    for (const merged of mergeStrips(waiting)) {
      if (merged.toUs + settleUs > nowUs) continue;
      const covered = waiting.filter((due) => sameStream(due, merged) && due.fromUs >= merged.fromUs && due.toUs <= merged.toUs);
      const { strip, isWhole } = await readStrip({ journal, store, driverOf }, merged, covered, nowUs);
      if (!isWhole && nowUs < Math.max(merged.toUs, startedUs ?? nowUs) + patienceUs) continue;
      // From here on the store has it, even where the disk refuses: what is refused is kept there and written first.
      for (const due of covered) waiting.splice(waiting.indexOf(due), 1);
      await store.commit(
        { person: merged.person, outbox: strip === undefined ? [] : [stripItem(strip)], stripsDone: covered.map(({ alertId }) => alertId) },
        true,
      );
    }
  };

  return {
    add: (due) => void waiting.push(...due),
    fill(nowUs) {
      startedUs ??= nowUs;
      busy = busy.catch(() => {}).then(() => fillDue(nowUs));
      return busy;
    },
  };
}

function sameStream(a: StripDue, b: StripDue): boolean {
  return (
    a.person === b.person &&
    a.device === b.device &&
    a.stream === b.stream &&
    a.channel === b.channel &&
    a.anchor.bootId === b.anchor.bootId
  );
}

/** Decodes the journal's records around the strip with a driver of its own; no strip when nothing of it can be read any more. `isWhole`: its end is there. */
async function readStrip(
  { journal, store, driverOf }: BlockSource,
  span: StripDue,
  covered: readonly StripDue[],
  nowUs: number,
): Promise<{ strip: StripPayload | undefined; isWhole: boolean }> {
  const blocks: SampleBlock[] = [];
  for await (const block of blocksBetween({ journal, store, driverOf }, span.person, span.device, {
    fromUs: span.fromUs - settlingClockUs,
    toUs: nowUs,
  }))
    if (block.descriptor.stream === span.stream && block.bootId === bootOf(span.anchor)) blocks.push(block);
  const strip = cutStrip(blocks, span, covered);
  const endUs = strip === undefined ? 0 : strip.startUs + ((strip.samples.length + 1) * 1e6) / strip.rateHz;
  return { strip, isWhole: endUs >= span.toUs };
}

export function cutStrip(blocks: readonly SampleBlock[], span: StripDue, covered: readonly StripDue[]): StripPayload | undefined {
  const descriptor = blocks[0]?.descriptor;
  const channel = descriptor === undefined ? undefined : stripChannel(descriptor, span.channel);
  if (descriptor === undefined || channel === undefined) return undefined;
  const rateHz = span.anchor.rateHz ?? descriptor.rateHz;
  const at = descriptor.channels.indexOf(channel);
  const indexOf = (timeUs: number) => span.anchor.index + Math.round(((timeUs - span.anchor.timeUs) * rateHz) / 1e6);
  const first = Math.max(indexOf(span.fromUs), Math.min(...blocks.map((block) => block.firstIndex)));
  const end = Math.min(indexOf(span.toUs), Math.max(...blocks.map((block) => block.firstIndex + block.count)));
  if (end <= first) return undefined;
  const fineness = finenessOfBlocks(blocks, at);
  const samples = new Int32Array(end - first).fill(noValue);
  // A device may have used a number twice: the block that came when its place says is the one that is meant, so it is written last.
  const offUs = ({ firstIndex, stamps }: SampleBlock) =>
    Math.abs(stamps.timeUs - span.anchor.timeUs - ((firstIndex - span.anchor.index) * 1e6) / rateHz);
  for (const block of [...blocks].sort((a, b) => offUs(b) - offUs(a))) {
    const raw = block.channels[at];
    for (let i = Math.max(0, first - block.firstIndex); raw !== undefined && i < block.count && block.firstIndex + i < end; i++) {
      const value = ((block.flags?.[i] ?? 0) & Flag.absent) !== 0 ? Number.NaN : (raw[i] ?? Number.NaN);
      samples[block.firstIndex + i - first] = Number.isNaN(value) ? noValue : Math.round(value * fineness);
    }
  }
  return {
    kind: "strip",
    person: span.person,
    alertIds: [...new Set(covered.map(({ alertId }) => alertId.split("@")[0] ?? alertId))],
    device: span.device,
    stream: span.stream,
    channel: channel.id,
    ...(channel.lead === undefined ? {} : { lead: channel.lead }),
    unit: channel.unit,
    scale: channel.scale / fineness,
    offset: channel.offset,
    rateHz,
    startUs: span.anchor.timeUs + Math.round(((first - span.anchor.index) * 1e6) / rateHz),
    samples,
  };
}

/** Strips are whole numbers, whatever the device sends. */
function finenessOfBlocks(blocks: readonly SampleBlock[], at: number): number {
  const fractions = function* () {
    for (const block of blocks) if (block.channels[at] instanceof Float32Array) yield* block.channels[at];
  };
  return finenessOf(fractions());
}

/** Blocks of one device whose bytes arrived in the span, decoded afresh (descriptors first, as the store keeps them). */
export async function* blocksBetween(
  { journal, store, driverOf }: BlockSource,
  person: string,
  device: string,
  span: { fromUs: number; toUs: number },
): AsyncGenerator<Block> {
  const found = driverOf(device);
  const start = await journal.seek(person, span.fromUs);
  if (found === undefined || start === undefined) return;
  const driver = found.driver.create(found.options, device);
  for (const chunk of await keptDescriptors(store, device)) driver.push(chunk);
  for await (const { chunk } of journal.read(person, start)) {
    // Far ahead stands what was stamped by a clock that was wrong; what is wanted may follow.
    if (chunk.stamps.timeUs > span.toUs + dayUs) continue;
    if (chunk.stamps.timeUs > span.toUs) return;
    if (chunk.device === device) yield* driver.push(chunk);
  }
}

async function keptDescriptors(store: Pick<Store, "getValue">, device: string) {
  const kept = await readDescriptors(store, device);
  const stamps = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "ntp" as const };
  return Object.entries(kept).map(([channel, text]) => ({ link: "store", device, channel, bytes: new TextEncoder().encode(text), stamps }));
}
