import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlertRecord, BeatEvent } from "../../device-drivers/contract/event.ts";
import { runs } from "../../test/runs.ts";
import { confidenceSteps } from "./beat-codec.ts";
import { encodeCbor } from "./cbor.ts";
import { encodeFrame } from "./frame.ts";
import { decodePayload, encodePayload, shippedPayloads } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { HeartbeatPayload } from "./payloads/heartbeat.ts";
import type { StripPayload } from "./payloads/strip.ts";
import { anyEvents, baseUs } from "./testdata/any-events.ts";

const coarse = (value: number) => Math.round(value * confidenceSteps) / confidenceSteps;
/** A minute of 75 beats at 360 Hz with what the rules watch, a vital sign every 15 s and a rhythm change. */
function ordinaryMinute(rateHz: number, driftPpm = 0): EventsPayload {
  let sample = 100;
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const beats: BeatEvent[] = [];
  for (let i = 0; i < 75; i++) {
    const at = baseUs + Math.round((sample * 1e6 * (1 + driftPpm / 1e6)) / rateHz);
    const before = beats.at(-1);
    const isV = i % 20 === 19;
    beats.push({
      kind: "beat",
      device: "strap-a",
      stream: "ecg",
      timeUs: at,
      label: isV ? "V" : "N",
      confidence: coarse(isV ? 0.8 : 0.93 + 0.07 * random()),
      ...(before === undefined ? { rrMs: 790.112 } : { rrMs: (at - before.timeUs) / 1000 }),
    });
    sample += Math.round(rateHz * (0.8 + 0.06 * (random() - 0.5)) * (isV ? 0.6 : 1));
  }
  const rules = [
    "rhythm.vt",
    "rhythm.vt-run",
    "rhythm.pause",
    "rhythm.asystole",
    "rhythm.no-signal",
    "hr.high",
    "hr.low",
    "device.lead-off",
    "signal.quality",
  ];
  return {
    kind: "events",
    person: "person-a",
    fromUs: baseUs,
    toUs: baseUs + 60_000_000,
    beats,
    rhythms: [{ kind: "rhythm", device: "strap-a", stream: "ecg", timeUs: baseUs + 31_234_567, label: "(VT" }],
    vitals: [15, 30, 45, 60].map((s) => ({ kind: "vital", code: "hr", timeUs: baseUs + s * 1_000_000, value: 74 + (s % 4), unit: "bpm" })),
    gaps: [{ kind: "gap", device: "strap-a", stream: "ecg", fromUs: baseUs + 5_120_000, toUs: baseUs + 5_376_000 }],
    watched: rules.map((rule) => ({ kind: "watched", rule, fromUs: baseUs - 250_000, toUs: baseUs + 59_750_000 })),
  };
}

const alert: AlertRecord = {
  id: "a-17",
  person: "person-a",
  rule: "rhythm.vt",
  device: "strap-a",
  priority: "high",
  kind: "physiological",
  state: "acknowledged",
  mode: "real",
  onsetUs: baseUs,
  raisedUs: baseUs + 4_000_000,
  lastSeenUs: baseUs + 9_000_000,
  endedUs: baseUs + 9_500_000,
  count: 2,
  value: 171.5,
  unit: "bpm",
  limit: 100,
  quality: "good",
  model: { id: "ecg-beat", version: "1.0.0" },
  acknowledgedBy: "Person B",
  acknowledgedAtUs: baseUs + 20_000_000,
  acknowledgedUntilUs: baseUs + 620_000_000,
  snoozes: [{ by: "Person A", untilUs: baseUs + 5 }],
  deliveries: [{ channel: "local", receipt: "r1", atUs: baseUs + 4_100_000 }],
  closeReason: "seen",
  cause: { code: "driver.bad_meta", stream: "ecg", field: "channels[0].scale", fault: "missing" },
};

