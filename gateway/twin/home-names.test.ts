import { expect, test } from "vitest";
import { createHomeNames } from "./home-names.ts";

const names = createHomeNames([
  ["p-00112233445566aa", "person-a"],
  ["n-8899aabbccddeeff", 'Person "A"'],
]);

test("what the twin answers has the home's names, and what is asked of it the twin's", () => {
  const answer = { id: "p-00112233445566aa", name: "n-8899aabbccddeeff", "p-00112233445566aa": 1, other: "p-0000000000000000", n: "p-00" };
  expect(JSON.parse(names.inJson(JSON.stringify(answer)))).toEqual({
    ...{ id: "person-a", name: 'Person "A"', "person-a": 1, other: "p-0000000000000000", n: "p-00" },
  });
  expect(["person-a", 'Person "A"', "person-b"].map(names.aliasOf)).toEqual(["p-00112233445566aa", 'Person "A"', "person-b"]);
});
