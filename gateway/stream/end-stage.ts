/** The end of a stream: absence is fed, so that what waits for more signal is decided. The absence itself is no fact. */

import type { StreamItem, StreamStage } from "./stream-item.ts";

/** Longer than any beat waits for its last pass. */
const endS = 4;

export function endStage(stage: StreamStage, rateHz: number): StreamItem[] {
  const items = stage.push({ kind: "gap", bootId: "", firstIndex: 0, count: Math.ceil(endS * rateHz), startUs: stage.passedUs });
  return items.filter(({ kind }) => kind !== "gap");
}
