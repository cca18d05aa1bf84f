/** Samples of one person's motion sensors while a pose is held, collected in two spans of the gateway's time. Beside the river: nothing is decided by it. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { Quaternion, Vector } from "../../../models/signal/quaternion.ts";
import { unit } from "../../../models/signal/quaternion.ts";
import { gPer } from "../motion/gravity.ts";
import { physicalAt } from "../physical.ts";
import type { PlacedBlock } from "../reorder.ts";
import type { HeldSensor } from "./held-pose.ts";

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Seen {
  readonly placement: string;
  readonly before: Quaternion[];
  readonly held: Quaternion[];
  readonly accG: [x: number, y: number, z: number, count: number];
  readonly wanted: number;
  newestUs: number;
}

/** Samples of one sensor in one span; a faster one is seen this far. */
export const mostSamples = 20_000;
export const mostSensors = 32;

/** @param before while the arms hang, where that is asked for. */
export function createPoseWatch(held: Span, before?: Span) {
  const seen = new Map<string, Seen>();
  const isIn = (span: Span | undefined, us: number) => span !== undefined && us >= span.fromUs && us < span.toUs;
  const open = (descriptor: StreamDescriptor, placement: string): Seen | undefined => {
    const known = seen.get(descriptor.device);
    if (known !== undefined && known.placement === placement) return known;
    if (known === undefined && seen.size >= mostSensors) return undefined;
    const wanted = ((held.toUs - held.fromUs) / 1e6) * descriptor.rateHz;
    const fresh: Seen = { placement, before: [], held: [], accG: [0, 0, 0, 0], wanted, newestUs: 0 };
    seen.set(descriptor.device, fresh);
    return fresh;
  };
  return {
    push(descriptor: StreamDescriptor, placement: string, block: PlacedBlock): void {
      const indices = (kind: string) =>
        descriptor.channels.flatMap((channel, index) => (channel.kind === kind ? [{ channel, index }] : []));
      const [quaternion, acc] = [indices("quaternion").slice(0, 4), indices("acc").slice(0, 3)];
      const one = quaternion.length < 4 ? undefined : open(descriptor, placement);
      if (one === undefined) return;
      const toG = acc.length < 3 ? undefined : gPer(acc[0]?.channel.unit ?? "");
      const read = (of: typeof acc, i: number) => of.map(({ channel, index }) => physicalAt(block, channel, index, i));
      for (let i = 0; i < block.count; i++) {
        const atUs = block.startUs + (i * 1e6) / descriptor.rateHz;
        one.newestUs = Math.max(one.newestUs, atUs);
        const into = isIn(held, atUs) ? one.held : isIn(before, atUs) ? one.before : undefined;
        const turn = into === undefined || into.length >= mostSamples ? undefined : unit(read(quaternion, i) as unknown as Quaternion);
        if (into === undefined || turn === undefined) continue;
        into.push(turn);
        const pull = toG === undefined ? [] : read(acc, i);
        if (into !== one.held || pull.length === 0 || pull.some(Number.isNaN)) continue;
        for (const [axis, value] of [...pull.map((each) => each * (toG ?? 1)), 1].entries()) one.accG[axis as 0] += value;
      }
    },
    /** The newest sample of a device. */
    newestUs: (device: string) => seen.get(device)?.newestUs ?? 0,
    /** What each of these told; one of which nothing came has no sample. */
    sensors: (expected: readonly { readonly device: string; readonly placement: string }[]): HeldSensor[] =>
      expected.map(({ device, placement }) => {
        const own = seen.get(device);
        if (own === undefined || own.placement !== placement)
          return { device, placement, before: [], held: [], share: 0, meanAccG: undefined };
        const [x, y, z, count] = own.accG;
        const meanAccG: Vector | undefined = count === 0 ? undefined : [x / count, y / count, z / count];
        return { device, placement, before: own.before, held: own.held, share: own.held.length / own.wanted, meanAccG };
      }),
  };
}
