/** The bytes of every kind of payload, and what each decoder refuses. A row that a home wrote years ago is still read, so no byte here ever changes. */

import { expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { decodePayload, encodePayload } from "./payload-codec.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { HeartbeatPayload } from "./payloads/heartbeat.ts";
import type { TwinPayload } from "./payloads/index.ts";
import type { StripPayload } from "./payloads/strip.ts";

const baseUs = 1_700_000_040_000_000;

const alert: AlertRecord = {
  id: "a-17",
  person: "person-a",
  rule: "rhythm.vt",
  device: "strap-a",
  priority: "high",
  kind: "technical",
  state: "acknowledged",
  mode: "test",
  onsetUs: baseUs,
  raisedUs: baseUs + 4_000_000.25,
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
  cause: { code: "driver.bad_meta", stream: "ecg", fault: "missing" },
};

const heartbeat: HeartbeatPayload = {
  kind: "heartbeat",
  timeUs: baseUs + 0.5,
  uptimeS: 61.4,
  version: "0.1.0",
  people: [{ id: "person-a", name: "Person A" }],
  devices: [
    { id: "strap-a", person: "person-a", state: "online", lastSampleUs: baseUs - 4.75 },
    { id: "spare", state: "waiting" },
  ],
  outboxDepth: 3,
};

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
  rateHz: 250,
  startUs: baseUs + 0.25,
  samples: Int32Array.from([1, 2, -2147483648, 4, -300, 70_000]),
};

const source = { device: "strap-a", stream: "ecg" };
const events: EventsPayload = {
  kind: "events",
  person: "person-a",
  fromUs: baseUs,
  toUs: baseUs + 60_000_000,
  beats: [
    { kind: "beat", ...source, timeUs: baseUs + 100_000, label: "N", confidence: 1 },
    { kind: "beat", ...source, timeUs: baseUs + 900_000, label: "V", confidence: 20 / 31, rrMs: 800 },
    { kind: "beat", device: "patch", stream: "own", timeUs: baseUs + 950_123, label: "S", confidence: 0, rrMs: 733.25 },
    { kind: "beat", ...source, timeUs: baseUs + 1_704_000, label: "F", confidence: 15 / 31, rrMs: 804 },
    { kind: "beat", ...source, timeUs: baseUs + 2_500_001, label: "Q", confidence: 30 / 31 },
  ],
  rhythms: [
    { kind: "rhythm", ...source, timeUs: baseUs + 31_234_567, label: "(VT" },
    { kind: "rhythm", device: "patch", stream: "own", timeUs: baseUs + 31_000_000, label: "(own" },
  ],
  vitals: [15, 30, 45].map((s) => ({ kind: "vital", code: "hr", timeUs: baseUs + s * 1_000_000, value: 74.5 + s, unit: "bpm" })),
  gaps: [{ kind: "gap", device: "patch", stream: "own", fromUs: baseUs + 5_120_000, toUs: baseUs + 5_376_000 }],
  watched: [
    { kind: "watched", rule: "rhythm.vt", fromUs: baseUs - 250_000, toUs: baseUs + 59_750_000 },
    { kind: "watched", rule: "own.rule", fromUs: baseUs + 1, toUs: baseUs + 3 },
  ],
};
const sourced: EventsPayload = {
  ...events,
  vitals: [
    { kind: "vital", code: "hr", timeUs: baseUs + 5, value: 1 / 3, unit: "bpm" },
    { kind: "vital", code: "spo2", device: "clip", stream: "oxi", timeUs: baseUs + 6, value: 97, unit: "%" },
    { kind: "vital", code: "hr", ...source, timeUs: baseUs + 7, value: 71, unit: "bpm" },
  ],
};

