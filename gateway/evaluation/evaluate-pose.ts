/** One evaluation of `motion-complete`: which recordings stand there, what the gateway makes of sensors on them, the score. */

import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { startModels } from "../inference/load-models.ts";
import { belowFloors, packageAt } from "./evaluate.ts";
import { motionRecordings } from "./pose-clips.ts";
import { poseReport, scoreClips } from "./score-pose-clips.ts";
import { scoreSteps } from "./score-steps.ts";

const model = "motion-complete";
const floors = [
  { metric: "lost1_2s_under_hold_pct", atLeast: 30 },
  { metric: "lost1_2s_under_slerp_pct", atLeast: 30 },
  { metric: "lost1_2s_over_none_pct", atMost: 20 },
  { metric: "lost2_2s_under_hold_pct", atLeast: 0 },
  { metric: "lost1_all_under_hold_pct", atLeast: 0 },
] as const;

interface PoseOptions {
  readonly data: readonly string[];
  readonly only?: ReadonlySet<string>;
  readonly modelDir?: string;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

/** Recordings that the model has learnt from are left out (rule 0.2), unless they are named or there are no others. Throws `eval.model_refused`. */
export async function evaluatePose({ data, only, modelDir, onProgress }: PoseOptions) {
  const startedMs = performance.now();
  const found = await motionRecordings(data, only);
  const given = modelDir === undefined ? undefined : await packageAt(modelDir);
  const models = await startModels({
    clock: virtualClock(),
    timeouts: false,
    ...(given === undefined ? {} : { instead: { [given.id]: given } }),
  });
  try {
    const info = models.host.models().find(({ id }) => id === model);
    const spec = models.specs.find(({ id }) => id === model);
    if (info === undefined || spec === undefined || info.state === "refused")
      throw new GatewayError("eval.model_refused", "operator", `Nothing was scored: ${info?.reason ?? `model ${model} is refused`}`);
    const learnt = new Set(models.trainedOn[model] ?? []);
    const unseen = found.filter(({ id }) => !learnt.has(id));
    const chosen = only !== undefined || unseen.length === 0 ? found : unseen;
    const { scored, skipped } = await scoreClips(chosen, { spec, host: models.host }, onProgress);
    const { metrics, baselines, ci95, segments, records } = poseReport(scored);
    const { version, sha256, precision } = info;
    const steps = await scoreSteps(chosen, () => {});
    return {
      task: "pose",
      data: scored.map(({ recording }) => recording.id),
      ...{ records: scored.length, records_seen: found.length - unseen.length },
      ...(chosen.length > 0 && unseen.length === 0 ? { seen_only: true } : {}),
      ...{ skipped, model: { id: model, version, sha256, precision }, metrics, baselines, ci95, steps: steps.metrics },
      below: belowFloors({ floors }, { metrics }) as readonly { metric: string; atLeast?: number; atMost?: number; value: number }[],
      segments_deg: segments,
      per_record: records,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    };
  } finally {
    await models.host.close();
  }
}
