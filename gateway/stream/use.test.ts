import { expect, test } from "vitest";
import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { usesOf } from "./use.ts";

const channel = (id: string, kind: Channel["kind"], unit = "1", more: Partial<Channel> = {}): Channel => ({
  id,
  kind,
  unit,
  scale: 1,
  offset: 0,
  ...more,
});
const uses = (channels: readonly Channel[], more: Partial<StreamDescriptor> = {}) =>
  usesOf({ device: "d", stream: "s", rateHz: 250, channels, sentinels: [], contact: "none", ...more }).map(
    ({ channel: id, use, unused, field }) => `${id} ${use ?? `not: ${unused}`}${field === undefined ? "" : ` ${field}`}`,
  );

test("an ECG is read at 100 to 2000 Hz in volts; of several leads one is", () => {
  expect(uses([channel("a", "ecg", "mV", { lead: "V5" }), channel("b", "ecg", "mV", { lead: "II" })])).toEqual([
    "a not: other-lead",
    "b beats",
  ]);
  expect(uses([channel("a", "ecg", "mV")], { rateHz: 50 })).toEqual(["a not: rate rateHz"]);
  expect(uses([channel("a", "ecg", "counts")])).toEqual(["a not: unit channels[0].unit"]);
  // Old recordings name units of their own and were always read as millivolts.
  expect(uses([channel("a", "ecg", "counts")], { contact: "given" })).toEqual(["a beats"]);
});

test("pulse and movement are signs of life in a stream without an ECG", () => {
  const axes = ["x", "y", "z"].map((id) => channel(id, "acc", "g"));
  expect(uses([channel("ir", "ppg"), channel("red", "ppg")])).toEqual(["ir pulse", "red not: other-channel"]);
  expect(uses(axes)).toEqual(["x movement", "y movement", "z movement"]);
  expect(uses([channel("ir", "ppg")], { rateHz: 10 })).toEqual(["ir not: rate rateHz"]);
  expect(uses(["x", "y", "z"].map((id) => channel(id, "acc", "counts")))[2]).toBe("z not: unit channels[2].unit");
  expect(uses(axes.slice(1))).toEqual(["y not: axes channels", "z not: axes channels"]);
  expect(uses([channel("ecg", "ecg", "mV"), ...axes])).toEqual([
    "ecg beats",
    "x not: beside-ecg",
    "y not: beside-ecg",
    "z not: beside-ecg",
  ]);
});

test("numbers are vital signs in a unit that is known, and kinds that nothing reads say so", () => {
  expect(uses([channel("o", "spo2", "%"), channel("t", "temp", "counts")], { rateHz: 1 })).toEqual([
    "o vital",
    "t not: unit channels[1].unit",
  ]);
  expect(uses([channel("g", "gyro", "rad/s"), channel("r", "resp", "mV"), channel("?", "other")])).toEqual([
    "g not: kind channels[0].kind",
    "r not: kind channels[1].kind",
    "? not: kind channels[2].kind",
  ]);
});

test("how a sensor is turned is a part of the body where that is known to be worn, and four numbers are there", () => {
  const parts = ["w", "x", "y", "z"].map((id) => channel(id, "quaternion"));
  expect(uses(parts, { placement: "left-forearm" })).toEqual(["w body", "x body", "y body", "z body"]);
  expect(uses(parts, { placement: "thigh" })[0]).toBe("w not: placement placement");
  expect(uses(parts.slice(1), { placement: "head" })[0]).toBe("x not: parts channels");
});
