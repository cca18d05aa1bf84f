import { expect, test } from "vitest";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Evidence, PersonalSpec } from "../../models/personal-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { emptyMemory } from "./memory.ts";
import { createWrongPersonWatch } from "./wrong-person.ts";

/** A person is a number; what is further than 1 from it is not theirs. */
const personal = {
  judge: (own: number, { vector }: Evidence) => ({
    score: Math.abs((vector[0] as number) - own) > 1 ? 0.999 : 0.5,
    nearest: 0,
    distance: 0,
    parts: {},
  }),
  empty: () => 0,
} as unknown as PersonalSpec<number>;
const models = [{ id: "m", personal }] as unknown as ModelSpec[];
const of = { model: "m", version: "1", of: "chest" };
const numbers: Readonly<Record<string, number>> = { "person-a": 0, "person-b": 10, "person-c": 20 };

function house(unfinished: readonly string[] = []) {
  const told: [string, string | undefined][] = [];
  const watch = createWrongPersonWatch({
    models,
    people: () => Object.keys(numbers),
    memoriesOf: (person) => [
      {
        ...emptyMemory(of, personal as PersonalSpec, 0),
        state: numbers[person],
        ...(unfinished.includes(person) ? {} : { finishedUs: 1 }),
      },
    ],
    set: (...each) => void told.push(each),
  });
  const beats = (person: string, value: number, count: number, isKnown = true) => {
    for (let i = 0; i < count; i++) {
      const evidence = { vector: Float32Array.of(value), timeUs: i, rrBeforeMs: [] };
      const learning = { model: { id: "m", version: "1" }, of: "chest", learntS: 300, neededS: 300, sinceUs: 0, normals: [] };
      const judged = { ...(personal as PersonalSpec<number>).judge(numbers[person] as number, evidence), difference: "other" };
      const base = { kind: "unusual", device: "strap", stream: "ecg", timeUs: i, knownUs: i, learning, evidence };
      watch(person, { ...base, ...(isKnown ? { judged } : {}) } as Fact & { kind: "unusual" });
    }
  };
  return { told, beats };
}

test("five minutes of beats that are another person's of the house are told once, and the end when they fit again", () => {
  const { told, beats } = house();
  beats("person-a", 0, 100);
  beats("person-a", 10, 239);
  expect(told).toEqual([]);
  beats("person-a", 10, 200);
  expect(told).toEqual([["strap", "person-b"]]);
  beats("person-a", 0, 100);
  expect(told).toEqual([
    ["strap", "person-b"],
    ["strap", undefined],
  ]);
});

test("beats that fit nobody, or somebody who is not learnt yet, are not a swapped sensor", () => {
  const nobody = house();
  nobody.beats("person-a", 50, 1000);
  expect(nobody.told).toEqual([]);
  const unknown = house(["person-b"]);
  unknown.beats("person-a", 10, 1000);
  expect(unknown.told).toEqual([]);
});

test("now and then a beat like another person's means nothing", () => {
  const { told, beats } = house();
  for (let i = 0; i < 300; i++) {
    beats("person-a", 0, 1);
    beats("person-a", 10, 2);
  }
  expect(told).toEqual([]);
});

test("once the right person is said to wear it, or it learns again, it is over", () => {
  const { told, beats } = house();
  beats("person-a", 10, 400);
  beats("person-b", 10, 1);
  expect(told.at(-1)).toEqual(["strap", undefined]);
  const other = house();
  other.beats("person-a", 10, 400);
  other.beats("person-a", 10, 1, false);
  expect(other.told.at(-1)).toEqual(["strap", undefined]);
});
