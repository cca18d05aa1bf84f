/** What a snapshot keeps of one person's river. Plain data that a structured clone carries. */

import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { CourseState, PersonalState } from "../personal/personal.ts";
import type { AcrossState } from "../stream/across-devices.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import type { ContinuityState } from "../stream/clock/continuity.ts";
import type { PlacingState } from "../stream/clock/placing.ts";
import type { MemoryState } from "../stream/model-inputs.ts";
import type { OrderState } from "../stream/order.ts";
import type { PastState } from "../stream/past.ts";
import type { ReorderState } from "../stream/reorder.ts";
import { type StreamItem, streamKey } from "../stream/stream-item.ts";
import type { JudgesState } from "./judges.ts";

export interface PersonState extends JudgesState, AcrossState {
  readonly ordinal: number;
  /** When the newest item was let go; a snapshot of an older Hearth lacks it. */
  readonly releasedUs?: number;
  readonly advancedUs: number;
  /** By device/stream; absent in snapshots of earlier versions. */
  readonly continuity?: readonly (readonly [stream: string, state: ContinuityState])[];
  readonly lanes: readonly {
    readonly descriptor: StreamDescriptor;
    readonly placing: PlacingState;
    readonly reorder: ReorderState | undefined;
    readonly stage: unknown;
    readonly anchor: Anchor | undefined;
  }[];
  /** What models remember; absent in snapshots of earlier versions, whose stages kept it. */
  readonly memories?: readonly MemoryState[];
  /** What those remember that are asked after others; absent in snapshots of earlier versions. */
  readonly following?: readonly MemoryState[];
  readonly order: OrderState<StreamItem>;
  /** What devices brought late and is not all judged; absent in snapshots of earlier versions. */
  readonly pasts?: readonly (PastState & JudgesState & { readonly course?: CourseState | undefined })[];
  /** What was learnt of the person; absent in snapshots of earlier versions. */
  readonly personal?: PersonalState | undefined;
  /** The number of the newest word of people about what is normal; absent in snapshots of earlier versions. */
  readonly learnActs?: number;
  /** The number of the limits in force; absent in snapshots of earlier versions. */
  readonly limits?: number;
}

/** What the models remembered. In a snapshot of an earlier version each ECG stage kept it, alone or beside the stage of its numbers. */
export function memoriesOf(state: {
  readonly memories?: readonly MemoryState[];
  readonly lanes?: PersonState["lanes"];
  readonly streams?: PastState["streams"];
}): readonly MemoryState[] {
  if (state.memories !== undefined) return state.memories;
  return [...(state.lanes ?? []), ...(state.streams ?? [])].flatMap(({ descriptor, stage }) => {
    const { memory, base } = (stage ?? {}) as { memory?: [string, unknown][]; base?: { memory?: [string, unknown][] } };
    return (memory ?? base?.memory ?? []).map(([model, kept]) => ({ model, of: streamKey(descriptor), memory: kept }));
  });
}
