import { expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { EventsPayload } from "../semantic/payloads/events.ts";
import type { StripPayload } from "../semantic/payloads/strip.ts";
import { encodePose } from "../semantic/pose-code.ts";
import type { WaveformPayload } from "../semantic/waveform-code.ts";
import { type Consent, changed, firstConsent } from "./consent.ts";
import { mayLeave } from "./may-leave.ts";

const first = firstConsent(0, "the home's first start");
const judge = (payload: Parameters<typeof mayLeave>[0], consent: Consent | undefined) =>
  mayLeave(payload, (person) => (person === "person-a" ? consent : undefined), "gateway");
const nothing = changed(first, { alerts: false, strips: false, streams: { "*": "none" } }, 1, "x");

const events: EventsPayload = {
  kind: "events",
  person: "person-a",
  fromUs: 0,
  toUs: 60,
  beats: [10, 40].map((timeUs) => ({ kind: "beat", device: "strap", stream: "ecg", timeUs, label: "N", confidence: 0.9 })),
  rhythms: [{ kind: "rhythm", device: "strap", stream: "ecg", timeUs: 12, label: "(N" }],
  vitals: [
    { kind: "vital", code: "hr", timeUs: 20, value: 70, unit: "1/min" },
    { kind: "vital", code: "spo2", device: "clip", stream: "oxi", timeUs: 21, value: 97, unit: "%" },
  ],
  gaps: [{ kind: "gap", device: "clip", stream: "oxi", fromUs: 30, toUs: 35 }],
  watched: [{ kind: "watched", rule: "hr.high", fromUs: 0, toUs: 60 }],
};
const strip = (alertIds: readonly string[], startUs = 100): StripPayload => ({
  ...{ kind: "strip", person: "person-a", alertIds, device: "strap", stream: "ecg", channel: "ecg", unit: "mV" },
  ...{ scale: 1, offset: 0, rateHz: 250, startUs, samples: Int32Array.of(1, 2) },
});
const alert = (person: string, lastSeenUs = 50): AlertRecord => ({
  ...{ id: "a", person, rule: "hr.high", device: "strap", priority: "medium", kind: "physiological", state: "active", mode: "real" },
  ...{ onsetUs: 10, raisedUs: 20, lastSeenUs, count: 1, quality: "good", snoozes: [], deliveries: [] },
});
const heartbeat = {
  ...({ kind: "heartbeat", timeUs: 1, uptimeS: 1, version: "1", outboxDepth: 0 } as const),
  people: ["person-a", "person-b"].map((id) => ({ id, name: id })),
  devices: [
    { id: "strap", person: "person-a", state: "online" },
    { id: "spare", state: "waiting" },
  ],
};

test("what is allowed goes as it is", () => {
  for (const payload of [events, strip(["a"]), { kind: "alert", alert: alert("person-a") } as const])
    expect(judge(payload, first)).toBe(payload);
});

test("of somebody who has allowed nothing, or does not live here, nothing goes: their heartbeats say neither them nor their devices", () => {
  for (const consent of [nothing, undefined]) {
    for (const payload of [events, strip(["a"]), strip([]), { kind: "alert", alert: alert("person-a") } as const])
      expect(judge(payload, consent)).toBeUndefined();
    expect(judge(heartbeat, consent)).toMatchObject({ people: [], devices: [{ id: "spare" }] });
  }
});

test("what the house says of itself, and that somebody is to be erased, always goes", () => {
  expect(judge({ kind: "alert", alert: alert("gateway") }, undefined)).toBeDefined();
  const leave = { kind: "leave", person: "person-a", timeUs: 1 } as const;
  expect(judge(leave, nothing)).toBe(leave);
});

test("a stream that is kept at home is taken out of the events, with all numbers that the house made of several streams", () => {
  const left = judge(events, changed(first, { streams: { ecg: "none" } }, 1, "x"));
  expect(left).toEqual({ ...events, beats: [], rhythms: [], vitals: [events.vitals[1]], watched: [] });
});

test("events from before the consent stay at home, in a frame that began before it as well", () => {
  const since = changed(nothing, { streams: { "*": "event" } }, 30, "x");
  expect(judge(events, since)).toEqual({ ...events, beats: [events.beats[1]], rhythms: [], vitals: [], watched: [] });
});

test("samples leave by their own consent: strips round alerts by that of strips, all others by the stream's mode", () => {
  const raw = changed(first, { strips: false, streams: { ecg: "raw" } }, 50, "x");
  expect([judge(strip([]), first), judge(strip(["a"]), raw)]).toEqual([undefined, undefined]);
  expect([judge(strip([]), raw), judge(strip([], 49), raw)]).toEqual([strip([]), undefined]);
});

test("an alert that was over before alerts were allowed stays at home; one that goes on after it is told", () => {
  const later = changed(nothing, { alerts: true }, 60, "x");
  expect(judge({ kind: "alert", alert: alert("person-a") }, later)).toBeUndefined();
  expect(judge({ kind: "alert", alert: alert("person-a", 61) }, later)).toBeDefined();
});

test("a window's events go without its waveform where that was taken back, and the waveform without events where those were", () => {
  const waveform: WaveformPayload = {
    ...{ kind: "waveform", person: "person-a", device: "strap", stream: "ecg", channel: "ecg", unit: "mV", scale: 1, offset: 0 },
    ...{ rateHz: 250, startUs: 5, codec: 0, rmse: 0, peaks: [1], code: Uint8Array.of(1), samples: Int32Array.of(1, 2) },
  };
  const window = { kind: "window", person: "person-a", events, waveforms: [waveform] } as const;
  const semantic: Consent = { ...first, streams: { "*": { event: 0, semantic: 0 } } };
  expect(judge(window, semantic)).toBe(window);
  expect(judge(window, first)).toBe(events);
  expect(judge(window, nothing)).toBeUndefined();
  expect(judge(window, { ...semantic, streams: { "*": { event: 0, semantic: 6 } } })).toBe(events);
  expect(judge(window, { ...semantic, streams: { "*": { event: 30, semantic: 0 } } })).toMatchObject({
    kind: "window",
    events: { beats: [{ timeUs: 40 }], rhythms: [], watched: [] },
    waveforms: [waveform],
  });
  const later = judge(window, { ...semantic, streams: { "*": { event: 100, semantic: 0 } } });
  expect(later).toMatchObject({ events: { beats: [], gaps: [] }, waveforms: [waveform] });
});

test("a body leaves only where every stream that it was made of may be told as a waveform, from its first frame on", () => {
  const pose = { rateHz: 30, rotations: new Float32Array(60), states: new Uint8Array(15), errorDeg: 0 };
  const about = [
    { device: "head", stream: "imu" },
    { device: "shank", stream: "quaternion" },
  ] as const;
  const body = { kind: "pose", person: "person-a", about, startUs: 100, code: encodePose(pose, 1).code, pose } as const;
  const allow = (streams: Parameters<typeof changed>[1]["streams"], atUs = 50) => judge(body, changed(first, { streams }, atUs, "x"));
  expect([judge(body, first), judge(body, undefined)]).toEqual([undefined, undefined]);
  expect(allow({ "*": "semantic" })).toBe(body);
  expect(allow({ "*": "semantic", quaternion: "event" })).toBeUndefined();
  expect(allow({ "*": "semantic" }, 101)).toBeUndefined();
});
