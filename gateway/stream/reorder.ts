/** Puts the blocks of one stream in sample order: every sample once, every hole a gap. It waits for a late block only as long as its limit. */

import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";

/** A block whose first sample has its place on the gateway's axis. */
export interface PlacedBlock {
  readonly kind: "samples";
  readonly bootId: string;
  readonly firstIndex: number;
  readonly count: number;
  readonly startUs: number;
  readonly arrivalUs: number;
  readonly channels: SampleBlock["channels"];
  readonly flags?: Uint8Array;
  /** Where the device had put it, if that was wrong. */
  readonly raw?: { readonly bootId: string; readonly firstIndex: number; readonly rateHz: number };
}

export interface PlacedGap {
  readonly kind: "gap";
  readonly bootId: string;
  readonly firstIndex: number;
  readonly count: number;
  readonly startUs: number;
}

export type Placed = PlacedBlock | PlacedGap;

/** How long a late block is waited for. */
export const reorderLimitUs = 2_000_000;

export interface ReorderState {
  bootId: string;
  nextIndex: number;
  nextUs: number;
  held: PlacedBlock[];
}

export interface Reorder {
  push(block: PlacedBlock): Placed[];
  /** Gives up on holes whose later samples arrived before `nowUs − limit`. */
  expire(nowUs: number): Placed[];
  /** Samples that came after their hole had been given up. */
  readonly lateSamples: number;
  state(): ReorderState | undefined;
}

export function createReorder(rateHz: number, limitUs: number, saved?: ReorderState): Reorder {
  let at = saved === undefined ? undefined : { ...saved, held: [...saved.held] };
  let lateSamples = 0;
  const periodUs = 1e6 / rateHz;

  const begin = (block: PlacedBlock): Placed[] => {
    at = { bootId: block.bootId, nextIndex: block.firstIndex, nextUs: block.startUs, held: [] };
    return [];
  };

  const take = (block: PlacedBlock, out: Placed[]) => {
    if (at === undefined) return;
    const known = at.nextIndex - block.firstIndex;
    const fresh = known <= 0 ? block : trim(block, known, periodUs);
    if (fresh === undefined) return;
    out.push(fresh);
    at.nextIndex = fresh.firstIndex + fresh.count;
    at.nextUs = fresh.startUs + Math.round(fresh.count * periodUs);
  };

  const releaseReady = (out: Placed[]) => {
    if (at === undefined) return;
    while (at.held[0] !== undefined && at.held[0].firstIndex <= at.nextIndex) {
      const block = at.held.shift();
      if (block !== undefined) take(block, out);
    }
  };

  const giveUp = (out: Placed[]) => {
    const next = at?.held[0];
    if (at === undefined || next === undefined) return;
    const gap: PlacedGap = {
      kind: "gap",
      bootId: at.bootId,
      firstIndex: at.nextIndex,
      count: next.firstIndex - at.nextIndex,
      startUs: at.nextUs,
    };
    out.push(gap);
    at.nextIndex = next.firstIndex;
    releaseReady(out);
  };

  return {
    push(block) {
      const out: Placed[] = [];
      if (at === undefined) begin(block);
      if (at !== undefined && at.bootId !== block.bootId) {
        // A new boot counts from its own zero: what the old one still owed is lost, and the hole is as long as the axis says.
        while (at.held.length > 0) giveUp(out);
        const count = Math.max(1, Math.round((block.startUs - at.nextUs) / periodUs));
        out.push({ kind: "gap", bootId: block.bootId, firstIndex: block.firstIndex - count, count, startUs: at.nextUs });
        begin(block);
      }
      if (at === undefined) return out;
      if (block.firstIndex + block.count <= at.nextIndex) {
        lateSamples += block.count;
        return out;
      }
      if (block.firstIndex <= at.nextIndex) take(block, out);
      else insert(at.held, block);
      releaseReady(out);
      return out;
    },
    expire(nowUs) {
      const out: Placed[] = [];
      while (at?.held[0] !== undefined && at.held[0].arrivalUs <= nowUs - limitUs) giveUp(out);
      return out;
    },
    get lateSamples() {
      return lateSamples;
    },
    state: () => (at === undefined ? undefined : { ...at, held: [...at.held] }),
  };
}

function insert(held: PlacedBlock[], block: PlacedBlock): void {
  let place = held.length;
  while (place > 0 && (held[place - 1]?.firstIndex ?? 0) > block.firstIndex) place--;
  held.splice(place, 0, block);
}

function trim(block: PlacedBlock, known: number, periodUs: number): PlacedBlock | undefined {
  if (known >= block.count) return undefined;
  return {
    ...block,
    firstIndex: block.firstIndex + known,
    count: block.count - known,
    startUs: block.startUs + Math.round(known * periodUs),
    channels: block.channels.map((samples) => samples.subarray(known)),
    ...(block.flags === undefined ? {} : { flags: block.flags.subarray(known) }),
    ...(block.raw === undefined ? {} : { raw: { ...block.raw, firstIndex: block.raw.firstIndex + known } }),
  };
}
