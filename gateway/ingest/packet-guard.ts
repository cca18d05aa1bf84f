/** A byte machine in front of the broker: whole, well-formed packets pass, anything else ends the connection. Pure; keeps at most one packet. */

import { crc32 } from "node:zlib";
import { checkAck, checkConnect, checkFilters, checkPublish, type Refusal, takeKeepAliveS } from "./packet-checks.ts";

interface Guarded {
  /** Whole packets to hand on, in order; views of the input wherever possible. */
  readonly pass: Uint8Array[];
  packetCount: number;
  /** PUBACK, PUBREC and PUBCOMP: what the client claims to have received. */
  ackCount: number;
  /** The client said DISCONNECT in these bytes. */
  isFarewell: boolean;
  /** A CONNECT is the first packet of `pass`; its keep-alive. */
  keepAliveS: number | undefined;
  refusal: Refusal | undefined;
}

/**
 * Is offered each PUBLISH that nothing stands before in the same chunk: fixed header at `start`, body at `from`…`end`. True = taken, it is not passed
 * on. The bytes may be kept: nobody writes to them again.
 */
export type Tap = (bytes: Uint8Array, start: number, from: number, end: number) => boolean;

export interface PacketGuard {
  /** Takes bytes in any cutting. After a refusal everything further is dropped. */
  push(chunk: Uint8Array, tap?: Tap): Guarded;
}

/** Largest packet with its header; a batch is at most 16 KiB (devices.md §10). */
export const MAX_PACKET_BYTES = 65_536;
/** A QoS 2 id may come twice with the same content before its PUBREL; a third is a client that can't be satisfied. */
const MAX_SAME_ID = 2;
const MAX_OPEN_QOS2 = 1000;
const MAX_HEADER_BYTES = 5;

/** One guard a connection. `maxPacketBytes` counts the whole packet and is enforced as soon as its length is known. */
export function createPacketGuard(maxPacketBytes = MAX_PACKET_BYTES): PacketGuard {
  const head = new Uint8Array(MAX_HEADER_BYTES);
  let headBytes = 0;
  let partial: Uint8Array | undefined;
  let partialBytes = 0;
  let isConnected = false;
  let isClosed = false;
  const repeats = createRepeatWatch();

  const check = (bytes: Uint8Array, start: number, from: number, end: number): Refusal | undefined => {
    const type = (bytes[start] ?? 0) >> 4;
    const flags = (bytes[start] ?? 0) & 0x0f;
    if (type === 3) {
      const refusal = checkPublish(bytes, flags, from, end);
      if (refusal !== undefined || (flags & 4) === 0) return refusal;
      return repeats.isAllowed(bytes, flags, from, end) ? undefined : { reason: "repeated_id" };
    }
    if (flags !== (type === 6 || type === 8 || type === 10 ? 2 : 0)) return { reason: "bad_flags" };
    if (type === 8 || type === 10) return checkFilters(bytes, from, end, type === 8);
    if (type === 12 || type === 14) return end === from ? undefined : { reason: "bad_length" };
    if (type < 4 || type > 7) return { reason: type === 1 ? "second_connect" : "bad_type" }; // [MQTT-3.1.0-2]
    const refusal = checkAck(bytes, from, end);
    if (refusal === undefined && type === 6) repeats.release(bytes, from);
    return refusal;
  };

  /** Counts a packet or sets the refusal; true = it may pass. */
  const admit = (bytes: Uint8Array, start: number, from: number, end: number, out: Guarded): boolean => {
    const first = bytes[start] ?? 0;
    const isConnect = first >> 4 === 1;
    if (!isConnected && !isConnect)
      out.refusal = { reason: "not_connected" }; // [MQTT-3.1.0-1]
    else out.refusal = isConnect && !isConnected ? checkConnect(bytes, from) : check(bytes, start, from, end);
    if (out.refusal !== undefined) {
      isClosed = true;
      return false;
    }
    isConnected = true;
    out.packetCount++;
    if (isConnect) out.keepAliveS = takeKeepAliveS(bytes, from);
    else if (first === 0xe0) out.isFarewell = true;
    else if (first === 0x40 || first === 0x50 || first === 0x70) out.ackCount++;
    return true;
  };

  const refuse = (out: Guarded, reason: Refusal["reason"]) => {
    out.refusal = { reason };
    isClosed = true;
  };

  /** Continues a packet that began in an earlier chunk, or starts one that goes on in a later one; returns where to read on. */
  const collect = (chunk: Uint8Array, start: number, out: Guarded, tap?: Tap): number => {
    let at = start;
    while (partial === undefined && at < chunk.length) {
      head[headBytes++] = chunk[at++] ?? 0;
      if (!isConnected && (head[0] ?? 0) >> 4 !== 1) {
        refuse(out, "not_connected"); // [MQTT-3.1.0-1]
        return at;
      }
      const total = packetBytes(head, 0, headBytes);
      if (total === 0 || total > maxPacketBytes) {
        refuse(out, total === 0 ? "bad_length" : "too_large");
        return at;
      }
      if (total < 0) continue;
      partial = new Uint8Array(total);
      partial.set(head.subarray(0, headBytes));
      partialBytes = headBytes;
    }
    if (partial === undefined) return at;
    const count = Math.min(partial.length - partialBytes, chunk.length - at);
    partial.set(chunk.subarray(at, at + count), partialBytes);
    partialBytes += count;
    if (partialBytes === partial.length) {
      const isTaken =
        admit(partial, 0, headBytes, partial.length, out) && tap !== undefined && isTapped(tap, out, partial, 0, headBytes, partial.length);
      if (!isTaken && out.refusal === undefined) out.pass.push(partial);
      partial = undefined;
      headBytes = 0;
    }
    return at + count;
  };

  return {
    push(chunk, tap) {
      const out: Guarded = { pass: [], packetCount: 0, ackCount: 0, isFarewell: false, keepAliveS: undefined, refusal: undefined };
      let at = headBytes > 0 && !isClosed ? collect(chunk, 0, out, tap) : 0;
      let runStart = at;
      while (at < chunk.length && !isClosed) {
        const total = isConnected ? packetBytes(chunk, at, chunk.length) : -1;
        if (total === 0 || total > maxPacketBytes) refuse(out, total === 0 ? "bad_length" : "too_large");
        else if (total < 0 || at + total > chunk.length) {
          if (at > runStart) out.pass.push(chunk.subarray(runStart, at));
          at = collect(chunk, at, out, tap);
          runStart = at;
        } else {
          const from = at + headerBytes(chunk, at);
          if (!admit(chunk, at, from, at + total, out)) break;
          // Order is kept: what follows a packet that goes the long way goes that way too.
          const isTaken = tap !== undefined && at === runStart && isTapped(tap, out, chunk, at, from, at + total);
          at += total;
          if (isTaken) runStart = at;
        }
      }
      if (at > runStart) out.pass.push(chunk.subarray(runStart, at));
      return out;
    },
  };
}

