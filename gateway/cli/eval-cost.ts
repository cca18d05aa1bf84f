/** `npm run eval -- cost`: what each model of the registry costs on this machine. */

import { machine } from "../bench/bench-house.ts";
import { packageAt } from "../evaluation/evaluate.ts";
import { costLimits, measureCost } from "../evaluation/model-cost.ts";
import { progressBar } from "./progress.ts";

export const costTitle = "what each model costs where it runs: bytes, µs a window, CPU of one wearer in an hour";

/** With `model` (a package folder) that one stands in the place of the committed one of its id. */
export async function evaluateCost({ model, json }: { readonly model?: string; readonly json: boolean }): Promise<void> {
  const startedMs = performance.now();
  const given = model === undefined ? undefined : await packageAt(model);
  const bar = progressBar("eval cost");
  const measured = measureCost({
    ...(given === undefined ? {} : { instead: { [given.id]: given } }),
    onProgress: (done, of, id) => bar.update(done / of, id),
  });
  const { models, above, runs } = await measured.finally(bar.end);
  const metrics = Object.fromEntries(
    Object.entries(models).map(([id, { version: _v, sha256: _s, precision: _p, ...figures }]) => [id, figures]),
  );
  const which = Object.entries(models).map(([id, { version, sha256, precision }]) => ({ id, version, sha256, precision }));
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const answer = {
    task: "cost",
    data: [],
    records: 0,
    models: which,
    runs,
    limits: costLimits,
    metrics,
    above,
    machine: await machine(),
    seconds,
  };
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else {
    const lines = Object.entries(metrics).map(([id, figures]) => `${id}: ${pairs(figures)}`);
    const beyond = above.map((each) => `more than it may: ${each.model} ${each.metric} ${each.value}, at most ${each.atMost}`);
    process.stdout.write(`${[...lines, ...beyond, `on ${JSON.stringify(answer.machine)}`].join("\n")}\n`);
  }
}

function pairs(figures: object): string {
  return Object.entries(figures)
    .map(([key, value]) => `${key} ${value}`)
    .join("  ");
}
