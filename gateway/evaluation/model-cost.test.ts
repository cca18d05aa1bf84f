import { expect, test } from "vitest";
import { modelRegistry } from "../../models/index.ts";
import { measureCost } from "./model-cost.ts";

const runs = { warmUp: 1, timed: 5 };

test("every model of the registry is measured in the host, whatever its trigger, and none by its name", async () => {
  const { models, above } = await measureCost({ runs });
  expect(Object.keys(models).sort()).toEqual(Object.keys(modelRegistry).sort());
  for (const [id, cost] of Object.entries(models)) {
    const spec = await modelRegistry[id]?.load();
    const { trigger } = spec ?? {};
    if (trigger?.kind === "beat") expect(cost.windows_per_hour).toBe(4320 * trigger.runs.length);
    if (trigger?.kind === "hop" || trigger?.kind === "aligned") expect(cost.windows_per_hour).toBe(Math.round(3600 / trigger.hopS));
    expect(cost.params).toBeGreaterThan(100);
    expect(cost.bytes).toBeGreaterThan(cost.params);
    expect(cost.us_p50).toBeGreaterThan(0);
    expect(cost.us_p99).toBeGreaterThanOrEqual(cost.us_p50);
    expect(cost.cpu_ms_per_hour).toBeGreaterThan(0);
  }
  expect(above.filter(({ metric }) => metric === "bytes")).toEqual([]);
});

test("what costs more than it may is told with both numbers", async () => {
  const [id = "", registered] = Object.entries(modelRegistry)[0] ?? [];
  if (registered === undefined) throw new Error("there is no model");
  const { models, above } = await measureCost({ runs, registry: { [id]: registered }, limits: { bytes: 1000, us_p99: 1e9 } });
  expect(above).toEqual([{ model: id, metric: "bytes", value: models[id]?.bytes, atMost: 1000 }]);
});
