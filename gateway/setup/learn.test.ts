import { expect, test } from "vitest";
import { createLearnHistory } from "../people/learn-history.ts";
import { createLearn } from "./learn.ts";

function home() {
  const values = new Map<string, Uint8Array>();
  const store = {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  const audited: unknown[] = [];
  const setup = createLearn({
    learning: createLearnHistory(store, () => 1_000_000),
    personOf: (id) => ({ id, name: id, profile: {} }),
    audit: async (...row) => void audited.push(row),
    inTurn: (work) => work(),
  });
  return { setup, audited };
}

const normal = { kind: "normal", model: "m", of: "chest", evidence: [{ timeUs: 1, rrBeforeMs: [], vector: [1, 2] }], alert: "a1" } as const;

test("what is said stands in the audit with its name, without the shape of anybody's beats", async () => {
  const { setup, audited } = home();
  await setup.learn("p1", normal, "Carer");
  expect(audited).toEqual([["person.learn", "Carer", "p1", { kind: "normal", alert: "a1", of: "chest", number: 1, fromUs: 2_000_000 }]]);
});

test("only what was called normal is taken back, and once", async () => {
  const { setup } = home();
  await setup.learn("p1", normal, "Carer");
  await setup.learn("p1", { kind: "undo", number: 1 }, "Carer");
  await expect(setup.learn("p1", { kind: "undo", number: 1 }, "Carer")).rejects.toMatchObject({ code: "setup.conflict" });
  await expect(setup.learn("p1", { kind: "undo", number: 2 }, "Carer")).rejects.toMatchObject({ code: "setup.conflict" });
  expect(setup.learnActs("p1").map(({ number }) => number)).toEqual([1, 2]);
});