describe("payload codec", () => {
  test("numbers that devices measure have a layout of their own; all other events keep the bytes that older twins read", () => {
    const layoutOf = (payload: EventsPayload) => encodePayload(payload)[1];
    const minute = ordinaryMinute(360);
    const spo2 = { kind: "vital", code: "spo2", device: "clip", stream: "oxi", timeUs: baseUs + 5, value: 97, unit: "%" } as const;
    expect([layoutOf(minute), layoutOf({ ...minute, vitals: [...minute.vitals, spo2] })]).toEqual([3, 5]);
  });

  test("any events come back exactly, whatever their order and sources", () => {
    fc.assert(
      fc.property(anyEvents, (given) => {
        expect(decodePayload(encodePayload(given))).toEqual(given);
      }),
      runs(200),
    );
  });

  test.each([-0, 0, -0.5, 72.125, 1e9, 1 / 3, Number.MAX_VALUE])("a vital sign of %d comes back as it was", (value) => {
    const given = { ...ordinaryMinute(360), vitals: [{ kind: "vital" as const, code: "hr" as const, timeUs: baseUs, value, unit: "bpm" }] };
    expect(decodePayload(encodePayload(given))).toEqual(given);
  });

  test("a confidence comes back within half a step, an interval within half a microsecond", () => {
    const given: BeatEvent = { kind: "beat", device: "d", stream: "ecg", timeUs: baseUs, label: "S", confidence: 0.777, rrMs: 1000 / 3 };
    const payload = { ...ordinaryMinute(360), beats: [given] };
    const back = decodePayload(encodePayload(payload)) as EventsPayload;
    expect(Math.abs((back.beats[0]?.confidence ?? 0) - 0.777)).toBeLessThanOrEqual(0.5 / confidenceSteps);
    expect(Math.abs((back.beats[0]?.rrMs ?? 0) - 1000 / 3)).toBeLessThanOrEqual(0.0005);
  });

  test.each([
    ["on the sample grid of a recording", 360, 0, 3],
    ["on a device's drifting clock", 250, 137, 4],
  ])("a beat %s costs few bytes, and a whole signed minute at most 400", (_where, rateHz, driftPpm, bytesPerBeat) => {
    const minute = ordinaryMinute(rateHz, driftPpm);
    const bytes = encodePayload(minute);
    expect(decodePayload(bytes)).toEqual(minute);
    const beatBytes = bytes.length - encodePayload({ ...minute, beats: [] }).length;
    expect(beatBytes / minute.beats.length).toBeLessThanOrEqual(bytesPerBeat);
    const frame = encodeFrame(
      { g: "demo", e: new Uint8Array(8), n: 1000, c: "semantic", t: minute.toUs, p: bytes },
      () => new Uint8Array(64),
    );
    expect(frame.length).toBeLessThanOrEqual(400);
  });

  test("an alert comes back with everything, and with as little as it may have", () => {
    const { endedUs, value, unit, limit, model, acknowledgedBy, acknowledgedAtUs, acknowledgedUntilUs, closeReason, cause, ...least } =
      alert;
    const notes = [{ by: "Person B", verb: "acknowledge", atUs: baseUs + 1, text: "On my way" }] as const;
    for (const given of [alert, { ...alert, notes }, { ...least, snoozes: [], deliveries: [] }]) {
      const bytes = encodePayload({ kind: "alert", alert: given });
      expect(decodePayload(bytes)).toEqual({ kind: "alert", alert: given });
    }
  });

  test("that somebody has left comes back, and is the one kind that a twin must understand", () => {
    const leave = { kind: "leave", person: "person-a", timeUs: baseUs } as const;
    const bytes = encodePayload(leave);
    expect(decodePayload(bytes)).toEqual(leave);
    expect(shippedPayloads.toOutbox(leave)).toMatchObject({ class: "alert", timeUs: baseUs });
    const others = [encodePayload({ kind: "alert", alert }), new Uint8Array(0), bytes.subarray(1), Uint8Array.of(0x82, 0x61)];
    expect([bytes, ...others].map(shippedPayloads.mustBeUnderstood)).toEqual([true, false, false, false, false]);
  });

  test("heartbeat and strip come back", () => {
    const heartbeat: HeartbeatPayload = {
      kind: "heartbeat",
      timeUs: baseUs,
      uptimeS: 61,
      version: "0.1.0",
      people: [{ id: "person-a", name: "Person A" }],
      devices: [
        { id: "strap-a", person: "person-a", state: "online", lastSampleUs: baseUs - 5 },
        { id: "spare", state: "waiting" },
      ],
      outboxDepth: 3,
    };
    expect(decodePayload(encodePayload(heartbeat))).toEqual(heartbeat);
    // Half a character, as a browser cuts one: CBOR's text is UTF-8, and what is not is read by nobody.
    const cut = { ...heartbeat, people: [{ id: "person-a", name: "Person \ud83d" }] };
    expect(decodePayload(encodePayload(cut))).toEqual({ ...cut, people: [{ id: "person-a", name: "Person \ufffd" }] });
    const strip: StripPayload = {
      kind: "strip",
      person: "person-a",
      alertIds: ["a-17", "a-18"],
      device: "strap-a",
      stream: "ecg",
      channel: "ecg1",
      lead: "MLII",
      unit: "mV",
      scale: 0.005,
      offset: -5.12,
      rateHz: 359.97,
      startUs: baseUs,
      samples: Int32Array.from([1, 2, -2147483648, 4]),
    };
    expect(decodePayload(encodePayload(strip))).toEqual(strip);
    const { lead, ...withoutLead } = strip;
    expect(decodePayload(encodePayload(withoutLead))).toEqual(withoutLead);
  });

  test("a layout of a newer version and broken bytes are undecodable, never something else", () => {
    for (const item of [[9, new Map()], [1, new Map()], [3, 5], [3, new Uint8Array([1, 2])], [4, { 12: "x" }], 5, []])
      expect(() => decodePayload(encodeCbor(item))).toThrow(expect.objectContaining({ code: "semantic.undecodable" }));
    const bytes = encodePayload(ordinaryMinute(360));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        const bent = bytes.slice();
        bent[at] = value;
        try {
          decodePayload(bent);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^semantic\./) });
        }
      }),
    );
  });
});
