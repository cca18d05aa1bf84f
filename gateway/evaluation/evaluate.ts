/** One evaluation: which records stand there, which the model has not seen, the replay, the score. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { startModels } from "../inference/load-models.ts";
import { readRecord } from "../recordings/wfdb.ts";
import type { ReplayModels } from "../replay/run-recording.ts";
import { type DataRecord, paced, recordsOf } from "./data-folder.ts";
import { atExercise, exerciseNote } from "./exercise-stress.ts";
import { addNoise } from "./noise-stress.ts";
import { withPulse } from "./pulse-reference.ts";
import { classesOf } from "./recording-classes.ts";
import { replaySet } from "./replay-set.ts";
import type { Protocol, Task, TaskOptions, TaskResult } from "./task.ts";

interface EvaluationOptions extends TaskOptions {
  readonly data: readonly string[];
  readonly only?: ReadonlySet<string>;
  readonly modelDir?: string;
  /** One of the task's own. */
  readonly protocol?: string;
  readonly noise?: { readonly kind: string; readonly snrDb: number };
  /** How many times as fast hearts beat at the top of each turn. */
  readonly exercise?: number;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

/** The clean records of the noise stress protocol (models.md §1.9). */
const stressed: ReadonlySet<string> = new Set(["118", "119"]);

/** The whole answer of contracts.md; metrics are null where there is nothing to divide by, and a missing set is no failure. */
export async function evaluateTask(task: Task, options: EvaluationOptions): Promise<Record<string, unknown>> {
  const startedMs = performance.now();
  const protocol = protocolOf(task, options.protocol);
  const only = options.only ?? (options.noise === undefined ? undefined : stressed);
  const { found, classes } = await referenced(task, options.data, only);
  const leftOut = [...(options.only ?? [])]
    .filter((record) => !found.some(({ name: known }) => known === record))
    .map((record) => ({
      record,
      reason:
        task.leavesOutPaced && paced.has(record) ? "paced records are left out" : `no annotated record of ${task.set} in the folders given`,
    }));
  const instead = options.modelDir === undefined ? {} : { [task.model]: await packageAt(options.modelDir) };
  const models = await startModels({ clock: virtualClock(), timeouts: false, instead });
  if (!models.host.models().some(({ id }) => id === task.model)) {
    await models.host.close();
    throw new GatewayError("eval.no_model", "bug", `Task ${task.name} scores model ${task.model}, which is not in the list of models.`);
  }
  const refused = models.host.models().find(({ state }) => state === "refused");
  if (refused !== undefined) {
    await models.host.close();
    throw new GatewayError("eval.model_refused", "operator", `Nothing was scored: ${refused.reason ?? `model ${refused.id} is refused`}`);
  }
  try {
    const learnt = new Set(models.trainedOn[task.model] ?? []);
    const unseen = found.filter(({ id }) => !learnt.has(id));
    // Rule 0.2: figures are of records that the model has not seen; records named by hand are scored whatever that list says.
    const chosen = !task.usesModel || only !== undefined || unseen.length === 0 ? found : unseen;
    const noise = options.noise === undefined ? undefined : await noiseRecord(options.data, options.noise.kind);
    const own = await protocol?.(found, { host: models.host, model: task.model, onProgress: options.onProgress });
    const set = await replaySet(own === undefined ? chosen : [], {
      ...{ models, derived: task.derived },
      ...(task.goesToTwin === true ? { semantic: options.mode ?? "semantic" } : {}),
      onProgress: options.onProgress,
      ...(classes === undefined ? {} : { classes }),
      ...(noise === undefined || options.noise === undefined
        ? {}
        : {
            prepare: (record, reference) => ({
              record: addNoise(record, reference, { noise, snrDb: options.noise?.snrDb ?? 0 }),
              reference,
            }),
          }),
      ...(options.exercise === undefined ? {} : { prepare: (record, reference) => atExercise(record, reference, options.exercise ?? 1) }),
    });
    const info = models.host.models().find(({ id }) => id === task.model);
    const result = own?.result ?? task.score(set.scored, options);
    const skipped = [...leftOut, ...(own?.skipped ?? set.skipped)];
    const data = own?.data ?? set.scored.map(({ record }) => record.id);
    return {
      ...saidOf(task),
      ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
      data,
      records: data.length,
      records_seen: task.usesModel ? found.length - unseen.length : 0,
      ...(task.usesModel && chosen.length > 0 && unseen.length === 0 ? { seen_only: true } : {}),
      ...(skipped.length === 0 ? {} : { skipped }),
      ...(options.noise === undefined
        ? {}
        : { noise: { ...options.noise, note: "5 min clean, then 2 min noisy and 2 min clean in turn; 30 s of noise, rewound" } }),
      ...(options.exercise === undefined ? {} : { exercise: { most: options.exercise, note: exerciseNote } }),
      model: modelOf(info, task),
      metrics: result.metrics,
      baselines: result.baselines ?? {},
      ci95: result.ci95,
      mean: result.mean ?? {},
      parts: result.parts ?? {},
      // Floors of what goes to the twin are of waveform.
      below:
        own !== undefined || (task.goesToTwin === true && options.mode !== undefined && options.mode !== "semantic")
          ? []
          : belowFloors(task, result),
      per_record: result.records,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    };
  } finally {
    await models.host.close();
  }
}

