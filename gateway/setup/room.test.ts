import { expect, test } from "vitest";
import type { Registry } from "../people/registry.ts";
import { createRoom } from "./room.ts";

function open(people = 0, devices = 0) {
  const list = (length: number) => Array.from({ length }, (_, i) => ({ id: `${i}` }));
  let nowUs = 1e15;
  const registry = { people: () => list(people), devices: () => list(devices) } as unknown as Registry;
  const room = createRoom(registry, () => nowUs);
  const taken = (count: number) =>
    Array.from({ length: count }).filter(() => {
      try {
        room.takeChange();
        return true;
      } catch {
        return false;
      }
    }).length;
  const passS = (s: number) => {
    nowUs += s * 1e6;
  };
  return { room, taken, passS };
}

test("a program that changes the household in circles has 200 changes, and then one every ten seconds", () => {
  const { room, taken, passS } = open();
  expect(taken(5000)).toBe(200);
  expect(() => room.takeChange()).toThrow(expect.objectContaining({ code: "setup.too_many_changes" }));
  passS(25);
  expect(taken(5000)).toBe(2);
  passS(1e6);
  expect(taken(5000)).toBe(200);
});

test("a home has 64 people and 256 devices; one more is refused until one is taken out", () => {
  expect(() => open(63, 255).room.forOneMore("people")).not.toThrow();
  expect(() => open(63, 255).room.forOneMore("devices")).not.toThrow();
  for (const what of ["people", "devices"] as const)
    expect(() => open(64, 256).room.forOneMore(what)).toThrow(expect.objectContaining({ code: "setup.conflict" }));
});
