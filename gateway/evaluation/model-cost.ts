/**
 * What each model costs where it runs: the size of its file, and how long its windows take in the model host, one after the other on one thread. The
 * windows are its golden ones, so a model that is added is measured without a word about it here.
 */

import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Models } from "../inference/load-models.ts";
import { type ModelsOptions, startModels } from "../inference/load-models.ts";
import { percentileOrNull } from "./bootstrap.ts";
import { goldenWindows } from "./golden-windows.ts";

interface ModelCost {
  readonly version: string;
  readonly sha256: string;
  readonly precision: string;
  /** Of the file that runs. */
  readonly bytes: number;
  /** Learnt numbers in it. */
  readonly params: number;
  /** Of one `run()` in the model host, µs. */
  readonly us_p50: number;
  readonly us_p99: number;
  /** Of what is made of the samples before and of the outputs behind it, in the gateway, µs. */
  readonly prepare_us_p50: number;
  /** Of one wearer whose heart beats 72 times a minute. */
  readonly windows_per_hour: number;
  /** CPU of one wearer's windows in an hour: making them, `run()`, and reading its answer. */
  readonly cpu_ms_per_hour: number;
}

interface CostReport {
  readonly models: Readonly<Record<string, ModelCost>>;
  /** Figures beyond what a model of the house may cost. */
  readonly above: readonly { readonly model: string; readonly metric: string; readonly value: number; readonly atMost: number }[];
  readonly runs: { readonly warmUp: number; readonly timed: number };
}

interface CostOptions extends Pick<ModelsOptions, "registry" | "instead"> {
  readonly runs?: CostReport["runs"];
  readonly limits?: typeof costLimits;
  readonly onProgress?: (done: number, of: number, model: string) => void;
}

/** models.md §1.17. */
const protocol = { warmUp: 200, timed: 2000 };
/** What a model of the house may cost. */
export const costLimits: { readonly bytes: number; readonly us_p99: number } = { bytes: 200_000, us_p99: 2000 };
const beatsPerHour = 72 * 60;

/** Throws `eval.model_refused` where a model cannot be run, `use.model` for a package in the place of none. */
export async function measureCost({ runs = protocol, limits = costLimits, onProgress, ...options }: CostOptions): Promise<CostReport> {
  const { instead = {}, registry = modelRegistry } = options;
  const unknown = Object.keys(instead).find((id) => !(id in registry));
  if (unknown !== undefined) throw new GatewayError("use.model", "operator", `No model of the house is called "${unknown}".`);
  const models = await startModels({ clock: systemClock(), timeouts: false, ...options });
  try {
    const costs: [string, ModelCost][] = [];
    for (const [at, { id, version, sha256, precision, reason }] of models.host.models().entries()) {
      const spec = models.specs.find((each) => each.id === id);
      const size = models.sizes[id];
      if (spec === undefined || size === undefined || reason !== undefined)
        throw new GatewayError("eval.model_refused", "operator", `Nothing was measured: ${reason ?? `model ${id} is refused`}`);
      onProgress?.(at, models.specs.length, id);
      const windows = windowsPerHour(spec, models.specs);
      const { runUs, prepareUs } = await timed(models, spec, runs);
      costs.push([
        id,
        {
          ...{ version, sha256, precision, bytes: size.bytes, params: size.parameters },
          ...{ us_p50: wholePercentile(runUs, 0.5), us_p99: wholePercentile(runUs, 0.99), prepare_us_p50: wholePercentile(prepareUs, 0.5) },
          windows_per_hour: Math.round(windows),
          cpu_ms_per_hour: Math.round(((mean(runUs) + mean(prepareUs)) * windows) / 1000),
        },
      ]);
    }
    return { models: Object.fromEntries(costs), above: costs.flatMap(([model, cost]) => aboveLimits(model, cost, limits)), runs };
  } finally {
    await models.host.close();
  }
}

/** Microseconds of each of the timed windows. */
async function timed({ host }: Models, spec: ModelSpec, runs: CostReport["runs"]): Promise<{ runUs: number[]; prepareUs: number[] }> {
  const golden = goldenWindows(spec);
  const [runUs, prepareUs]: [number[], number[]] = [[], []];
  let memory = spec.initialMemory();
  for (let at = 0; at < runs.warmUp + runs.timed; at++) {
    const window = golden[at % golden.length];
    if (window === undefined) throw new GatewayError("eval.no_golden", "bug", `Model ${spec.id} has no golden window.`);
    if (window.memory === "fresh") memory = spec.initialMemory();
    // A copy each time: what is kept of samples that were seen before is no part of a window's price.
    const context = structuredClone(window.context);
    const fromMs = performance.now();
    const tensors = spec.features(context, memory, window.run);
    const madeMs = performance.now();
    // One at a time, so that what the child was busy for is this window's.
    const busyBeforeMs = host.figures().busyMs;
    const outcome = await new Promise<Parameters<Parameters<typeof host.submit>[2]>[0]>((settled) =>
      host.submit(spec.id, tensors, settled),
    );
    const tookUs = (host.figures().busyMs - busyBeforeMs) * 1000;
    if (outcome.kind !== "outputs")
      throw new GatewayError("eval.model_refused", "operator", `Model ${spec.id} gave no answer: ${outcome.reason}.`);
    const answeredMs = performance.now();
    spec.read(outcome.outputs, { pass: window.run ?? "final", about: [{ device: "d", stream: "s" }], timeUs: 0, knownUs: 0 });
    if (at < runs.warmUp) continue;
    runUs.push(tookUs);
    prepareUs.push((madeMs - fromMs + performance.now() - answeredMs) * 1000);
  }
  return { runUs, prepareUs };
}

function windowsPerHour({ trigger }: ModelSpec, specs: readonly ModelSpec[]): number {
  switch (trigger.kind) {
    case "beat":
      return beatsPerHour * trigger.runs.length;
    case "hop":
    case "aligned":
      return 3600 / trigger.hopS;
    case "after": {
      const other = specs.find(({ id }) => id === trigger.model);
      return other === undefined ? 0 : windowsPerHour(other, specs);
    }
  }
}

function aboveLimits(model: string, cost: ModelCost, limits: typeof costLimits): CostReport["above"] {
  return (["bytes", "us_p99"] as const).flatMap((metric) =>
    cost[metric] > limits[metric] ? [{ model, metric, value: cost[metric], atMost: limits[metric] }] : [],
  );
}

function wholePercentile(values: readonly number[], share: number): number {
  return Math.round(percentileOrNull(values, share) ?? Number.NaN);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
