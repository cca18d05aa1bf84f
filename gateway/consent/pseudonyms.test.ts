import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import { openStore } from "../store/store.ts";
import { openPseudonyms } from "./pseudonyms.ts";

const startUs = 1_700_000_000_000_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-pseudonyms-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function home(toldPlain: readonly string[], seed = 1) {
  const clock = virtualClock(startUs);
  const { store } = await openStore({ dir, clock, epochBytes: () => new Uint8Array(8) });
  const randomBytes = (count: number) => new Uint8Array(count).fill(seed);
  const names = await openPseudonyms({ store, nowUs: clock.wallUs, randomBytes, toldPlain, house: "gateway" });
  const owed = (await store.outboxBegin(9, new Set())).map(({ class: name, payload }) => [name, decodePayload(payload)]);
  await store.close();
  return { names, owed };
}

test("a person has one name over all starts, another in another home, and none from which the id is read or tried", async () => {
  const { names, owed } = await home([]);
  expect(names.person("person-a")).toMatch(/^p-[0-9a-f]{16}$/);
  expect([names.name("person-a").slice(0, 2), names.person("gateway")]).toEqual(["n-", "gateway"]);
  expect(names.name("person-a").slice(2)).not.toBe(names.person("person-a").slice(2));
  expect([owed, names.plainUntilUs]).toEqual([[], 0]);
  const again = await home(["person-a"], 2);
  expect([again.names.person("person-a"), again.owed]).toEqual([names.person("person-a"), []]);
  rmSync(dir, { recursive: true });
  expect((await home([], 3)).names.person("person-a")).not.toBe(names.person("person-a"));
});

test("a home whose twin knows people by their ids owes it the new name of each, once", async () => {
  const { names, owed } = await home(["person-a", "person-b"]);
  expect(owed).toEqual(
    ["person-a", "person-b"].map((before) => ["alert", { kind: "renamed", before, person: names.person(before), timeUs: startUs }]),
  );
  expect(names.plainUntilUs).toBe(startUs);
  expect((await home(["person-a", "person-b"])).owed).toHaveLength(2);
});
