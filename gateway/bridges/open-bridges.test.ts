import { expect, test } from "vitest";
import type { BridgeKind } from "./bridge.ts";
import { openBridges } from "./open-bridges.ts";
import { openHouse } from "./testdata/house.ts";

test("a bridge that throws, at its opening, when it is told or by a timer of its own, harms no other, and is named", async () => {
  const { clock, context } = openHouse();
  const faults: string[] = [];
  let heardCount = 0;
  const fail = (): never => {
    throw new Error("oh");
  };
  const kinds: BridgeKind[] = [
    { name: "shut", open: fail },
    {
      name: "ticking",
      open({ clock: own }) {
        own.every(1000, fail);
        own.after(500, fail);
        return { alerts: fail, close: async () => fail() };
      },
    },
    { name: "well", open: () => ({ alerts: () => void heardCount++, close: async () => {} }) },
  ];
  const bridges = openBridges(kinds, { ...context, settings: {}, onFault: (name) => void faults.push(name) });
  clock.advance(2000);
  bridges.alerts([], []);
  await bridges.close();
  expect(faults).toEqual(["shut", ...Array(5).fill("ticking")]);
  expect(heardCount).toBe(1);
});
