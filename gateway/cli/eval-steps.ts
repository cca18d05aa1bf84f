/** `npm run eval -- steps`: steps that motion sensors count, on motion recordings. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { evaluateSteps } from "../evaluation/evaluate-steps.ts";
import { progressBar } from "./progress.ts";

export const stepsTitle = "steps that motion sensors count against those that the feet show; no model; BVH of DIR/motion/cmu-mocap";

interface StepsArguments {
  readonly data: readonly string[];
  readonly records?: string;
  readonly json: boolean;
}

/** Without recordings its metrics are null and a message says so. */
export async function evaluateCountedSteps({ data, records, json }: StepsArguments): Promise<void> {
  if (data.length === 0)
    throw new GatewayError("use.data", "operator", "--data wants a folder of motion recordings (NAME.bvh or NAME.bvh.gz).");
  const bar = progressBar("eval steps");
  const measured = evaluateSteps({
    data,
    ...(records === undefined ? {} : { only: new Set(records.split(",").map((record) => record.trim())) }),
    onProgress: (done, of, id) => bar.update(of === 0 ? 1 : done / of, id),
  });
  const answer = await measured.finally(bar.end);
  process.stdout.write(`${json ? JSON.stringify(answer) : people(answer)}\n`);
}

function people({ records, metrics, below, skipped, seconds }: Awaited<ReturnType<typeof evaluateSteps>>): string {
  const figures = Object.entries(metrics).map(([key, value]) => `${key} ${value === null ? "–" : Math.round(value * 100) / 100}`);
  const missed = below.map(({ metric, atMost }) => `misses its floor: ${metric}, wanted at most ${atMost}`);
  const none = records === 0 ? ["No motion recording (NAME.bvh or NAME.bvh.gz) stands in the folders given."] : [];
  return [
    `steps: ${records} recordings, ${seconds} s`,
    ...skipped.map(({ record, reason }) => `skipped ${record}: ${reason}`),
    ...[figures.join("  "), ...missed, ...none],
  ].join("\n");
}
