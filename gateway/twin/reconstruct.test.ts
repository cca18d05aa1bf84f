import { expect, test } from "vitest";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { reconstruct } from "./reconstruct.ts";

const what = {
  person: "person-a",
  device: "strap",
  stream: "ecg",
  channel: "ecg",
  lead: "II",
  unit: "mV",
  scale: 0.5,
  offset: 1,
  rateHz: 10,
};
const waveform = (startUs: number, samples: number[], rmse = 2): WaveformPayload => ({
  ...{ kind: "waveform", ...what, startUs, rmse, codec: 1, code: new Uint8Array(), peaks: [], samples: Int32Array.from(samples) },
});
const strip = (startUs: number, samples: number[], more: Partial<StripPayload> = {}): StripPayload => ({
  ...{ kind: "strip", ...what, alertIds: ["a1"], startUs, samples: Int32Array.from(samples), ...more },
});
const s = 1_000_000;

test("a span says of every sample whether it was measured, decoded or is missing, and what error is stated", () => {
  const [trace, ...more] = reconstruct([strip(1.2 * s, [100, 101, 102])], [waveform(s, [0, 1, 2, 3, noValue, 5])], {
    fromUs: 0.8 * s,
    toUs: 1.8 * s,
  });
  expect(more).toEqual([]);
  expect(trace).toMatchObject({ channel: "ecg", lead: "II", unit: "mV", rateHz: 10, startUs: 0.8 * s });
  expect(trace?.values).toEqual([null, null, 1, 1.5, 51, 51.5, 52, 3.5, null, null]);
  expect(trace?.sources).toEqual([
    { source: "missing", count: 2 },
    { source: "decoded", count: 2 },
    { source: "measured", count: 3 },
    { source: "decoded", count: 1 },
    { source: "missing", count: 2 },
  ]);
  expect(trace?.errors).toEqual([{ fromUs: s, toUs: 1.6 * s, rmse: 1, codec: 1, bytes: 0, decoder: " 1 ", highestHz: 5 }]);
});

test("a waveform without loss was measured", () => {
  const [trace] = reconstruct([], [waveform(0, [1, 2], 0)], { fromUs: 0, toUs: 0.2 * s });
  expect(trace?.sources).toEqual([{ source: "measured", count: 2 }]);
});

test("channels, and a channel whose rate or unit changed, are traces of their own", () => {
  const pieces = [strip(0, [1]), strip(0, [1], { rateHz: 20 }), strip(0, [1], { channel: "v5" }), strip(0, [1], { unit: "uV" })];
  expect(reconstruct(pieces, [], { fromUs: 0, toUs: s }).map(({ channel, unit, rateHz }) => [channel, unit, rateHz])).toEqual([
    ["ecg", "mV", 10],
    ["ecg", "mV", 20],
    ["ecg", "uV", 10],
    ["v5", "mV", 10],
  ]);
});

test("nothing is there where the twin has nothing, and a span may begin between two samples", () => {
  expect(reconstruct([], [], { fromUs: 0, toUs: s })).toEqual([]);
  const [trace] = reconstruct([], [waveform(0, [0, 1, 2, 3])], { fromUs: 0.15 * s, toUs: 0.35 * s });
  expect([trace?.startUs, trace?.values]).toEqual([0.2 * s, [2, 2.5]]);
});
