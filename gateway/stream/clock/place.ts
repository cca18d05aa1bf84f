/** Puts a driver's block on the gateway's axis. It moves no sample and judges none. */

import type { DeviceClockQuality, SampleBlock, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { PlacedBlock } from "../reorder.ts";
import type { ClockMap } from "./clock-map.ts";

/** A block whose header may have been corrected; `raw` is where the device had put it then. */
export interface CourseBlock extends SampleBlock {
  readonly raw?: { readonly bootId: string; readonly firstIndex: number; readonly rateHz: number };
}

const unknownClock: DeviceClockQuality = 0;

/** Without a device clock the samples' own count is the time. */
export const deviceUsOf = ({ deviceClock, deviceTimeUs, firstIndex, descriptor }: SampleBlock): number =>
  deviceClock === unknownClock ? (firstIndex * 1e6) / descriptor.rateHz : deviceTimeUs;

export const spanUsOf = ({ count, descriptor }: SampleBlock): number => (count * 1e6) / descriptor.rateHz;

export function placeBlock(block: CourseBlock, clock: Pick<ClockMap, "startUs">): PlacedBlock {
  const deviceUs = deviceUsOf(block);
  const startUs = clock.startUs(block.bootId, deviceUs, deviceUs + spanUsOf(block), block.stamps);
  const { bootId, firstIndex, count, channels, flags, raw } = block;
  return {
    kind: "samples",
    ...{ bootId, firstIndex, count, startUs, channels },
    arrivalUs: block.stamps.timeUs,
    ...(flags === undefined ? {} : { flags }),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** True while a stream goes on under a new descriptor: its stages need not begin again. */
export function isSameShape(a: StreamDescriptor, b: StreamDescriptor): boolean {
  return a === b || (a.rateHz === b.rateHz && a.contact === b.contact && JSON.stringify(a.channels) === JSON.stringify(b.channels));
}
