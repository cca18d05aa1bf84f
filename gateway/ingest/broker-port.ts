/** The home's broker as the rest of the gateway sees it: who connected, what was published, and a word to say when it is safe. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { DoorLimits } from "../runtime/door.ts";
import type { Cause } from "../runtime/refusals.ts";
import type { Allow, Principal } from "./acl.ts";
import type { Credentials } from "./credentials.ts";
import type { keptLimits } from "./kept-sessions.ts";
import type { RateLimits } from "./pressure.ts";

export interface Publisher extends Principal {
  readonly clientId: string;
  readonly address: string;
}

/** A packet on a device's topic. `payload` is a view that nobody writes to again; it may keep a whole read of 64 KiB alive. */
export interface DevicePublish {
  readonly device: string;
  /** Below the device's prefix: `<stream>/raw`, `<stream>/meta`, `status`, `cmd/<name>/reply`. */
  readonly channel: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
}

/**
 * Called in order per client; `done` exactly once. Until then there is no PUBACK. `done(error)`: no PUBACK at all, and the connection is closed,
 * because a client of MQTT 3.1.1 re-sends only after it has connected again [MQTT-4.4.0-1].
 */
type OnPublish = (publisher: Publisher, message: DevicePublish, done: (error?: Error) => void) => void;

export interface BrokerOptions {
  /** 0 asks for a free port. */
  readonly port: number;
  /** Loopback until the home is claimed (law 9). */
  readonly host: string;
  readonly credentials: Pick<Credentials, "verify" | "has" | "onRevoke">;
  readonly clock: Clock;
  readonly onPublish: OnPublish;
  /** Resolves while the journal can take more; all sockets wait for it. */
  readonly journalRoom?: () => Promise<void>;
  readonly allow?: Allow;
  readonly rates?: RateLimits;
  readonly maxPacketBytes?: number;
  /** Other bounds than the usual ones. */
  readonly door?: Partial<DoorLimits>;
  /** What was refused, to whom and over what; may be called as often as a stranger likes. A client that published where it may not is cut when this has resolved. */
  readonly onRefused?: (cause: Omit<Cause, "where">) => Promise<void> | void;
  readonly kept?: Partial<typeof keptLimits>;
  /** Two clients fight for one client id; `user` is the account of the last one. */
  readonly onDuplicateIdentity?: (clientId: string, user: string) => void;
  /** A client came (true) or went (false). */
  readonly onPresence?: (publisher: Publisher, isConnected: boolean) => void;
  /** Constant sentences with fields; no payload, no patient value. */
  readonly log?: (level: "debug" | "info" | "warn" | "error", message: string, fields: Record<string, unknown>) => void;
}

export interface BrokerClient extends Publisher {
  readonly sinceUs: number;
  readonly packetCount: number;
  readonly byteCount: number;
}

export interface BrokerCounters {
  connectionsTotal: number;
  packetsTotal: number;
  bytesTotal: number;
  publishesTotal: number;
  /** Publishes that were not acknowledged because `done` had an error. */
  unstoredTotal: number;
  takeoversTotal: number;
  /** By reason: the guard's, the door's, and `tls_failed wrong_password busy client_id_taken acl_publish acl_subscribe acl_will acl_forward`. */
  readonly refusals: Record<string, number>;
}

/** PEM texts of a certificate (with what it was signed by, where devices do not know that) and of its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A place to listen. */
export interface WayIn {
  /** As in `ports.json`. */
  readonly name: string;
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** Without it in plain text. */
  readonly tls?: TlsFiles;
}

export interface BrokerDoor {
  readonly port: number;
  /** From now on new connections are shown this; those that are there go on. */
  present(tls: TlsFiles): void;
  close(): Promise<void>;
}

export interface Broker extends AsyncDisposable {
  readonly port: number;
  /** One more way in, beside the one that it was started with. @throws GatewayError `ingest.port_busy`, `ingest.listen_failed` */
  open(way: WayIn): Promise<BrokerDoor>;
  /** The gateway's own words: retained states, requests on `cmd/…`. Resolves when every subscriber has been handed it. */
  publish(topic: string, payload: Uint8Array | string, options?: { retain?: boolean; qos?: 0 | 1 | 2 }): Promise<void>;
  clients(): BrokerClient[];
  /** Closes every connection whose account or client id is `name`; answers how many. */
  kick(name: string): number;
  readonly counters: Readonly<BrokerCounters>;
  close(): Promise<void>;
}
