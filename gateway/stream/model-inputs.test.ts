/** What a model has learnt of a person stays with the placement. */

import { expect, it } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { labelled, type ModelSpec } from "../../models/model-spec.ts";
import { createGuard } from "../facts/guarded.ts";
import { createModelInputs, type MemoryState } from "./model-inputs.ts";

/** Counts the windows that it has been shown. */
const counting: ModelSpec<{ windows: number }, "beat"> = {
  ...{ id: "count", title: "Count", folder: new URL("file:///"), labels: ["N"], warmupS: 10, resultTimeoutMs: 1000 },
  input: { kind: "ecg", unit: "mV" },
  trigger: { kind: "beat", beforeS: 0.3, afterS: 0.5, runs: [{ name: "first", afterS: 0.5, afterBeats: 0, waitS: 0 }] },
  initialMemory: () => ({ windows: 0 }),
  features(_context, memory) {
    memory.windows++;
    return { x: { data: Float32Array.of(memory.windows), shape: [1] } };
  },
  read: () => labelled(["N"], "N", [1]),
};
const context = { rateHz: 250, samples: new Float32Array(200), rIndex: 75, rrBeforeS: [], rrAfterS: [] };
const strap = (device: string, placement?: string): StreamDescriptor => ({
  ...{ device, stream: "ecg", rateHz: 250, contact: "measured", sentinels: [] },
  channels: [{ id: "ecg", kind: "ecg", unit: "mV", scale: 1, offset: 0 }],
  ...(placement === undefined ? {} : { placement }),
});

function wearer(saved?: readonly MemoryState[]) {
  const inputs = createModelInputs(
    [counting as ModelSpec],
    createGuard((_part, thrown) => {
      throw thrown;
    }),
    saved,
  );
  /** Opens the stream and shows so many windows; gives the numbers that the model was at. */
  const wear = (descriptor: StreamDescriptor, windows: number) => {
    const [model] = inputs.of(descriptor);
    return Array.from({ length: windows }, () => model?.tensors(context, "first")?.x?.data[0]);
  };
  return { inputs, wear };
}

it("goes on with another strap where the last one was worn, and afresh elsewhere or where no placement is known", () => {
  const { wear } = wearer();
  expect(wear(strap("old", "chest"), 2)).toEqual([1, 2]);
  expect(wear(strap("new", "chest"), 2)).toEqual([3, 4]);
  expect(wear(strap("patch", "back"), 1)).toEqual([1]);
  expect(wear(strap("unplaced"), 1)).toEqual([1]);
  expect(wear(strap("third", "chest"), 1)).toEqual([5]);
});

it("keeps two straps apart that are worn at one placement at a time", () => {
  const { inputs } = wearer();
  const [left] = inputs.of(strap("left", "chest"));
  const [right] = inputs.of(strap("right", "chest"));
  const count = (model: typeof left) => model?.tensors(context, "first")?.x?.data[0];
  expect([count(left), count(left), count(right), count(left), count(right)]).toEqual([1, 2, 1, 3, 2]);
});

it("remembers over a restart which strap learnt last, also of a home that kept no placements", () => {
  const before = wearer();
  before.wear(strap("old", "chest"), 5);
  before.wear(strap("new", "chest"), 1);
  before.wear(strap("old", "chest"), 3);
  const after = wearer(structuredClone(before.inputs.state()));
  expect(after.wear(strap("third", "chest"), 1)).toEqual([9]);

  const older = before.inputs.state().map(({ model, of, memory }) => ({ model, of, memory }));
  const upgraded = wearer(older.filter(({ of }) => of === "old/ecg"));
  upgraded.inputs.of(strap("old", "chest"));
  expect(upgraded.wear(strap("new", "chest"), 1)).toEqual([9]);
});

it("forgets a stream whose signal is another", () => {
  const { inputs, wear } = wearer();
  wear(strap("old", "chest"), 2);
  inputs.forget(strap("old", "chest"));
  expect(wear(strap("old", "chest"), 1)).toEqual([1]);
});
