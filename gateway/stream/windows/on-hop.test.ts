import { expect, test } from "vitest";
import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { Contexts, ModelSpec } from "../../../models/model-spec.ts";
import { createHopWindows } from "./on-hop.ts";

const spec = {
  ...{ id: "toy", title: "Toy", folder: new URL("file:///toy/"), labels: [], warmupS: 0, resultTimeoutMs: 1000 },
  input: { kind: "ppg", unit: "any" },
  beside: { kind: "acc", unit: "g" },
  trigger: { kind: "hop", hopS: 1, windowS: 2 },
  initialMemory: () => undefined,
  features: () => ({}),
  read: () => ({ kind: "unknown", reason: "unsure" }),
} as unknown as ModelSpec;

function shown(channels: readonly Pick<Channel, "kind" | "unit">[]): Contexts["hop"][] {
  const seen: Contexts["hop"][] = [];
  const tensors = (context: unknown) => {
    seen.push(context as Contexts["hop"]);
    return {};
  };
  const descriptor: StreamDescriptor = {
    ...{ device: "band", stream: "all", rateHz: 4, sentinels: [], contact: "none" },
    channels: channels.map((each, i) => ({ ...each, id: `c${i}`, scale: 1, offset: 0 })),
  };
  const stage = createHopWindows(descriptor, [{ spec, isFollowed: false, tensors } as never]);
  const values = channels.map((_, i) => Float32Array.from({ length: 8 }, (_value, at) => 10 * i + at));
  stage.push({ kind: "samples", bootId: "b", firstIndex: 0, count: 8, startUs: 0, arrivalUs: 0, channels: values } as never);
  return seen;
}

test("a model that names channels beside its input is shown both over the same seconds, each in its unit", () => {
  const [context] = shown([
    { kind: "acc", unit: "mg" },
    { kind: "ppg", unit: "counts" },
  ]);
  expect(Array.from(context?.channels[0] ?? [])).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
  expect(context?.channels).toHaveLength(1);
  expect(context?.beside).toHaveLength(1);
  expect(Array.from(context?.beside?.[0] ?? [])[7]).toBeCloseTo(0.007, 6);
});

test("a stream without them is shown as it is, and channels beside nothing make no window", () => {
  expect(shown([{ kind: "ppg", unit: "counts" }])[0]).not.toHaveProperty("beside");
  expect(shown([{ kind: "acc", unit: "g" }])).toEqual([]);
});
