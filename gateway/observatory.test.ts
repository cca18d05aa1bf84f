import { expect, test } from "vitest";
import { createObservatory } from "./observatory.ts";

const startedUs = 1_000_000_000;
const at = (s: number) => startedUs + s * 1_000_000;

test("watched time counts to this moment and from the start of the process, told or not", () => {
  const observatory = createObservatory(startedUs);
  const open = new Map([["rhythm.vt", { fromUs: at(-20), toUs: at(5) }]]);
  const tick = (s: number) => observatory.fact("person-a", { kind: "tick", timeUs: at(s) }, open);
  tick(5);
  expect(observatory.person("person-a").watchedS).toEqual({ "rhythm.vt": 5 });
  open.set("rhythm.vt", { fromUs: at(-20), toUs: at(40) });
  expect(observatory.person("person-a").watchedS).toEqual({ "rhythm.vt": 40 });
  open.clear();
  observatory.events("person-a", [{ kind: "watched", rule: "rhythm.vt", fromUs: at(-20), toUs: at(40) }]);
  expect(observatory.person("person-a").watchedS).toEqual({ "rhythm.vt": 40 });
  open.set("rhythm.vt", { fromUs: at(60), toUs: at(62) });
  expect(observatory.person("person-a").watchedS).toEqual({ "rhythm.vt": 42 });
  expect(observatory.person("person-b").watchedS).toEqual({});
});
