/** Two wearables of one person as the river sees them: a strap that sends a second of ECG at once, and a clip that sends its pleth every 100 ms. */

import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import type { Models } from "../../gateway/inference/load-models.ts";
import { createPerson } from "../../gateway/pipeline/person.ts";
import type { Settled } from "../../gateway/pipeline/settle-queue.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import type { Placed } from "../../gateway/stream/reorder.ts";
import type { ModelSpec } from "../../models/model-spec.ts";

/** A block and when it is measured whole, on the axis of the gateway. */
export interface Measured {
  readonly block: SampleBlock;
  readonly endUs: number;
}

export interface Wearable {
  readonly descriptor: StreamDescriptor;
  readonly samples: Float32Array;
  readonly blocks: readonly Measured[];
}

export const startUs = 1_700_000_000_000_000;

export async function loadWearables(): Promise<{ strap: Wearable; clip: Wearable; seconds: number }> {
  const ecg = await loadExcerpt("mitdb-205");
  const pleth = await loadExcerpt("bidmc-23");
  const seconds = 37;
  const open = (device: string, excerpt: typeof ecg, lead: string, kind: "ecg" | "ppg", batchS: number): Wearable => {
    const channel = excerpt.channels.find((each) => each.lead === lead);
    if (channel === undefined) throw new Error(`no ${lead}`);
    const { rateHz } = excerpt;
    const { scale, offset, unit } = channel;
    const described = { id: lead, kind, unit, scale, offset, ...(kind === "ecg" ? { lead } : {}) };
    const descriptor: StreamDescriptor = { device, stream: kind, rateHz, channels: [described], sentinels: [], contact: "measured" };
    const samples = Float32Array.from(channel.samples.subarray(0, seconds * rateHz));
    const blocks: Measured[] = [];
    for (
      let from = 0;
      from < samples.length;
      from = blocks.length === 0 ? 0 : (blocks.at(-1)?.block.firstIndex ?? 0) + (blocks.at(-1)?.block.count ?? 0)
    ) {
      const to = Math.min(samples.length, Math.floor((blocks.length + 1) * batchS * rateHz));
      blocks.push({ block: blockOf(descriptor, samples, from, to), endUs: startUs + Math.round((to * 1e6) / rateHz) });
    }
    return { descriptor, samples, blocks };
  };
  return { strap: open("strap", ecg, "MLII", "ecg", 1), clip: open("clip", pleth, "PLETH", "ppg", 0.1), seconds };
}

const unarrived = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "ntp" as const };

function blockOf(descriptor: StreamDescriptor, samples: Float32Array, from: number, to: number): SampleBlock {
  return {
    kind: "samples",
    descriptor,
    bootId: "boot",
    firstIndex: from,
    count: to - from,
    deviceTimeUs: Math.round((from * 1e6) / descriptor.rateHz),
    deviceClock: 1,
    stamps: unarrived,
    channels: [samples.slice(from, to)],
  };
}

/** Arrivals: each block `delayMs(device, n)` after its last sample, in the order of arriving. */
export function arrivalsOf(wearables: readonly Wearable[], delayMs: (device: string, n: number) => number): SampleBlock[] {
  return wearables
    .flatMap(({ blocks }) =>
      blocks.map(({ block, endUs }, n) => {
        const timeUs = endUs + 1000 * delayMs(block.descriptor.device, n);
        return { ...block, stamps: { timeUs, monotonicUs: timeUs - startUs, wallUs: timeUs, wallQuality: "ntp" as const } };
      }),
    )
    .sort((a, b) => a.stamps.timeUs - b.stamps.timeUs);
}

export interface Lived {
  readonly settled: readonly Settled[];
  readonly placed: readonly { readonly device: string; readonly placed: Placed }[];
}

/** Feeds a person with the house's own models until everything is decided. */
export async function live(
  blocks: readonly SampleBlock[],
  { host, specs, versions }: Pick<Models, "host" | "specs" | "versions">,
): Promise<Lived> {
  const settled: Settled[] = [];
  const placed: { device: string; placed: Placed }[] = [];
  const person = createPerson({
    profile: defaultProfile,
    models: specs as readonly ModelSpec[],
    versions,
    submit: host.submit,
    onSettled: (each) => void settled.push(each),
    onPlaced: ({ device }, each) => void placed.push({ device, placed: each }),
  });
  for (const block of blocks) person.push(block);
  person.end();
  await host.idle();
  return { settled, placed };
}
