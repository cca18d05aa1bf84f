import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { viewOfPersons } from "./view-of-persons.ts";

const setUp = () => {
  const view = createFakeView(virtualClock(1_700_000_000_000_000));
  return { view, own: viewOfPersons(view, ["person-a"]) };
};

test("a device of another person is taken from nobody, and none is put on another", async () => {
  const { view, own } = setUp();
  await expect(own.setup.wear("wrist-band", "person-a", "wrist", "test")).rejects.toMatchObject({ code: "registry.unknown" });
  await expect(own.setup.wear("spare-strap", "person-b", "chest", "test")).rejects.toMatchObject({ code: "registry.unknown" });
  await own.setup.wear("spare-strap", "person-a", "chest", "test");
  expect(view.people().map(({ devices }) => devices)).toEqual([["chest-strap", "motion-tag", "spare-strap"], ["wrist-band"]]);
});

test("who is bound sets nobody and nothing up", async () => {
  const { own } = setUp();
  const { wear: _wear, limits, learnActs, learn, calibration, calibrate, undoCalibration, ...others } = own.setup;
  expect(Object.keys(others).length).toBeGreaterThan(5);
  expect(() => limits("person-b")).toThrow(expect.objectContaining({ code: "registry.unknown" }));
  expect(() => learnActs("person-b")).toThrow(expect.objectContaining({ code: "registry.unknown" }));
  expect(() => calibration("person-b")).toThrow(expect.objectContaining({ code: "registry.unknown" }));
  await expect(calibrate("person-b", "arms-out", [], "Person A")).rejects.toMatchObject({ code: "registry.unknown" });
  await expect(undoCalibration("person-b", "Person A")).rejects.toMatchObject({ code: "registry.unknown" });
  await expect(learn("person-b", { kind: "again" }, "Person A")).rejects.toMatchObject({ code: "registry.unknown" });
  for (const verb of Object.values(others))
    await expect((verb as () => Promise<unknown>)()).rejects.toMatchObject({ code: "setup.not_allowed" });
});

test("the house's own failing is told without the names of files", () => {
  const { view, own } = setUp();
  const status = view.status();
  view.status = () => ({
    ...status,
    repairs: ["keys/person-b.key was damaged"],
    refusals: [{ where: "mqtt", reason: "acl_publish", account: "strap-of-person-b", firstUs: 0, lastUs: 0, count: 1 }],
    health: [{ part: "journal", ok: false, detail: "person-b" }],
  });
  expect(own.status()).toMatchObject({ repairs: [], refusals: [], health: [{ part: "journal", ok: false }] });
  expect(JSON.stringify(own.status())).not.toContain("person-b");
});
