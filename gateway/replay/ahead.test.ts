import { expect, test } from "vitest";
import type { InferenceOutcome } from "../inference/inference-port.ts";
import { createAhead } from "./ahead.ts";

const none = { kind: "unknown", reason: "refused" } as const;

/** A host that answers when told, in any order. */
function slowHost() {
  const waiting: (() => void)[] = [];
  return {
    submit: (_model: string, _tensors: object, settled: (outcome: InferenceOutcome) => void) => void waiting.push(() => settled(none)),
    answerAll: (inReverse = false) => {
      for (const answer of inReverse ? waiting.splice(0).reverse() : waiting.splice(0)) answer();
    },
    waiting,
  };
}

test("answers come back in the order of their questions, one batch later, whatever the host does", async () => {
  for (const inReverse of [false, true]) {
    const host = slowHost();
    const ahead = createAhead(host);
    const heard: string[] = [];
    const ask = (name: string) => ahead.submit("model", {}, () => heard.push(name));
    ask("a1");
    ask("a2");
    await ahead.turn();
    ask("b1");
    host.answerAll(inReverse);
    expect(heard).toEqual([]);
    await ahead.turn();
    expect(heard).toEqual(["a1", "a2"]);
    host.answerAll();
    await ahead.idle();
    expect(heard).toEqual(["a1", "a2", "b1"]);
  }
});

test("idle waits for what an answer asks in turn", async () => {
  const host = slowHost();
  const ahead = createAhead(host);
  const heard: string[] = [];
  ahead.submit("model", {}, () => {
    heard.push("first");
    ahead.submit("model", {}, () => heard.push("second"));
  });
  const done = ahead.idle();
  while (heard.length < 2) {
    host.answerAll();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(heard).toEqual(["first", "second"]);
});
