/** What the broker remembers of an accepted client, and the cached decisions about its topics. */

import type { Client } from "aedes";
import type { Allow } from "./acl.ts";
import type { Publisher } from "./broker-port.ts";
import type { GuardedConnection } from "./connection.ts";
import { parseDeviceTopic } from "./topic.ts";

export const MAX_CACHED_TOPICS = 256;

/** What the gateway knows of an accepted client; it lives as long as its connection. */
export interface Session {
  readonly publisher: Publisher;
  readonly connection: GuardedConnection;
  connackUs: number;
  /** ACL answers by topic, so that a stream's second packet costs one look-up. */
  readonly routes: Map<string, Route>;
  readonly forwards: Map<string, boolean>;
  /** The broker keeps its subscriptions when it goes. */
  readonly isPersistent: boolean;
  /** CONNACK was sent. */
  isReady: boolean;
}

/** "free": allowed, and nothing for the journal. */
export type Route = { device: string; channel: string; isRaw: boolean } | "free" | "denied";

export interface Sessions {
  /** Found by connection as long as anyone asks: aedes publishes a will after the connection has ended. */
  readonly byConnection: WeakMap<object, Session>;
  /** Accepted and not ended. */
  readonly live: Set<Session>;
  /** Connected clients that may subscribe to streams: all but devices. */
  readerCount: number;
  /** Wills and packets that arrive now are not stored. */
  isClosing: boolean;
}

/** The session of an accepted client, or undefined. */
export function sessionOf(sessions: Sessions, client: Client | null): Session | undefined {
  return client === null ? undefined : sessions.byConnection.get(client.conn);
}

/** What becomes of a packet on `topic`: decided once per topic and connection. */
export function routeOf(session: Session, topic: string, allow: Allow): Route {
  const known = session.routes.get(topic);
  if (known !== undefined) return known;
  const parsed = parseDeviceTopic(topic);
  const isPermitted = allow(session.publisher, "publish", topic);
  const isOwn = session.publisher.role === "device" || session.publisher.role === "integrator";
  let route: Route = isPermitted ? "free" : "denied";
  if (isPermitted && parsed !== undefined && isOwn)
    route = { device: parsed.device, channel: parsed.channel, isRaw: parsed.channel.endsWith("/raw") };
  if (session.routes.size >= MAX_CACHED_TOPICS) session.routes.clear();
  session.routes.set(topic, route);
  return route;
}
