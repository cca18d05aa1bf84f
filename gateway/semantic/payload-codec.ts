/**
 * TwinPayload ↔ bytes: one CBOR array [codec number, content]. It compresses and never judges; what it can't read stays readable for a later version.
 * Lossless but for what beat-codec.ts states (confidence in 31 steps, rrMs to 1 µs) and times, which are whole microseconds.
 */

import { alertFromMap, alertToMap } from "./alert-codec.ts";
import { undecodable } from "./bits.ts";
import { decodeCbor, encodeCbor, safeInteger, wireInteger } from "./cbor.ts";
import { decodeEvents, encodeEvents, needsSources } from "./events-codec.ts";
import type { HeartbeatPayload, StripPayload, TwinPayload } from "./payload.ts";
import { decodeSamples, encodeSamples } from "./strip-codec.ts";

/** A number is never given to another layout: a changed layout gets the next free one. */
const codec = { alert: 1, heartbeat: 2, events: 3, strip: 4, sourcedEvents: 5 } as const;

type Fields = ReadonlyMap<unknown, unknown>;

export function encodePayload(payload: TwinPayload): Uint8Array {
  switch (payload.kind) {
    case "alert":
      return encodeCbor([codec.alert, alertToMap(payload.alert)]);
    case "heartbeat":
      return encodeCbor([codec.heartbeat, heartbeatToMap(payload)]);
    case "events":
      return encodeCbor([needsSources(payload) ? codec.sourcedEvents : codec.events, encodeEvents(payload)]);
    case "strip":
      return encodeCbor([codec.strip, stripToMap(payload)]);
  }
}

/** @throws GatewayError `semantic.bad_cbor`, `semantic.undecodable` (also for layouts of a newer version). */
export function decodePayload(bytes: Uint8Array): TwinPayload {
  const item = decodeCbor(bytes);
  if (!Array.isArray(item) || item.length < 2) throw undecodable("it is no array");
  const [number, content] = item as [unknown, unknown];
  if (number === codec.events || number === codec.sourcedEvents) {
    if (!(content instanceof Uint8Array)) throw undecodable("events are no bytes");
    return decodeEvents(content, { isSourced: number === codec.sourcedEvents });
  }
  if (!(content instanceof Map)) throw undecodable("it is no map");
  if (number === codec.alert) return { kind: "alert", alert: alertFromMap(content) };
  if (number === codec.heartbeat) return heartbeatFromMap(content);
  if (number === codec.strip) return stripFromMap(content);
  throw undecodable("a layout that this version does not have");
}

function heartbeatToMap(payload: HeartbeatPayload): Map<number, unknown> {
  return new Map<number, unknown>([
    [1, wireInteger(Math.round(payload.timeUs))],
    [2, Math.round(payload.uptimeS)],
    [3, payload.version],
    [4, payload.people.map(({ id, name }) => [id, name])],
    [5, payload.devices.map(({ id, person, state, lastSampleUs }) => [id, person ?? null, state, timeOrNull(lastSampleUs)])],
    [6, payload.outboxDepth],
  ]);
}

function heartbeatFromMap(fields: Fields): HeartbeatPayload {
  return {
    kind: "heartbeat",
    timeUs: integer(fields.get(1)),
    uptimeS: integer(fields.get(2)),
    version: text(fields.get(3)),
    people: list(fields.get(4)).map((row) => ({ id: text(list(row)[0]), name: text(list(row)[1]) })),
    devices: list(fields.get(5)).map((row) => {
      const [id, person, state, lastSampleUs] = list(row);
      return {
        id: text(id),
        ...(typeof person === "string" ? { person } : {}),
        state: text(state),
        ...(lastSampleUs === null || lastSampleUs === undefined ? {} : { lastSampleUs: integer(lastSampleUs) }),
      };
    }),
    outboxDepth: integer(fields.get(6)),
  };
}

function stripToMap(strip: StripPayload): Map<number, unknown> {
  const map = new Map<number, unknown>([
    [1, strip.person],
    [2, strip.alertIds],
    [3, strip.device],
    [4, strip.stream],
    [5, strip.channel],
    [7, strip.unit],
    [8, strip.scale],
    [9, strip.offset],
    [10, strip.rateHz],
    [11, wireInteger(Math.round(strip.startUs))],
    [12, encodeSamples(strip.samples)],
  ]);
  if (strip.lead !== undefined) map.set(6, strip.lead);
  return map;
}

function stripFromMap(fields: Fields): StripPayload {
  const packed = fields.get(12);
  if (!(packed instanceof Uint8Array)) throw undecodable("a strip has no samples");
  return {
    kind: "strip",
    person: text(fields.get(1)),
    alertIds: list(fields.get(2)).map(text),
    device: text(fields.get(3)),
    stream: text(fields.get(4)),
    channel: text(fields.get(5)),
    ...(fields.get(6) === undefined ? {} : { lead: text(fields.get(6)) }),
    unit: text(fields.get(7)),
    scale: real(fields.get(8)),
    offset: real(fields.get(9)),
    rateHz: real(fields.get(10)),
    startUs: integer(fields.get(11)),
    samples: decodeSamples(packed),
  };
}

function timeOrNull(us: number | undefined): number | bigint | null {
  return us === undefined ? null : wireInteger(Math.round(us));
}

function text(value: unknown): string {
  if (typeof value !== "string") throw undecodable("a text is missing");
  return value;
}

function integer(value: unknown): number {
  const whole = safeInteger(value);
  if (whole === undefined) throw undecodable("a whole number is missing");
  return whole;
}

function real(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw undecodable("a number is missing");
  return number;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw undecodable("a list is missing");
  return value;
}
