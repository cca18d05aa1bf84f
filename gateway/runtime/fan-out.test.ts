import { expect, it } from "vitest";
import { createFanOut } from "./fan-out.ts";

it("tells all who have joined by now, in that order, and gives their answers", () => {
  const fanOut = createFanOut<[number], string>();
  expect(fanOut.tell(1)).toEqual([]);
  fanOut.add((n) => `a${n}`);
  fanOut.add((n) => `b${n}`);
  expect(fanOut.tell(2)).toEqual(["a2", "b2"]);
});