const given = { alert: { kind: "alert", alert }, heartbeat, strip, events, sourced } satisfies Record<string, TwinPayload>;
/** Times come back as whole microseconds, seconds of uptime as whole ones. */
const back = {
  ...given,
  alert: { kind: "alert", alert: { ...alert, raisedUs: baseUs + 4_000_000 } },
  heartbeat: {
    ...heartbeat,
    timeUs: Math.round(baseUs + 0.5),
    uptimeS: 61,
    devices: [{ ...heartbeat.devices[0], lastSampleUs: baseUs - 5 }, heartbeat.devices[1]],
  },
  strip: { ...strip, startUs: baseUs },
};
const golden = {
  alert:
    "8201b8190164612d31370268706572736f6e2d61036972687974686d2e7674046773747261702d610500060107020801091b00060a241a809a000a1b" +
    "00060a241abda3000b1b00060a241b09ee400c1b00060a241b118f600d020efb40657000000000000f6362706d1018641164676f6f64128268656367" +
    "2d6265617465312e302e301368506572736f6e2042141b00060a241bb1c700151b00060a243f750d0016818268506572736f6e20411b00060a241a80" +
    "9a05178183656c6f63616c6272311b00060a241abf29a01818647365656e1819856f6472697665722e6261645f6d6574616365636760676d69737369" +
    "6e6760",
  heartbeat:
    "8202a6011b00060a241a809a0102183d0365302e312e3004818268706572736f6e2d6168506572736f6e20410582846773747261702d616870657273" +
    "6f6e2d61666f6e6c696e651b00060a241a8099fb84657370617265f66777616974696e67f60603",
  strip:
    "8204ac0168706572736f6e2d61028264612d313764612d3138036773747261702d61046365636705646563673107626d5608fb3f747ae147ae147b09" +
    "fbc0147ae147ae147b0a18fa0b1b00060a241a809a000c578340a03030119ffffffc0000000963fffffc0000088b7c06644d4c4949",
  events:
    "8203588e61c195c9cdbdb8b587c000006553f1a7fff77fe25dcdd1c985c0b5864cab830ba31b426deeedd2835ef1ff1c39ffe3f601ac000e7feafe1b" +
    "45614788ca50175800166183fff881580000ee4d437fc00394c77f14614286f776e8fe3bffc77f8647fc324fc81ff4d01ac5b21d051fffeaffffea22" +
    "81020000f424820600000007270dff8a04c37bbb717393ab6328",
  sourced:
    "820558b161c195c9cdbdb8b587c000006553f1a7fff77fe35dcdd1c985c0b5864cab830ba31b426deeedca31b634b826def0d32835ef1ff1c39ffe3f" +
    "601ac000e7feafe1b45614788ca50175800166183fff881580000ee4d437fc00394c77f14614286f776e8f213fe407f8a46a39b8379902b1492540af" +
    "3fd555555555555540584000000000004051c000000000000cbc3a0a3fffd5ffffd44502040001e849040c0000000e4e1bff140986f776e2e72756c6" +
    "50",
};
const kinds = ["alert", "heartbeat", "strip", "events", "sourced"] as const;

test.each(kinds)("the bytes of %s are what they have always been, and say the same", (kind) => {
  expect(Buffer.from(encodePayload(given[kind])).toString("hex")).toBe(golden[kind]);
  expect(decodePayload(Buffer.from(golden[kind], "hex"))).toEqual(back[kind]);
});

const undecodable = expect.objectContaining({ code: "semantic.undecodable", kind: "world" });

/** The content of a payload with some of its keys changed; `undefined` takes a key away. */
function bend(kind: "alert" | "heartbeat" | "strip", changes: Readonly<Record<number, unknown>>): Uint8Array {
  const [layout, content] = decodeCbor(Buffer.from(golden[kind], "hex")) as [number, Map<number, unknown>];
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) content.delete(Number(key));
    else content.set(Number(key), value);
  }
  return encodeCbor([layout, content]);
}

test.each([
  ["an id", 1, 5],
  ["a person", 2, undefined],
  ["a rule", 3, null],
  ["a device", 4, ["x"]],
  ["a priority of a newer version", 5, 4],
  ["a priority as text", 5, "high"],
  ["a kind of a newer version", 6, 2],
  ["a state of a newer version", 7, 7],
  ["a mode of a newer version", 8, 3],
  ["no onset", 9, undefined],
  ["half a microsecond", 10, 0.5],
  ["a time beyond what is counted", 11, 2n ** 60n],
  ["an end as text", 12, "x"],
  ["a count as text", 13, "2"],
  ["a value as text", 14, "171"],
  ["a unit as number", 15, 5],
  ["a limit as list", 16, [1]],
  ["no quality", 17, undefined],
  ["a model without a version", 18, ["ecg-beat"]],
  ["a model as text", 18, "ecg-beat"],
  ["a hand that is no text", 19, 1],
  ["no time of the hand", 20, "x"],
  ["no end of the acknowledgement", 21, "x"],
  ["a snooze by nobody", 22, [[5, 5]]],
  ["a snooze without an end", 22, [["Person A"]]],
  ["a delivery without a channel", 23, [[null, "r1", 5]]],
  ["a delivery without a receipt", 23, [["local", 5, 5]]],
  ["a delivery without a time", 23, [["local", "r1"]]],
  ["a reason that is no text", 24, 5],
  ["a cause without a code", 25, [1]],
  ["words of nobody", 26, [5, "", ""]],
  ["a note of an act that there is not", 27, [["Person B", 9, 7, "text"]]],
])("an alert with %s is undecodable", (_what, key, value) => {
  expect(() => decodePayload(bend("alert", { [key]: value }))).toThrow(undecodable);
});

