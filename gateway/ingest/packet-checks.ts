/** What one whole MQTT 3.1/3.1.1 packet from a client must look like. Pure; looks at bytes in place and never lets a doubtful packet pass. */

import { isStrictText, isTopicFilter, isTopicName } from "./mqtt-text.ts";

/** Why the guard ends a connection: a counter's name, stable. */
export type RefusalReason =
  | "not_connected"
  | "second_connect"
  | "bad_type"
  | "bad_flags"
  | "bad_length"
  | "too_large"
  | "bad_text"
  | "bad_topic"
  | "bad_qos"
  | "bad_packet_id"
  | "bad_connect"
  | "bad_protocol"
  | "bad_client_id"
  | "bad_will"
  | "keep_alive"
  | "keep_alive_timeout"
  | "repeated_id"
  | "stray_acks"
  | "too_many_filters";

export interface Refusal {
  readonly reason: RefusalReason;
  /** CONNACK to send before the close, where the law has one. */
  readonly reply?: Uint8Array;
}

/** CONNACK in the shape of 3.1.1; code 1 protocol, 2 client id, 5 not authorised. */
const connack = (code: number) => Uint8Array.of(0x20, 0x02, 0x00, code);
/** CONNACK in the shape of MQTT 5, reason 0x84 "unsupported protocol version": what clients of other versions understand. */
const connackOtherVersion = Uint8Array.of(0x20, 0x03, 0x00, 0x84, 0x00);

/** Longest keep-alive; 0 ("never") counts as it, so that a half-open connection is always found. */
const MAX_KEEP_ALIVE_S = 120;

/** Filters of one packet, and of one client. */
export const MAX_FILTERS = 64;

const u16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const refuse = (reason: RefusalReason): Refusal => ({ reason });

/** PUBLISH; `from`…`to` is the body. QoS 2 repetition is the guard's. */
export function checkPublish(bytes: Uint8Array, flags: number, from: number, to: number): Refusal | undefined {
  const qos = (flags >> 1) & 3;
  if (qos === 3) return refuse("bad_qos"); // [MQTT-3.3.1-4]
  if (qos === 0 && (flags & 8) !== 0) return refuse("bad_flags"); // [MQTT-3.3.1-2]
  if (to - from < 2) return refuse("bad_length");
  const topicEnd = from + 2 + u16(bytes, from);
  if (topicEnd + (qos > 0 ? 2 : 0) > to) return refuse("bad_length");
  if (!isTopicName(bytes, from + 2, topicEnd)) return refuse("bad_topic");
  if (qos > 0 && u16(bytes, topicEnd) === 0) return refuse("bad_packet_id"); // [MQTT-2.3.1-1]
  return undefined;
}