function isTapped(tap: Tap, out: Guarded, bytes: Uint8Array, start: number, from: number, end: number): boolean {
  return (bytes[start] ?? 0) >> 4 === 3 && out.pass.length === 0 && tap(bytes, start, from, end);
}

/** Remembers open QoS 2 ids by content: the same packet again and again is refused, a new content starts a new count. */
function createRepeatWatch() {
  const open = new Map<number, { crc: number; count: number }>();
  const idAt = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return {
    isAllowed(bytes: Uint8Array, flags: number, from: number, end: number): boolean {
      const id = idAt(bytes, from + 2 + idAt(bytes, from));
      const crc = crc32(bytes.subarray(from, end));
      const known = open.get(id);
      if (known === undefined && open.size >= MAX_OPEN_QOS2) return false;
      if (known === undefined || known.crc !== crc) open.set(id, { crc, count: 1 });
      else if ((flags & 8) === 0) known.count++;
      return (known?.count ?? 0) <= MAX_SAME_ID;
    },
    release: (bytes: Uint8Array, at: number) => void open.delete(idAt(bytes, at)),
  };
}

/** Size of the packet at `at` with its header; −1 = its length isn't there yet, 0 = the length is malformed (a fifth byte) [MQTT §2.2.3]. */
function packetBytes(bytes: Uint8Array, at: number, end: number): number {
  let remaining = 0;
  for (let i = 1; i <= 4; i++) {
    if (at + i >= end) return -1;
    const byte = bytes[at + i] ?? 0;
    remaining += (byte & 0x7f) * 2 ** (7 * (i - 1));
    if (byte < 0x80) return 1 + i + remaining;
  }
  return 0;
}

/** Bytes before the body of a packet whose length is complete. */
function headerBytes(bytes: Uint8Array, at: number): number {
  let i = 1;
  while ((bytes[at + i] ?? 0) >= 0x80) i++;
  return i + 1;
}