test("an alert of a newer gateway is read without what this version does not know, and numbers of 64 bits as numbers", () => {
  const { cause, endedUs, ...rest } = back.alert.alert;
  const bytes = bend("alert", { 12: undefined, 13: 2n ** 40n, 25: ["x.y", "", 5, "", "", "more"], 126: "new" });
  expect(decodePayload(bytes)).toEqual({ kind: "alert", alert: { ...rest, count: 2 ** 40, cause: { code: "x.y" } } });
  const said = { by: "Bed flow", title: "Out of bed" };
  expect(decodePayload(bend("alert", { 26: ["Bed flow", "Out of bed", ""] }))).toMatchObject({ alert: { said } });
  const notes = [{ by: "Person B", verb: "reject", atUs: 7, text: "I am abroad" }];
  expect(decodePayload(bend("alert", { 27: [["Person B", 1, 7, "I am abroad"]] }))).toMatchObject({ alert: { notes } });
  const without = decodePayload(bend("alert", { 22: undefined, 23: 5, 25: undefined }));
  expect(without).toEqual({ kind: "alert", alert: { ...rest, endedUs, snoozes: [], deliveries: [] } });
});

test("every priority, kind, state, mode and part of a cause comes back", () => {
  const changes: Partial<AlertRecord>[] = [
    ...(["high", "medium", "low", "info"] as const).map((priority) => ({ priority })),
    ...(["physiological", "technical"] as const).map((kind) => ({ kind })),
    ...(["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"] as const).map((state) => ({ state })),
    ...(["real", "test", "demo"] as const).map((mode) => ({ mode })),
    ...(["stream", "field", "fault", "needs"] as const).map((part) => ({ cause: { code: "c", [part]: "x" } })),
  ];
  for (const change of changes) {
    const changed = { kind: "alert" as const, alert: { ...back.alert.alert, ...change } };
    expect(decodePayload(encodePayload(changed))).toEqual(changed);
  }
});

test.each([
  ["no time", 1, undefined],
  ["an uptime as text", 2, "61"],
  ["no version", 3, 5],
  ["people that are no list", 4, "person-a"],
  ["a person that is no list", 4, ["person-a"]],
  ["a person without a name", 4, [["person-a"]]],
  ["a person without an id", 4, [[5, "Person A"]]],
  ["no devices", 5, undefined],
  ["a device that is no list", 5, [5]],
  ["a device without an id", 5, [[null, null, "online", null]]],
  ["a device without a state", 5, [["strap-a", null, null, null]]],
  ["a device with half a microsecond", 5, [["strap-a", null, "online", 0.5]]],
  ["no depth", 6, undefined],
])("a heartbeat with %s is undecodable", (_what, key, value) => {
  expect(() => decodePayload(bend("heartbeat", { [key]: value }))).toThrow(undecodable);
});

test("a device of a heartbeat may end early", () => {
  expect(decodePayload(bend("heartbeat", { 5: [["strap-a", "person-a", "online"]] }))).toMatchObject({
    devices: [{ id: "strap-a", person: "person-a", state: "online" }],
  });
});

test.each([
  ["no person", 1, undefined],
  ["an alert that is no text", 2, [5]],
  ["no list of alerts", 2, "a-17"],
  ["no device", 3, 5],
  ["no stream", 4, 5],
  ["no channel", 5, 5],
  ["a lead that is no text", 6, 5],
  ["no unit", 7, undefined],
  ["a scale as text", 8, "0.005"],
  ["an endless scale", 8, Number.POSITIVE_INFINITY],
  ["no offset", 9, undefined],
  ["a rate that is no number", 10, Number.NaN],
  ["half a microsecond of start", 11, 0.5],
  ["no samples", 12, undefined],
  ["samples as a list", 12, [1, 2]],
])("a strip with %s is undecodable", (_what, key, value) => {
  expect(() => decodePayload(bend("strip", { [key]: value }))).toThrow(undecodable);
});

test("numbers of a strip may come in 64 bits", () => {
  expect(decodePayload(bend("strip", { 8: 2n ** 40n }))).toEqual({ ...back.strip, scale: 2 ** 40 });
});

test("what is no pair, no known layout, or has the wrong content is undecodable, and more than a pair is read", () => {
  const [layout, content] = decodeCbor(Buffer.from(golden.events, "hex")) as [number, Uint8Array];
  for (const item of [5, [], [layout], [0, content], [6, content], [9, new Map()], [layout, [1]], [5, "x"], [1, content], [2, 5], [4, 5]])
    expect(() => decodePayload(encodeCbor(item))).toThrow(undecodable);
  expect(decodePayload(encodeCbor([layout, content, "more"]))).toEqual(events);
  expect(() => decodePayload(Uint8Array.of(0xff))).toThrow(expect.objectContaining({ code: "semantic.bad_cbor", kind: "world" }));
});
