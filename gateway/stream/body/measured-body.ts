/**
 * The body as its sensors alone show it: rotations of the segments that a sensor is worn on, at 30 Hz, and nothing of any other. It is what is drawn where no
 * network completes the rest. Of the present alone, like every window over several devices.
 */

import { type Pose, SegmentState, segmentCount } from "../../../device-drivers/contract/pose.ts";
import type { Source } from "../../../device-drivers/contract/result.ts";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { placements, segments } from "../../../models/signal/body.ts";
import type { PlacedBlock } from "../reorder.ts";
import type { StreamItem } from "../stream-item.ts";
import { createPlacementGrid, type GridState } from "../windows/placement-grid.ts";

export interface MeasuredBodyState {
  /** End of the next stretch. */
  readonly nextUs: number | undefined;
  readonly grids: readonly (readonly [placement: string, GridState])[];
}

interface MeasuredBody {
  push(descriptor: StreamDescriptor, block: PlacedBlock): void;
  /** Stretches up to `readyUs`, which every live stream has passed or will not be waited for. */
  step(readyUs: number): StreamItem[];
  state(): MeasuredBodyState;
}

const rateHz = 30;
const hopUs = 200_000;
const frames = (hopUs * rateHz) / 1e6;
const grid = { rateHz, windowS: hopUs / 1e6, channels: 4, input: { kind: "quaternion", unit: "1" } } as const;

export function createMeasuredBody(saved?: MeasuredBodyState): MeasuredBody {
  // Only of what is worn: most people wear nothing that turns.
  const grids = new Map((saved?.grids ?? []).map(([placement, state]) => [placement, createPlacementGrid(grid, state)]));
  let nextUs = saved?.nextUs;

  const stretch = (endUs: number): StreamItem[] => {
    const pose: Pose = { rateHz, rotations: new Float32Array(frames * segmentCount * 4), states: new Uint8Array(frames * segmentCount) };
    for (let at = 0; at < pose.states.length; at++) pose.rotations[at * 4] = 1;
    const about: Source[] = [];
    for (const placement of placements) {
      const own = grids.get(placement);
      if (own === undefined) continue;
      const segment = segments.indexOf(placement);
      const [w = none, x = none, y = none, z = none] = own.slice(endUs, frames);
      let isHeard = false;
      for (let frame = 0; frame < frames; frame++) {
        const length = Math.hypot(w[frame] ?? Number.NaN, x[frame] ?? Number.NaN, y[frame] ?? Number.NaN, z[frame] ?? Number.NaN);
        if (!(length > 0.5 && length < 2)) continue;
        isHeard = true;
        const place = frame * segmentCount + segment;
        pose.states[place] = SegmentState.measured;
        for (const [part, row] of [w, x, y, z].entries()) pose.rotations[place * 4 + part] = (row[frame] ?? 0) / length;
      }
      if (isHeard && own.source !== undefined) about.push(own.source);
    }
    const [first, ...others] = about;
    return first === undefined ? [] : [{ kind: "pose", ...first, about: [first, ...others], timeUs: endUs, knownUs: endUs, pose }];
  };

  return {
    push(descriptor, block) {
      const placement = placements.find((name) => name === descriptor.placement);
      if (placement === undefined || !descriptor.channels.some(({ kind }) => kind === "quaternion")) return;
      const own = grids.get(placement) ?? createPlacementGrid(grid);
      grids.set(placement, own);
      if (own.push(descriptor, block)) nextUs ??= (Math.floor(block.startUs / hopUs) + 1) * hopUs;
    },
    step(readyUs) {
      const out: StreamItem[] = [];
      if (nextUs === undefined) return out;
      const newestUs = Math.max(...[...grids.values()].map((own) => own.newestUs));
      for (; nextUs <= readyUs; nextUs += hopUs) {
        // Hours without any sample are one step.
        if (nextUs > newestUs + hopUs) nextUs = Math.max(nextUs, Math.floor(readyUs / hopUs) * hopUs);
        else out.push(...stretch(nextUs));
      }
      return out;
    },
    state: () => ({ nextUs, grids: [...grids].map(([placement, own]) => [placement, own.state()]) }),
  };
}

const none = new Float32Array();
