/** Where a person's chunks show that the axis was put right. Read from the stamps alone, so that a restart finds the same place. */

import type { GatewayStamps } from "../../device-drivers/contract/sample-block.ts";

export type AxisStamps = Pick<GatewayStamps, "timeUs" | "monotonicUs">;

const axisStepUs = 60_000_000;

/** Back by more than any order explains, or away from monotonic time within a run. A new run begins behind the last; that is no new axis. */
export function isNewAxis(last: AxisStamps, { timeUs, monotonicUs }: AxisStamps): boolean {
  const isSameRun = monotonicUs >= last.monotonicUs;
  return last.timeUs - timeUs > axisStepUs || (isSameRun && Math.abs(timeUs - last.timeUs - (monotonicUs - last.monotonicUs)) > axisStepUs);
}
