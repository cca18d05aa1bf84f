/** What a snapshot holds of one person's river, as bytes. */

import { deserialize, serialize } from "node:v8";
import type { AxisStamps } from "./new-axis.ts";
import type { PersonState } from "./person-state.ts";

export interface LaneState {
  /** When the newest chunk in it came; a snapshot of an older Hearth lacks it. */
  readonly takenUs?: number;
  /** Of the newest chunk; absent in snapshots of earlier versions. */
  readonly stamps?: AxisStamps;
  readonly person: PersonState;
  readonly decider: unknown;
  readonly drivers: [string, unknown][];
}

export function toBytes(state: LaneState): Uint8Array {
  return serialize(state);
}

/** Throws where the bytes are none that this version can read. */
export function fromBytes(bytes: Uint8Array): LaneState {
  return deserialize(bytes) as LaneState;
}
