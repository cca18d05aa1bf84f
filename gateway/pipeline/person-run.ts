/** One person on the way through the pipeline: its parts, and where it stands in the record. Data only. */

import type { Snapshot, Watermark } from "../store/store-port.ts";
import type { createDecider, Decided } from "./decide.ts";
import type { AxisStamps } from "./new-axis.ts";
import type { PersonRiver } from "./person.ts";
import type { PersonDrivers } from "./person-drivers.ts";
import type { Known } from "./recovery.ts";

export interface PersonRun {
  readonly id: string;
  readonly drivers: PersonDrivers;
  river: PersonRiver;
  decider: ReturnType<typeof createDecider>;
  /** What the store has from the last run; nothing of this run falls under it. */
  decided: Watermark;
  known: Known | undefined;
  stamps: AxisStamps | undefined;
  /** The axis has moved: the grid waits for the first chunk with a stamp of the new one, as a restart will see it. */
  isAxisMoved: boolean;
  /** The newest journal record that was taken in, and when it came. */
  position: number;
  takenUs: number;
  /** Records taken in that came after the newest item was let go; a mark names the newest that came before. */
  readonly taken: { readonly position: number; readonly timeUs: number }[];
  markPosition: number;
  snapshotAtUs: number;
  snapshot: Snapshot | undefined;
  pending: Decided[];
  /** Stamps of the chunks whose commit is not answered yet: the grid waits for them, so that a restart orders everything as this run does. */
  readonly underway: number[];
  /** The journal refused a chunk that was decided all the same: only a snapshot makes this state readable again. */
  hasUnread: boolean;
  /** Of which channels it refused the newest chunk, each as device/channel. */
  readonly refused: Set<string>;
}
