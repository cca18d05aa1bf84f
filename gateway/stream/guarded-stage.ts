/**
 * A stage whose fault stays its own. What it was in the middle of can't be trusted: it begins anew, and the block that it fell over becomes a gap, so that
 * nothing is measured across it and nobody counts it as watched.
 */

import type { Guard } from "../facts/guarded.ts";
import type { Placed } from "./reorder.ts";
import type { StreamItem, StreamStage } from "./stream-item.ts";

interface StageOptions {
  readonly device: string;
  readonly stream: string;
  readonly rateHz: number;
  readonly guard: Guard;
  /** A stage as at its first block without `saved`; throws where it cannot be made of it. */
  readonly open: (saved?: unknown) => StreamStage;
}

const part = "stream/stage";

export function guardedStage({ device, stream, rateHz, guard, open }: StageOptions, saved?: unknown): StreamStage {
  const fresh = () =>
    guard(
      part,
      () => open(),
      () => deafStage,
    );
  let stage = saved === undefined ? fresh() : guard(part, () => open(saved), fresh);
  /** End of the block over which even a fresh stage fell; undefined while it goes on. */
  let failedUs: number | undefined;

  const fail = ({ startUs, count }: Placed): StreamItem[] => {
    stage = fresh();
    return guard(
      part,
      () => stage.push({ kind: "gap", bootId: "", firstIndex: 0, count, startUs }),
      () => {
        failedUs = startUs + Math.round((count * 1e6) / rateHz);
        return [{ kind: "gap", device, stream, fromUs: startUs, timeUs: failedUs }];
      },
    );
  };

  return {
    push: (block) =>
      guard(
        part,
        () => {
          const items = stage.push(block);
          failedUs = undefined;
          return items;
        },
        () => fail(block),
      ),
    get passedUs() {
      return failedUs ?? stage.passedUs;
    },
    state: () =>
      guard(
        part,
        () => stage.state(),
        () => undefined,
      ),
  };
}

/** Stands where no stage can be opened: each block is a fault of its own. */
const deafStage: StreamStage = {
  push() {
    throw new Error("the stage could not be opened");
  },
  passedUs: 0,
  state: () => undefined,
};
