import { expect, test } from "vitest";
import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createReception } from "../pipeline/reception.ts";
import type { AlertLog } from "./alert-log.ts";
import { createDeviceFindings } from "./device-findings.ts";
import { createLiveState } from "./live-state.ts";

const channel = (kind: Channel["kind"], unit: string): Channel => ({ id: kind, kind, unit, scale: 1, offset: 0 });

/** A device whose newest samples of `descriptor` ended at second 1. */
function house(channels: readonly Channel[], rateHz: number, nowS = 2) {
  const descriptor: StreamDescriptor = { device: "strap", stream: "s", rateHz, channels, sentinels: [], contact: "none" };
  const liveState = createLiveState(0, {} as AlertLog);
  const block = { kind: "samples", bootId: "b", firstIndex: 0, count: rateHz, startUs: 0, arrivalUs: 0 } as const;
  liveState.placed("person-a", descriptor, { ...block, channels: channels.map(() => new Float32Array(rateHz)) });
  const reception = createReception();
  reception.take(1e6, [{} as never], []);
  return createDeviceFindings({
    liveState,
    pipeline: { reception: () => reception },
    answers: { recent: () => [] },
    nowUs: () => nowS * 1e6,
  });
}

test("an ECG that no rule reads is a fault of the device, also beside a number that is used; its sentence says what would be needed", () => {
  for (const beside of [[], [channel("temp", "Cel")]]) {
    const findings = house([channel("ecg", "mV"), ...beside], 50);
    expect(findings.fault("strap")).toEqual({ code: "use.rate", stream: "s", field: "rateHz", needs: "100–2000 Hz, not 50" });
    expect(findings.of("strap").map(({ text }) => text)).toEqual([
      "s: shown only, no rule reads it: its rate must be 100–2000 Hz, not 50 – rateHz",
    ]);
  }
});

test("a pleth that is too slow is told by the rate that a pleth needs", () => {
  const findings = house([channel("ppg", "1")], 10);
  expect(findings.of("strap").map(({ text }) => text)).toEqual([
    "s: shown only, no rule reads it: its rate must be 20 Hz or more, not 10 – rateHz",
  ]);
});

test("a stream of a kind that nothing reads is said on the card and alarms nobody, and one that is used is no finding", () => {
  const gyro = house([channel("gyro", "rad/s")], 100);
  expect(gyro.fault("strap")).toBeUndefined();
  expect(gyro.of("strap").map(({ text }) => text)).toEqual(["s: kept only: nothing reads signals of the kind “gyro”"]);
  const ecg = house([channel("ecg", "mV"), channel("gyro", "rad/s")], 250);
  expect([ecg.fault("strap"), ecg.of("strap")]).toEqual([undefined, []]);
});

test("a stream that has not come for a minute is no finding any more", () => {
  const findings = house([channel("ecg", "mV")], 50, 62);
  expect([findings.fault("strap"), findings.of("strap")]).toEqual([undefined, []]);
});
