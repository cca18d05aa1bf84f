/**
 * The short way of a raw batch: from the guard to the journal, past the broker, while no client is connected that could read it. It decides nothing of
 * its own: the route is the ACL's, the acknowledgement waits for the same commit.
 */

import { isAllowed } from "./acl.ts";
import type { DevicePublish } from "./broker-port.ts";
import type { Tap } from "./packet-guard.ts";
import { type Route, routeOf, type Session, type Sessions } from "./session.ts";

export type StoreMessage = (session: Session, message: DevicePublish, done: (error?: Error) => void) => void;

/** Unacknowledged packets of one connection on the short way; beyond it the broker's own back-pressure takes over. */
const MAX_IN_FLIGHT = 512;

/** Takes QoS 0 and 1 on `…/<stream>/raw`. Retained, QoS 2 and everything else go the long way. */
export function createTap(session: Session, sessions: Sessions, store: StoreMessage): Tap {
  let known: { bytes: Uint8Array; topic: string; route: Route } | undefined;
  let inFlightCount = 0;
  const nothing = () => undefined;
  const { connection } = session;

  const lookUp = (bytes: Uint8Array, from: number, to: number) => {
    if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known;
    const topic = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
    known = { bytes: bytes.slice(from, to), topic, route: routeOf(session, topic, isAllowed) };
    return known;
  };

  return (bytes, start, from, end) => {
    const flags = (bytes[start] ?? 0) & 0x07;
    if ((flags !== 0 && flags !== 2) || sessions.readerCount > 0 || inFlightCount >= MAX_IN_FLIGHT) return false;
    const topicEnd = from + 2 + (((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0));
    const { topic, route } = lookUp(bytes, from + 2, topicEnd);
    if (typeof route === "string" || !route.isRaw) return false;
    const qos = flags === 0 ? 0 : 1;
    const message: DevicePublish = {
      device: route.device,
      channel: route.channel,
      topic,
      payload: bytes.subarray(topicEnd + 2 * qos, end),
      qos,
    };
    if (qos === 0) {
      store(session, message, nothing);
      return true;
    }
    const packetId = ((bytes[topicEnd] ?? 0) << 8) | (bytes[topicEnd + 1] ?? 0);
    inFlightCount++;
    store(session, message, (error) => {
      inFlightCount--;
      if (error === undefined) connection.acknowledge(packetId);
      else connection.destroy(error);
    });
    return true;
  };
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
