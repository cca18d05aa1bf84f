import { expect, test } from "vitest";
import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { shownChannels } from "./channels.ts";

const channel = (id: string, more: Partial<Channel> = {}): Channel => ({ id, kind: "ecg", unit: "mV", scale: 1, offset: 0, ...more });
const stream = (...channels: Channel[]) =>
  ({ device: "strap", stream: "ecg", rateHz: 250, contact: "measured", channels }) as unknown as StreamDescriptor;
const shown = (descriptor: StreamDescriptor, kind: "ecg" | "acc" = "ecg", unit = "mV") =>
  shownChannels(descriptor, { kind, unit }).map(({ channel: { id }, index, factor }) => [id, index, factor]);

test("a model of an ECG is shown the lead that is analysed first, then the others", () => {
  const leads = stream(
    channel("V5", { lead: "V5" }),
    channel("x", { kind: "acc", unit: "g" }),
    channel("II", { lead: "MLII", unit: "uV" }),
  );
  expect(shown(leads)).toEqual([
    ["II", 2, 0.001],
    ["V5", 0, 1],
  ]);
  expect(shown(stream(channel("a"), channel("b")))).toEqual([
    ["a", 0, 1],
    ["b", 1, 1],
  ]);
});

test("of other kinds it is shown the stream's own order", () => {
  const axes = stream(channel("x", { kind: "acc", unit: "g" }), channel("y", { kind: "acc", unit: "g" }), channel("II", { lead: "II" }));
  expect(shown(axes, "acc", "g").map(([id]) => id)).toEqual(["x", "y"]);
});
