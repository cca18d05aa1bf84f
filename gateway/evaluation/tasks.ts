/** The evaluation tasks: one line each. Adding one is its file and its line. */

import type { Task } from "./task.ts";
import { anomalyTask } from "./task-anomaly.ts";
import { beatsTask } from "./task-beats.ts";
import { codecTask } from "./task-codec.ts";
import { ppgTask } from "./task-ppg.ts";
import { qrsTask } from "./task-qrs.ts";
import { qualityTask } from "./task-quality.ts";
import { runsTask } from "./task-runs.ts";

export const tasks: readonly Task[] = [qrsTask, beatsTask, runsTask, anomalyTask, codecTask, ppgTask, qualityTask];
