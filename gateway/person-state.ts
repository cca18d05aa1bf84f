/** What a snapshot keeps of one person's river. Plain data that a structured clone carries. */

import type { StreamDescriptor } from "../device-drivers/contract/sample-block.ts";
import type { Anchor } from "./stream/anchor.ts";
import type { ContinuityState } from "./stream/continuity.ts";
import type { OrderState } from "./stream/order.ts";
import type { PastState } from "./stream/past.ts";
import type { PlacingState } from "./stream/placing.ts";
import type { ReorderState } from "./stream/reorder.ts";
import type { StreamItem } from "./stream/stream-item.ts";

export interface PersonState {
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
  readonly order: OrderState<StreamItem>;
  /** What devices brought late and is not all judged; absent in snapshots of earlier versions. */
  readonly pasts?: readonly (PastState & { readonly rules: unknown })[];
  readonly rules: unknown;
}
