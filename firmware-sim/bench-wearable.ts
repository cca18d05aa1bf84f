/** The wearable that benches multiply: ECG 250 Hz, PPG 64 Hz and a 6-axis IMU 100 Hz of one synthetic body. */

import { createHash } from "node:crypto";
import type { Clock } from "../device-drivers/contract/clock.ts";
import { ecgSource, imuSource, ppgSource } from "./signal/synthetic-body.ts";
import { startWearable, type Wearable, type WearableLink } from "./wearable.ts";

/** Starts at once; another seed is another body and another boot. `batchMs` is 250 unless told. */
export function createBenchWearable(
  seed: number,
  { clock, link, batchMs = 250 }: { readonly clock: Clock; readonly link: WearableLink; readonly batchMs?: number },
): Wearable {
  const bootId = createHash("sha256").update(`bench ${seed}`).digest("hex").slice(0, 16);
  const sources = [ecgSource({ seed }), ppgSource({ seed }), imuSource({ seed })];
  return startWearable({ sources, link, clock, bootId, batchMs, seed });
}