/** SUBSCRIBE (with a QoS byte after each filter) and UNSUBSCRIBE (without). */
export function checkFilters(bytes: Uint8Array, from: number, to: number, withQos: boolean): Refusal | undefined {
  if (to - from < 2) return refuse("bad_length");
  if (u16(bytes, from) === 0) return refuse("bad_packet_id");
  let at = from + 2;
  let count = 0;
  if (at === to) return refuse("bad_length"); // [MQTT-3.8.3-3] [MQTT-3.10.3-2]
  while (at < to) {
    if (++count > MAX_FILTERS) return refuse("too_many_filters");
    if (to - at < 2) return refuse("bad_length");
    const end = at + 2 + u16(bytes, at);
    if (end + (withQos ? 1 : 0) > to) return refuse("bad_length");
    if (!isTopicFilter(bytes, at + 2, end)) return refuse("bad_topic");
    if (withQos && (bytes[end] ?? 0) > 2) return refuse("bad_qos"); // [MQTT-3-8.3-4]
    at = end + (withQos ? 1 : 0);
  }
  return undefined;
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: exactly a packet id. */
export function checkAck(bytes: Uint8Array, from: number, to: number): Refusal | undefined {
  if (to - from !== 2) return refuse("bad_length");
  return u16(bytes, from) === 0 ? refuse("bad_packet_id") : undefined;
}

/**
 * CONNECT, whole packet in its own memory: `bytes[0]` is the fixed header, the body starts at `from`. May rewrite it in place: MQTT 3.1 ignores the
 * reserved bits that 3.1.1 forbids.
 */
export function checkConnect(bytes: Uint8Array, from: number): Refusal | undefined {
  const to = bytes.length;
  if (to - from < 2) return refuse("bad_connect");
  const nameEnd = from + 2 + u16(bytes, from);
  if (nameEnd + 4 > to) return refuse("bad_connect");
  const name = protocolName(bytes, from + 2, nameEnd);
  if (name === undefined) return refuse("bad_protocol"); // [MQTT-3.1.2-1]
  const level = bytes[nameEnd] ?? 0;
  const fixedFlags = (bytes[0] ?? 0) & 0x0f;
  if (fixedFlags !== 0 && !(name === "MQIsdp" && level === 3)) return refuse("bad_flags");
  if (level < 3 || level > 4) return { reason: "bad_protocol", reply: connackOtherVersion };
  if ((name === "MQTT") !== (level === 4)) return { reason: "bad_protocol", reply: connack(1) }; // [MQTT-3.1.2-2]
  if (level === 3) {
    bytes[0] = 0x10;
    bytes[nameEnd + 1] = (bytes[nameEnd + 1] ?? 0) & 0xfe;
  }
  return checkConnectPayload(bytes, nameEnd, level);
}

function checkConnectPayload(bytes: Uint8Array, nameEnd: number, level: number): Refusal | undefined {
  const flags = bytes[nameEnd + 1] ?? 0;
  const hasWill = (flags & 0x04) !== 0;
  const hasUser = (flags & 0x80) !== 0;
  const hasPassword = (flags & 0x40) !== 0;
  if ((flags & 1) !== 0) return refuse("bad_flags"); // [MQTT-3.1.2-3]
  if (hasPassword && !hasUser) return refuse("bad_connect"); // [MQTT-3.1.2-22]
  if (hasWill ? (flags & 0x18) === 0x18 : (flags & 0x38) !== 0) return refuse("bad_will"); // [MQTT-3.1.2-11, -14]
  const at = nameEnd + 4;
  const idEnd = fieldEnd(bytes, at);
  if (idEnd === undefined) return refuse("bad_connect");
  if (!isStrictText(bytes, at + 2, idEnd)) return refuse("bad_text");
  const end = hasWill ? willEnd(bytes, idEnd) : idEnd;
  if (typeof end !== "number") return end;
  const userEnd = hasUser ? fieldEnd(bytes, end) : end;
  if (userEnd === undefined) return refuse("bad_connect");
  if (hasUser && !isStrictText(bytes, end + 2, userEnd)) return refuse("bad_text");
  const last = hasPassword ? fieldEnd(bytes, userEnd) : userEnd;
  if (last !== bytes.length) return refuse("bad_connect"); // also what is present without its flag [MQTT-3.1.2-18, -20]
  // [MQTT-3.1.3-7]; MQTT 3.1 knows no empty id at all.
  if (idEnd === at + 2 && (level === 3 || (flags & 0x02) === 0)) return { reason: "bad_client_id", reply: connack(2) };
  return checkKeepAlive(bytes, nameEnd + 2);
}

function checkKeepAlive(bytes: Uint8Array, at: number): Refusal | undefined {
  return u16(bytes, at) > MAX_KEEP_ALIVE_S ? { reason: "keep_alive", reply: connack(5) } : undefined;
}

/** Keep-alive of a checked CONNECT in s; in the packet it becomes 0, because the connection watches it, not the broker behind. */
export function takeKeepAliveS(bytes: Uint8Array, from: number): number {
  const at = from + 2 + u16(bytes, from) + 2;
  const keepAliveS = u16(bytes, at);
  bytes[at] = 0;
  bytes[at + 1] = 0;
  return keepAliveS === 0 ? MAX_KEEP_ALIVE_S : keepAliveS;
}

/** End of the will's topic and message; a will on a topic of the broker's own is refused. */
function willEnd(bytes: Uint8Array, at: number): number | Refusal {
  const topicEnd = fieldEnd(bytes, at);
  const end = topicEnd === undefined ? undefined : fieldEnd(bytes, topicEnd);
  if (topicEnd === undefined || end === undefined) return refuse("bad_connect");
  const isReserved = bytes[at + 2] === 0x24;
  return isReserved || !isTopicName(bytes, at + 2, topicEnd) ? refuse("bad_will") : end;
}

function fieldEnd(bytes: Uint8Array, at: number): number | undefined {
  if (at + 2 > bytes.length) return undefined;
  const end = at + 2 + u16(bytes, at);
  return end > bytes.length ? undefined : end;
}

function protocolName(bytes: Uint8Array, from: number, to: number): "MQTT" | "MQIsdp" | undefined {
  const name = to - from <= 6 ? String.fromCharCode(...bytes.subarray(from, to)) : "";
  return name === "MQTT" || name === "MQIsdp" ? name : undefined;
}
