import { expect, test } from "vitest";
import type { Outcome, Result } from "../../device-drivers/contract/result.ts";
import type { AlertLog } from "./alert-log.ts";
import { createLiveState } from "./live-state.ts";
import type { LiveMessage } from "./view-port.ts";

const result = (outcome: Outcome, id = "of-tomorrow"): Result => ({
  ...{ kind: "result", model: { id, version: "1" }, pass: "final", about: [{ device: "strap", stream: "ecg" }], timeUs: 7, knownUs: 8 },
  outcome,
});

test("every model's answer comes to who asks for results, of long ones the size alone; what nobody asks for is not made", () => {
  const live = createLiveState(0, {} as AlertLog, new Set(["ecg-beat"]));
  const seen: LiveMessage[] = [];
  const plain: LiveMessage[] = [];
  const end = live.live((message) => seen.push(message), { channelKinds: new Set(), results: true });
  live.live((message) => plain.push(message));
  const outcomes: Outcome[] = [
    { kind: "label", label: "N", probability: 1 },
    { kind: "value", value: 14, unit: "/min", interval: [12, 16] },
    { kind: "score", score: 0.5 },
    { kind: "vector", vector: new Float32Array(216) },
    { kind: "tokens", tokens: [1, 2] },
    { kind: "pose", rateHz: 30, rotations: new Float32Array(60), states: new Uint8Array(15) },
    { kind: "unknown", reason: "timeout" },
  ];
  for (const outcome of outcomes) live.fact("person-a", result(outcome), new Map());
  live.fact("person-a", result(outcomes[0] as Outcome, "ecg-beat"), new Map());
  expect(seen.map((each) => each.kind === "result" && [each.model.id, each.recorded, each.outcome])).toEqual([
    ...outcomes.slice(0, 3).map((outcome) => ["of-tomorrow", false, outcome]),
    ["of-tomorrow", false, { kind: "vector", size: 216 }],
    ["of-tomorrow", false, { kind: "tokens", size: 2 }],
    ["of-tomorrow", false, { kind: "pose", size: 60 }],
    ["of-tomorrow", false, outcomes[6]],
    ["ecg-beat", true, outcomes[0]],
  ]);
  expect(plain.filter(({ kind }) => kind === "result")).toEqual([]);
  end();
  live.fact("person-a", result(outcomes[2] as Outcome), new Map());
  expect(seen).toHaveLength(8);
});
