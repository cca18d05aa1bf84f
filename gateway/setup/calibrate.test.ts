import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createCalibrations } from "../people/calibrations.ts";
import type { PlacedBlock } from "../stream/reorder.ts";
import { createCalibrator } from "./calibrate.ts";
import { createCalibration } from "./calibration.ts";

const rateHz = 50;

/** A home in which one person wears sensors that lie still. */
function home(worn: Readonly<Record<string, string>>) {
  const clock = virtualClock(1_700_000_000_000_000);
  const nowUs = () => clock.wallUs();
  const values = new Map<string, Uint8Array>();
  const store = {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  const wearings = new Map(Object.entries(worn).map(([device, placement]) => [device, { device, person: "p", placement, fromUs: 1 }]));
  const registry = {
    wearing: (device: string) => wearings.get(device),
    devices: () => [...wearings.keys()].map((id) => ({ id, title: `Sensor ${id}`, driver: "x", link: "mqtt" })),
  };
  const calibrations = createCalibrations(store, nowUs);
  const calibrator = createCalibrator({ clock, nowUs, registry, calibrations });
  const audited: unknown[] = [];
  const setup = createCalibration({
    ...{ calibrations, calibrator, personOf: (id) => ({ id, name: id, profile: {} }), inTurn: (work) => work() },
    audit: async (...row) => void audited.push(row),
  });
  const send = (device: string, stated: string | undefined, turn: readonly number[] = [1, 0, 0, 0]) => {
    const channels = ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion" as const, unit: "1", scale: 1, offset: 0 }));
    const descriptor: StreamDescriptor = {
      ...{ device, stream: "imu", rateHz, channels, sentinels: [], contact: "none" },
      ...(stated === undefined ? {} : { placement: stated }),
    };
    const rows = turn.map((part) => new Float32Array(rateHz).fill(part));
    const block: PlacedBlock = {
      ...{ kind: "samples", bootId: "b", firstIndex: 0, count: rateHz, startUs: nowUs() - 1e6, arrivalUs: nowUs(), channels: rows },
    };
    calibrator.placed("p", descriptor, block);
  };
  /** Seconds in which these sensors send. */
  const live = async (seconds: number, sending: readonly string[], turn?: readonly number[]) => {
    for (let s = 0; s < seconds; s++) {
      clock.advance(1000);
      for (const device of sending) send(device, undefined, turn);
      await Promise.resolve();
    }
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { clock, setup, calibrator, audited, wearings, live, send, nowUs };
}

test("sensors that were still are known from then on, with a name and a date, until that is taken back", async () => {
  const { setup, live, audited, calibrator, nowUs } = home({ a: "pelvis", b: "left-shank", c: "chest" });
  const begun = await setup.calibrate("p", "arms-down", [], "Carer");
  expect(begun.state).toBe("running");
  expect((begun.heldToUs - begun.heldFromUs) / 1e6).toBe(3);
  await live(9, ["a", "b"], [Math.SQRT1_2, 0, 0, Math.SQRT1_2]);
  expect(setup.calibration("p").run).toMatchObject({ state: "done", number: 1, faults: [] });
  await live(3, []);
  const { mount } = calibrator.mountingOf("p", "a", undefined, nowUs());
  expect(mount?.turn.map((part) => Math.round(part * 100) / 100)).toEqual([0.71, 0, 0, -0.71]);
  expect(setup.calibration("p").sensors.map(({ device, calibratedUs }) => [device, calibratedUs])).toEqual([
    ["a", begun.heldToUs],
    ["b", begun.heldToUs],
  ]);
  await setup.undoCalibration("p", "Carer");
  await live(3, []);
  expect(calibrator.mountingOf("p", "a", undefined, nowUs()).mount).toBeUndefined();
  await expect(setup.undoCalibration("p", "Carer")).rejects.toMatchObject({ code: "setup.conflict" });
  expect(audited).toMatchObject([
    ["person.calibrate", "Carer", "p", { pose: "arms-down", devices: ["a", "b"], number: 1 }],
    ["person.calibrate", "Carer", "p", { kind: "undo", number: 1, as: 2 }],
  ]);
});

test("a sensor that is silent is named with its way out, and is left out where somebody says so", async () => {
  const { setup, live } = home({ a: "pelvis", b: "left-shank" });
  await setup.calibrate("p", "arms-down", [], "Carer");
  await live(14, ["a"]);
  expect(setup.calibration("p").run).toMatchObject({
    state: "refused",
    faults: [{ code: "missing", device: "b", placement: "left-shank" }],
  });
  expect(setup.calibration("p").run?.faults[0]?.text).toMatch(/^Sensor b \(left shank\) sent too little: .*calibrate without it\.$/);
  expect(setup.calibration("p").acts).toEqual([]);
  await setup.calibrate("p", "arms-down", ["left-shank"], "Carer");
  await live(9, ["a"]);
  expect(setup.calibration("p").run).toMatchObject({ state: "done" });
});

test("what was calibrated is void once the sensor is worn elsewhere or was put on anew", async () => {
  const { setup, live, calibrator, wearings, nowUs } = home({ a: "pelvis" });
  await setup.calibrate("p", "arms-down", [], "Carer");
  await live(12, ["a"]);
  expect(calibrator.mountingOf("p", "a", "head", nowUs())).toMatchObject({ placement: "pelvis", mount: { placement: "pelvis" } });
  wearings.set("a", { device: "a", person: "p", placement: "head", fromUs: nowUs() });
  expect(calibrator.mountingOf("p", "a", "head", nowUs())).toEqual({ placement: "head" });
  // Back where it was it sits otherwise than before.
  wearings.set("a", { device: "a", person: "p", placement: "pelvis", fromUs: nowUs() });
  expect(calibrator.mountingOf("p", "a", "pelvis", nowUs())).toEqual({ placement: "pelvis" });
});

test("one calibration runs at a time, and somebody who wears nothing of the kind is told so", async () => {
  const { setup, send } = home({ a: "unstated" });
  await expect(setup.calibrate("p", "arms-down", [], "Carer")).rejects.toMatchObject({ code: "setup.conflict" });
  send("a", "head");
  await setup.calibrate("p", "arms-down", [], "Carer");
  await expect(setup.calibrate("p", "arms-down", [], "Carer")).rejects.toMatchObject({ code: "setup.conflict" });
});
