import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { belowFloors, evaluateTask } from "./evaluate.ts";
import type { Task } from "./task.ts";

const recordings = dirname(fileURLToPath(new URL("../recordings/testdata", import.meta.url)));
const toy: Task = {
  ...{ name: "toy", title: "how many beats", set: "testdata", model: "ecg-beat", usesModel: true, leavesOutPaced: false },
  floors: [{ metric: "beats", atLeast: 1e6 }],
  score: (scored) => ({ metrics: { beats: scored.flatMap(({ replayed }) => replayed.annotations).length }, ci95: {}, records: [] }),
};
const options = { data: [recordings], classMap: "aami", onProgress: () => {} } as const;

test("a task that is one more entry is run on its own data, names its model, and says which floor was missed", async () => {
  const answer = await evaluateTask(toy, options);
  expect(answer).toMatchObject({ task: "toy", records: 1, data: ["testdata/205-excerpt"], model: { id: "ecg-beat" } });
  const { beats } = answer.metrics as { beats: number };
  expect(beats).toBeGreaterThan(10);
  expect(answer.below).toEqual([{ metric: "beats", value: beats, atLeast: 1e6 }]);
});

test("a task of a model that is not there is refused before anything is scored", async () => {
  await expect(evaluateTask({ ...toy, model: "none-such" }, options)).rejects.toMatchObject({ code: "eval.no_model" });
});

test("a floor of a part looks at that part, and a figure without data is below no floor", () => {
  const floors = [{ part: "ds2", metric: "v_f1", atLeast: 0.9 }];
  expect(belowFloors({ floors }, { metrics: { v_f1: 0.99 }, parts: { ds2: { v_f1: 0.89 } } })).toHaveLength(1);
  expect(belowFloors({ floors }, { metrics: { v_f1: 0.1 }, parts: { ds2: { v_f1: 0.9 } } })).toEqual([]);
  expect(belowFloors({ floors }, { metrics: { v_f1: 0.1 }, parts: { ds2: { v_f1: null } } })).toEqual([]);
});

test("of what ought to be small, a figure above it is named", () => {
  const floors = [{ metric: "alerts_per_day", atMost: 1 }];
  expect(belowFloors({ floors }, { metrics: { alerts_per_day: 1.5 } })).toEqual([{ metric: "alerts_per_day", atMost: 1, value: 1.5 }]);
  expect(belowFloors({ floors }, { metrics: { alerts_per_day: 1 } })).toEqual([]);
});
