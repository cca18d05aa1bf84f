import { expect, test } from "vitest";
import { createPlaces } from "./places.ts";

const places = (max: number, maxPerHolder: number) => {
  const gone: string[] = [];
  return { gone, places: createPlaces<string>(max, maxPerHolder, (one, isOwn) => gone.push(`${one}${isOwn ? " own" : ""}`)) };
};

test("whoever holds most loses the place taken longest ago, and one with few keeps them", () => {
  const { gone, places: of } = places(4, 4);
  of.take("few", "few-1");
  for (const n of [1, 2, 3, 4, 5]) of.take("many", `many-${n}`);
  expect(gone).toEqual(["many-1", "many-2"]);
  of.take("new", "new-1");
  expect([of.count, gone]).toEqual([4, ["many-1", "many-2", "many-3"]]);
});

test("a holder with all of its own places loses one of its own though others are free", () => {
  const { gone, places: of } = places(10, 2);
  for (const n of [1, 2, 3]) of.take("a", `a-${n}`);
  expect([of.count, gone]).toEqual([2, ["a-1 own"]]);
});

test("a place given back, even twice, is free for another", () => {
  const { gone, places: of } = places(2, 2);
  const giveBack = of.take("a", "a-1");
  of.take("b", "b-1");
  giveBack();
  giveBack();
  of.take("b", "b-2");
  expect([of.count, gone]).toEqual([2, []]);
});
