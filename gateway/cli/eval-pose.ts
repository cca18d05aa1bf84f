/** `npm run eval -- pose`: a body from six sensors, some of them silent, on motion recordings. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { evaluatePose } from "../evaluation/evaluate-pose.ts";
import { progressBar } from "./progress.ts";

export const poseTitle = "a body from six sensors, and completed where some are silent; model motion-complete; BVH of DIR/motion/cmu-mocap";

interface PoseArguments {
  readonly data: readonly string[];
  readonly records?: string;
  readonly model?: string;
  readonly json: boolean;
}

/** Without recordings its metrics are null and a message says so. */
export async function evaluatePoses({ data, records, model, json }: PoseArguments): Promise<void> {
  if (data.length === 0)
    throw new GatewayError("use.data", "operator", "--data wants a folder of motion recordings (NAME.bvh or NAME.bvh.gz).");
  const bar = progressBar("eval pose");
  const measured = evaluatePose({
    data,
    ...(records === undefined ? {} : { only: new Set(records.split(",").map((record) => record.trim())) }),
    ...(model === undefined ? {} : { modelDir: model }),
    onProgress: (done, of, id) => bar.update(of === 0 ? 1 : done / of, id),
  });
  const answer = await measured.finally(bar.end);
  process.stdout.write(`${json ? JSON.stringify(answer) : people(answer)}\n`);
}

function people({ records, metrics, baselines, below, skipped, seconds }: Awaited<ReturnType<typeof evaluatePose>>): string {
  const rows = (title: string, figures: Readonly<Record<string, number | null>>) =>
    `${title}: ${Object.entries(figures)
      .map(([key, value]) => `${key} ${value === null ? "–" : Math.round(value * 100) / 100}`)
      .join("  ")}`;
  const missed = below.map(({ metric, atLeast, atMost }) => `misses its floor: ${metric}, wanted ${atLeast ?? `at most ${atMost}`}`);
  const none = records === 0 ? ["No motion recording (NAME.bvh or NAME.bvh.gz) stands in the folders given."] : [];
  return [
    `pose: ${records} recordings, ${seconds} s`,
    ...skipped.map(({ record, reason }) => `skipped ${record}: ${reason}`),
    ...[rows("all", metrics), rows("beside it", baselines), ...missed, ...none],
  ].join("\n");
}