/** The records that have what the task compares them with, and their classes where that is it. */
async function referenced(task: Task, data: readonly string[], only: ReadonlySet<string> | undefined) {
  const all = await recordsOf(data, task.set, only);
  const there = task.derived === true ? await withPulse(all) : all;
  const classes = task.reference === "class" ? await classesOf(there) : undefined;
  const found = there.filter(
    ({ files, id, name: record }) =>
      (task.derived === true || (classes?.has(id) ?? files.has("atr"))) && !(task.leavesOutPaced && paced.has(record)),
  );
  return { found, classes };
}

function protocolOf({ name, protocols }: Task, wanted: string | undefined): Protocol | undefined {
  if (wanted === undefined) return undefined;
  const found = protocols?.[wanted];
  if (found === undefined) throw new GatewayError("use.protocol", "operator", `Task ${name} has no protocol "${wanted}".`);
  return found;
}

function modelOf(info: ReturnType<ReplayModels["host"]["models"]>[number] | undefined, { model }: Task) {
  const { id = model, version = null, sha256 = null, precision = null } = info ?? {};
  return { id, version, sha256, precision };
}

/** Floors that a figure lies below; a figure that nothing was there for is none. */
export function belowFloors(
  { floors }: Pick<Task, "floors">,
  { metrics, parts }: Pick<TaskResult, "metrics" | "parts">,
): readonly object[] {
  return floors.flatMap((floor) => {
    const { part, metric } = floor;
    const value = (part === undefined ? metrics : parts?.[part])?.[metric] ?? null;
    const isMet = value === null || ("atLeast" in floor ? value >= floor.atLeast : value <= floor.atMost);
    return isMet ? [] : [{ ...floor, value }];
  });
}

/** A package given by hand is trusted by the one who gives it; its own hashes still have to fit. */
export async function packageAt(dir: string) {
  const manifest = await readFile(join(dir, "manifest.json")).catch((cause) => {
    throw new GatewayError("use.model", "operator", `--model ${dir}: no manifest.json there.`, { cause });
  });
  const manifestSha256 = createHash("sha256").update(manifest).digest("hex");
  const { id } = JSON.parse(manifest.toString()) as { readonly id: string };
  return { id, folder: pathToFileURL(`${resolve(dir)}/`), manifestSha256 };
}

async function noiseRecord(data: readonly string[], kind: string) {
  const records: DataRecord[] = await recordsOf(data, "ecg/nstdb-partial");
  const wanted = records.find(({ name }) => name === `${kind}60`);
  if (wanted === undefined)
    throw new GatewayError("use.noise", "operator", `--noise ${kind}: there is no ecg/nstdb-partial/${kind}60 in the data folders.`);
  return readRecord(wanted.path);
}

function saidOf({ name, derived }: Task) {
  return derived === true
    ? { task: name, reference: "derived: two detectors on lead II that agree; no beat labels exist" }
    : { task: name };
}
