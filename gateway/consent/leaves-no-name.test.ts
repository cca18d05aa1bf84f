/** A sweep over everything that the home says to its twin: nobody's id and nobody's name is in it. A kind of payload that is added and not shown here fails. */

import { expect, test } from "vitest";
import { type AlertRecord, vitalCodes } from "../../device-drivers/contract/event.ts";
import { SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { lossless } from "../semantic/codecs/lossless.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { EventsPayload } from "../semantic/payloads/events.ts";
import { payloadKinds, type TwinPayload } from "../semantic/payloads/index.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import { encodePose } from "../semantic/pose-code.ts";
import { uplinkTopics, uplinkWill } from "../sync/uplink.ts";
import { createGate } from "./clear-row.ts";
import { changed, firstConsent } from "./consent.ts";
import { pseudonymsOf } from "./pseudonyms.ts";

const person = "person-somebody";
const name = "Somebody of Here";
const nowUs = 1_700_000_000_000_000;
const house = "gateway";
const names = pseudonymsOf({ key: Buffer.alloc(32, 7).toString("base64"), plainUntilUs: 0 }, house);

const source = { device: "strap", stream: "ecg" };
const events: EventsPayload = {
  ...{ kind: "events", person, fromUs: nowUs, toUs: nowUs + 60e6 },
  beats: [{ kind: "beat", ...source, timeUs: nowUs + 1e6, label: "N", confidence: 1 }],
  rhythms: [{ kind: "rhythm", ...source, timeUs: nowUs + 1e6, label: "sinus" }],
  vitals: [{ kind: "vital", ...source, timeUs: nowUs + 1e6, code: vitalCodes[0], value: 61, unit: "/min" }],
  gaps: [{ kind: "gap", ...source, fromUs: nowUs, toUs: nowUs + 1e6, reason: "missing" }],
  watched: [{ kind: "watched", rule: "hr.high", fromUs: nowUs, toUs: nowUs + 1e6 }],
} as EventsPayload;
const samples = Int32Array.of(1, 2, 3);
const signal = { person, ...source, channel: "ecg", unit: "mV", scale: 0.005, offset: 0, rateHz: 250, startUs: nowUs, samples };
const waveform: WaveformPayload = { kind: "waveform", ...signal, codec: 0, rmse: 0, peaks: [], code: lossless.encode({ samples }).bytes };
const rotations = Float32Array.from({ length: 2 * segmentCount * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
const pose = { rateHz: 30, rotations, states: new Uint8Array(2 * segmentCount).fill(SegmentState.measured) };
const alert: AlertRecord = {
  ...{
    id: names.hash(`${person} hr.high 1`),
    person,
    rule: "hr.high",
    device: "strap",
    priority: "medium",
    kind: "physiological",
    state: "active",
    mode: "real",
  },
  ...{ onsetUs: nowUs, raisedUs: nowUs, lastSeenUs: nowUs, count: 1, quality: "good", snoozes: [], deliveries: [] },
};

const said: Readonly<Record<Exclude<TwinPayload["kind"], "renamed" | "pose">, TwinPayload>> = {
  alert: { kind: "alert", alert },
  heartbeat: {
    ...{ kind: "heartbeat", timeUs: nowUs, uptimeS: 1, version: "1", people: [{ id: person, name }], outboxDepth: 0 },
    devices: [{ id: "strap", person, state: "live" }],
  },
  events,
  strip: { kind: "strip", alertIds: [alert.id], ...signal },
  leave: { kind: "leave", person, timeUs: nowUs },
  waveform,
  window: { kind: "window", person, events, waveforms: [waveform] },
  acted: { kind: "acted", act: "a1", person, outcome: "done", timeUs: nowUs },
};

const everything = changed(firstConsent(0, "x"), { alerts: true, strips: true, streams: { "*": "raw" } }, 1, "x");
const gate = createGate({ consentOf: () => everything, names, plainUntilUs: names.plainUntilUs, house });
/** As text, bytes of codes left out. */
const textOf = (payload: unknown) => JSON.stringify(payload, (_, value) => (ArrayBuffer.isView(value) ? "" : value));

test.each(payloadKinds.map(({ kind }) => kind))("what leaves as %s names nobody", (kind) => {
  // It tells a twin that knew people by their ids under which names it knows them from now on; a home that never told ids never says it.
  if (kind === "renamed") return expect(names.plainUntilUs).toBe(0);
  const { code, errorDeg } = encodePose(pose, 1);
  const payload =
    kind === "pose" ? { kind, person, about: [source] as const, startUs: nowUs, code, pose: { ...pose, errorDeg } } : said[kind];
  const cleared = gate({ payload: shippedPayloads.encode(payload as TwinPayload) });
  if (cleared.kind !== "go") throw new Error(cleared.reason);
  const left = shippedPayloads.decode(cleared.payload);
  expect(left.kind).toBe(kind);
  const text = textOf(left);
  for (const word of ["somebody", "Somebody", name]) expect(text).not.toContain(word);
  expect(text).toContain(names.person(person));
  if (kind !== "leave") expect(cleared.people).toEqual(expect.arrayContaining([person]));
});

test("topics, will and client of the line carry the home's id alone", () => {
  const { up, subscribe, alsoSubscribe, ...topics } = uplinkTopics("home-a");
  const all = [...Object.values(topics), ...subscribe, ...alsoSubscribe, up("alert"), up("semantic"), uplinkWill("home-a").topic];
  for (const topic of all) expect(topic).toMatch(/^hearth\/v1\/home-a\/[a-z/]+$/);
});
