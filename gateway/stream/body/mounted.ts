/** Samples of a motion sensor as its segment would tell them: turned by how the sensor sits on it. Without a calibration they stay as they are. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { conjugate, multiply, type Quaternion, rotate } from "../../../models/signal/quaternion.ts";
import type { Mount, MountingOf } from "../../facts/mount.ts";
import { physicalAt } from "../physical.ts";
import type { PlacedBlock } from "../reorder.ts";

interface Mounted {
  readonly descriptor: StreamDescriptor;
  readonly block: PlacedBlock;
  /** Since when the sensor is calibrated as it is. */
  readonly calibratedUs?: number;
}

/** Kinds whose three channels are a direction along the sensor's own axes. */
const directions = ["acc", "gyro", "mag"] as const;

/** As it is worn and sits at the time of the block's first sample. */
export function mounted(mountingOf: MountingOf, descriptor: StreamDescriptor, block: PlacedBlock): Mounted {
  const quaternion = indicesOf(descriptor, "quaternion", 4);
  if (quaternion === undefined) return { descriptor, block };
  const { placement, mount } = mountingOf(descriptor.device, descriptor.placement, block.startUs);
  const worn = placement === descriptor.placement || placement === undefined ? descriptor : { ...descriptor, placement };
  return mount === undefined ? { descriptor: worn, block } : { ...turned(worn, block, mount, quaternion), calibratedUs: mount.sinceUs };
}

function turned(descriptor: StreamDescriptor, block: PlacedBlock, { turn, facing }: Mount, quaternion: readonly number[]): Mounted {
  const { channels } = descriptor;
  const rows = channels.map((channel, index) => Float32Array.from({ length: block.count }, (_, i) => physicalAt(block, channel, index, i)));
  const [toWorld, toSegment] = [conjugate(facing), conjugate(turn)];
  const at = (index: number, i: number) => rows[index]?.[i] ?? Number.NaN;
  const put = (indices: readonly number[], i: number, values: readonly number[]) => {
    for (const [part, index] of indices.entries()) (rows[index] as Float32Array)[i] = values[part] ?? Number.NaN;
  };
  const axes = directions.flatMap((kind) => indicesOf(descriptor, kind, 3) ?? []);
  for (let i = 0; i < block.count; i++) {
    const told = quaternion.map((index) => at(index, i)) as unknown as Quaternion;
    put(quaternion, i, multiply(toWorld, multiply(told, turn)));
    for (let from = 0; from < axes.length; from += 3) {
      const own = axes.slice(from, from + 3);
      const [x, y, z] = own.map((index) => at(index, i));
      put(own, i, rotate(toSegment, [x ?? Number.NaN, y ?? Number.NaN, z ?? Number.NaN]));
    }
  }
  return { descriptor: { ...descriptor, channels: channels.map(asPhysical) }, block: { ...block, channels: rows } };
}

const asPhysical = (channel: Channel): Channel => ({ ...channel, scale: 1, offset: 0 });

/** The first `count` channels of a kind; undefined where there are fewer. */
function indicesOf({ channels }: StreamDescriptor, kind: Channel["kind"], count: number): number[] | undefined {
  const found = channels.flatMap((channel, index) => (channel.kind === kind ? [index] : [])).slice(0, count);
  return found.length < count ? undefined : found;
}
