/** One evaluation of counted steps: which motion recordings stand there, what the gateway counts by sensors on them, the score. No model has a part in it. */

import { belowFloors } from "./evaluate.ts";
import { motionRecordings } from "./pose-clips.ts";
import { scoreSteps } from "./score-steps.ts";

const floors = [{ metric: "error_pct", atMost: 5 }] as const;

interface StepsOptions {
  readonly data: readonly string[];
  readonly only?: ReadonlySet<string>;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

export async function evaluateSteps({ data, only, onProgress }: StepsOptions) {
  const startedMs = performance.now();
  const { clips, skipped, metrics } = await scoreSteps(await motionRecordings(data, only), onProgress);
  return {
    task: "steps",
    data: clips.filter(({ isWalk }) => isWalk).map(({ recording }) => recording.id),
    ...{ records: clips.length, skipped, metrics },
    below: belowFloors({ floors }, { metrics }) as readonly { metric: string; atLeast?: number; atMost?: number; value: number }[],
    per_record: clips.map(({ recording: { id }, isWalk, steps, counted, cadence: [shown, told] }) => ({
      ...{ record: id, walk: isWalk, steps, ...counted },
      ...{ cadence: isWalk ? Math.round(shown * 10) / 10 : null, cadence_told: told ?? null },
    })),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  };
}
