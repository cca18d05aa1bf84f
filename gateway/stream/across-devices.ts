/** What is made of several devices of one person together: windows for models, and the body as its sensors show it. Of the present alone. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Guard } from "../facts/guarded.ts";
import type { MountingOf } from "../facts/mount.ts";
import { createHeadingBound, type HeadingBoundState } from "./body/heading-bound.ts";
import { createMeasuredBody, type MeasuredBodyState } from "./body/measured-body.ts";
import { mounted } from "./body/mounted.ts";
import { createMovement, type MovementState } from "./body/movement.ts";
import type { PlacedBlock } from "./reorder.ts";
import type { StreamItem } from "./stream-item.ts";
import { type AlignedState, createAligned } from "./windows/aligned.ts";
import type { AskedModel } from "./windows/asked-model.ts";

/** Each is absent in snapshots of earlier versions. */
export interface AcrossState {
  readonly aligned?: readonly AlignedState[];
  readonly measuredBody?: MeasuredBodyState;
  readonly movement?: MovementState;
  readonly headings?: HeadingBoundState;
}

const bodyPart = "stream/body";
const asTold: MountingOf = (_device, placement) => ({ placement });

/** @param mountingOf how a motion sensor is worn and sits: what it tells is turned by it before anything is made of it. */
export function createAcrossDevices(models: readonly AskedModel[], guard: Guard, mountingOf = asTold, saved?: AcrossState) {
  const aligned = createAligned(models, guard, saved?.aligned);
  const body = createMeasuredBody(saved?.measuredBody);
  const movement = createMovement(saved?.movement);
  const headings = createHeadingBound(saved?.headings);
  return {
    push(told: StreamDescriptor, placed: PlacedBlock): void {
      const worn = guard(
        bodyPart,
        () => mounted(mountingOf, told, placed),
        () => undefined,
      );
      if (worn === undefined) return;
      const { descriptor, block } = guard(
        bodyPart,
        () => headings.push(worn.descriptor, worn.block, worn.calibratedUs),
        () => worn,
      );
      aligned.push(descriptor, block);
      guard(
        bodyPart,
        () => {
          body.push(descriptor, block);
          movement.push(descriptor, block);
        },
        () => {},
      );
    },
    /** Up to `readyUs`, which every live stream has passed or will not be waited for. */
    step(readyUs: number): StreamItem[] {
      guard(
        bodyPart,
        () => headings.step(readyUs),
        () => {},
      );
      const stretches = guard(
        bodyPart,
        () => [...body.step(readyUs), ...movement.step(readyUs)],
        () => [],
      );
      return [...aligned.step(readyUs), ...stretches];
    },
    state: (): Required<AcrossState> => ({
      ...{ aligned: aligned.state(), measuredBody: body.state() },
      ...{ movement: movement.state(), headings: headings.state() },
    }),
  };
}
