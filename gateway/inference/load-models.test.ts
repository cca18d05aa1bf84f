import { afterEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { modelRegistry, type RegisteredModel } from "../../models/index.ts";
import type { ModelSpec, Trigger } from "../../models/model-spec.ts";
import { type Models, startModels } from "./load-models.ts";

const beat = modelRegistry["ecg-beat"] as RegisteredModel;
const of = (id: string, more: Partial<ModelSpec>): RegisteredModel => ({
  ...beat,
  load: async () => ({ ...(await beat.load()), id, ...more }),
});

const aligned = (more: object) =>
  ({ kind: "aligned", hopS: 1, windowS: 2, rateHz: 25, placements: ["chest", "back"], channels: 3, least: 1, ...more }) as Trigger;

let models: Models | undefined;
afterEach(() => models?.host.close());

test.each<[string, Trigger, string]>([
  ["hop of nothing", { kind: "hop", hopS: 0, windowS: 10 }, "a span of its trigger is not within 60 s"],
  ["hop over an hour", { kind: "hop", hopS: 1, windowS: 3600 }, "a span of its trigger is not within 60 s"],
  ["after nobody", { kind: "after", model: "ecg-rhythm" }, 'there is no model "ecg-rhythm" that it could follow'],
  ["after itself", { kind: "after", model: "rhythm" }, 'there is no model "rhythm" that it could follow'],
  ["aligned without a rate", aligned({ rateHz: 0 }), "its trigger has no rate within 2000 Hz"],
  ["aligned without channels", aligned({ channels: 0 }), "its trigger has no channels"],
  ["aligned over more than there are", aligned({ least: 3 }), "its trigger asks for 3 of 2 placements"],
  ["of another kind", { kind: "hourly" } as unknown as Trigger, 'no window is made for the trigger "hourly"'],
  ["beat without runs", { kind: "beat", beforeS: 1, afterS: 1, runs: [] }, "its trigger has no run"],
  ["beat of NaN", { kind: "beat", beforeS: Number.NaN, afterS: 1, runs: [] }, "a span of its trigger is not within 60 s"],
])(
  "a model that nobody would ask (%s) is refused at the start with the reason, and not counted as ready",
  async (_what, trigger, reason) => {
    const warned: object[] = [];
    const log = { info() {}, warn: (fields: object) => void warned.push(fields) };
    const registry = { "ecg-beat": beat, rhythm: of("rhythm", { trigger }) };
    models = await startModels({ clock: virtualClock(), timeouts: false, registry, log });
    expect(models.specs.map(({ id }) => id)).toEqual(["ecg-beat"]);
    expect(models.host.models().map(({ id, state }) => [id, state])).toEqual([
      ["ecg-beat", "ready"],
      ["rhythm", "refused"],
    ]);
    expect(models.host.models()[1]?.reason).toContain(reason);
    expect(warned).toContainEqual({ code: "model.unclaimed", model: "rhythm" });
  },
);

test("a spec that cannot be loaded, or that calls itself by another name, is refused and harms no other", async () => {
  const broken: RegisteredModel = { ...beat, load: () => Promise.reject(new SyntaxError("an import that fails")) };
  const registry = { broken, misnamed: of("ecg-beat", {}), "ecg-beat": beat };
  models = await startModels({ clock: virtualClock(), timeouts: false, registry });
  expect(models.specs).toHaveLength(1);
  const reasons = models.host.models().map(({ id, state, reason = "" }) => `${id} ${state} ${reason}`);
  expect(reasons).toEqual([
    "ecg-beat ready ",
    expect.stringContaining("broken refused model.unloadable"),
    expect.stringContaining("its spec calls itself ecg-beat"),
  ]);
});
