/** `npm run eval -- TASK --data DIR`: the production pipeline on recordings, scored. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { evaluateTask } from "../evaluation/evaluate.ts";
import { evaluateSignalCodec } from "../evaluation/evaluate-signal-codec.ts";
import { tasks } from "../evaluation/tasks.ts";
import { isStreamMode, streamModes } from "../semantic/mode.ts";
import { costTitle, evaluateCost } from "./eval-cost.ts";
import { evaluatePoses, poseTitle } from "./eval-pose.ts";
import { evaluatePrivacies, privacyTitle } from "./eval-privacy.ts";
import { evaluateCountedSteps, stepsTitle } from "./eval-steps.ts";
import { progressBar } from "./progress.ts";

interface EvalArguments {
  readonly data: readonly string[];
  readonly records?: string;
  readonly model?: string;
  readonly noise?: string;
  readonly snr?: number;
  readonly exercise?: number;
  readonly classMap: string;
  readonly mode: string;
  readonly signal: string;
  readonly protocol?: string;
  readonly json: boolean;
}

/** Without a name it lists the tasks. Throws `use.*` for arguments that make no sense. Missing data is no failure: metrics are null and a message says so. */
export async function evaluate(name: string | undefined, options: EvalArguments): Promise<void> {
  if (name === undefined) {
    const listed = tasks.map(({ name, title, set, model, floors }) => ({ task: name, title, data: set, model, floors }));
    const lines = listed.map(({ task, title, data, model }) => `${task.padEnd(8)} ${title}; model ${model}; records of DIR/${data}`);
    const others = [
      { task: "cost", title: costTitle },
      { task: "pose", title: poseTitle },
      { task: "steps", title: stepsTitle },
      { task: "privacy", title: privacyTitle },
    ];
    const more = others.map(({ task, title }) => `${task.padEnd(8)} ${title}`);
    process.stdout.write(options.json ? `${JSON.stringify([...listed, ...others])}\n` : `${[...lines, ...more].join("\n")}\n`);
    return;
  }
  if (name === "cost") return evaluateCost(options);
  if (name === "pose") return evaluatePoses(options);
  if (name === "steps") return evaluateCountedSteps(options);
  if (name === "privacy") return evaluatePrivacies(options);
  const task = tasks.find((each) => each.name === name);
  if (task === undefined)
    throw new GatewayError(
      "use.task",
      "operator",
      `There is no task "${name}"; there are ${[...tasks.map((each) => each.name), "cost", "pose", "steps", "privacy"].join(", ")}.`,
    );
  if (options.classMap !== "aami" && options.classMap !== "bxb")
    throw new GatewayError("use.class_map", "operator", `--class-map wants aami or bxb.`);
  const mode = options.mode === "lossless" ? "raw" : options.mode;
  if (!isStreamMode(mode)) throw new GatewayError("use.semantic", "operator", `--mode wants ${streamModes.join(", ")} or lossless.`);
  const { signal } = options;
  if (signal !== "ecg" && signal !== "ppg" && signal !== "imu")
    throw new GatewayError("use.signal", "operator", "--signal wants ecg, ppg or imu.");
  if (signal !== "ecg" && (name !== "codec" || mode !== "semantic"))
    throw new GatewayError("use.signal", "operator", `--signal ${signal} is of task codec in mode semantic alone.`);
  if (options.data.length === 0)
    throw new GatewayError("use.data", "operator", "--data wants a folder of annotated WFDB records (NAME.hea, NAME.dat, NAME.atr).");
  if ((options.noise === undefined) !== (options.snr === undefined))
    throw new GatewayError("use.noise", "operator", "--noise and --snr go together.");
  if (options.snr !== undefined && !Number.isFinite(options.snr))
    throw new GatewayError("use.noise", "operator", "--snr wants a number of dB.");
  if (options.exercise !== undefined && !(options.exercise >= 1 && options.exercise <= 3 && options.noise === undefined))
    throw new GatewayError("use.exercise", "operator", "--exercise wants a factor from 1 to 3, and no --noise beside it.");
  const bar = progressBar(`eval ${name}`);
  const onProgress = (done: number, of: number, record: string) => bar.update(of === 0 ? 1 : done / of, record);
  const only = options.records === undefined ? {} : { only: new Set(options.records.split(",").map((record) => record.trim())) };
  const evaluation =
    signal !== "ecg"
      ? evaluateSignalCodec({ signal, data: options.data, ...only, onProgress })
      : evaluateTask(task, {
          data: options.data,
          classMap: options.classMap,
          mode,
          ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
          ...only,
          ...(options.model === undefined ? {} : { modelDir: options.model }),
          ...(options.noise === undefined || options.snr === undefined ? {} : { noise: { kind: options.noise, snrDb: options.snr } }),
          ...(options.exercise === undefined ? {} : { exercise: options.exercise }),
          onProgress,
        });
  const answer = await evaluation.finally(bar.end);
  if (options.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else process.stdout.write(`${people(name, answer)}\n`);
}

function people(name: string, answer: Record<string, unknown>): string {
  const rows = (title: string, figures: unknown) =>
    `${title}: ${Object.entries((figures ?? {}) as Record<string, number | null>)
      .map(([key, value]) => `${key} ${value === null ? "–" : Math.round(value * 1000) / 1000}`)
      .join("  ")}`;
  const parts = Object.entries((answer.parts ?? {}) as Record<string, unknown>).map(([part, figures]) => rows(part, figures));
  const others = Object.keys(answer.baselines ?? {}).length === 0 ? [] : [rows("beside it", answer.baselines)];
  const none =
    answer.records === 0
      ? ["No annotated record (NAME.hea with its samples, and NAME.atr or a line of REFERENCE.csv) stands in the folders given."]
      : [];
  const skipped = ((answer.skipped ?? []) as { record: string; reason: string }[]).map(
    ({ record, reason }) => `skipped ${record}: ${reason}`,
  );
  const seen = answer.seen_only === true ? ["The model has learnt from all of these records."] : [];
  const below = ((answer.below ?? []) as { part?: string; metric: string; atLeast?: number; atMost?: number }[]).map(
    ({ part = "all", metric, atLeast, atMost }) => `misses its floor: ${part} ${metric}, wanted ${atLeast ?? `at most ${atMost}`}`,
  );
  const scored = `${name}: ${answer.records} records, ${answer.seconds} s`;
  return [scored, ...named(answer), ...skipped, ...seen, rows("all", answer.metrics), ...parts, ...others, ...below, ...none].join("\n");
}

function named({ data }: Record<string, unknown>): string[] {
  const names = data as readonly string[];
  return names.length === 0 ? [] : [`scored: ${names.join(" ")}`];
}
