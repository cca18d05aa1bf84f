/** How the time of one stream stands: what its maker states against what arrives, and what could not be used. For figures and pages; nothing decides by it. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { Continuity } from "./continuity.ts";

export interface StreamTiming {
  readonly device: string;
  readonly stream: string;
  /** As the descriptor says, as it is judged by, and as counted of late (absent until it has been counted for 10 s). */
  readonly nominalHz: number;
  readonly usedHz: number;
  readonly measuredHz?: number;
  /** From the end of the newest block that has its place to its arrival. */
  readonly lagS?: number;
  /** The device's clock, numbers or rate have contradicted what arrived until lately. */
  readonly isUncertain: boolean;
  /** Blocks whose clock or sample numbers were replaced. */
  readonly clockFaults: number;
  readonly indexFaults: number;
  /** Samples that are in the journal and were not analysed: their place had been given up ("late"), or a newer boot had begun ("history"). */
  readonly dropped: { readonly late: number; readonly history: number };
}

/** `late` of the order stage, `nowUs` on the axis; `descriptor` is the one that the stream is judged by. */
export function timingOf(
  { device, stream, rateHz: usedHz }: StreamDescriptor,
  { figures, measuredHz, nominalHz, uncertainUntilUs }: Continuity,
  { lagUs, late, nowUs }: { readonly lagUs: number | undefined; readonly late: number; readonly nowUs: number },
): StreamTiming {
  return {
    ...{ device, stream, usedHz, nominalHz: nominalHz ?? usedHz },
    ...(measuredHz === undefined ? {} : { measuredHz: Math.round(measuredHz * 100) / 100 }),
    ...(lagUs === undefined ? {} : { lagS: Math.round(lagUs / 1000) / 1000 }),
    isUncertain: nowUs < uncertainUntilUs || (nominalHz !== undefined && nominalHz !== usedHz),
    clockFaults: figures.clockFaults,
    indexFaults: figures.indexFaults,
    dropped: { late, history: figures.historySamples },
  };
}
