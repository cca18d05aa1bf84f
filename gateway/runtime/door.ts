/**
 * A listening socket with bounds. Connections that have shown an account and those that have not are counted apart, so that a stranger, from whatever
 * address, never takes the place of somebody who has one; where a list is full, it is whoever holds most of it that loses the oldest.
 */

import type { AddressInfo, Server, Socket } from "node:net";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createPlaces } from "./places.ts";

export interface DoorLimits {
  /** Connections that have not shown an account yet. */
  readonly maxStrangers: number;
  /** Longest time to show one, in ms. */
  readonly strangerMs: number;
  /** Connections of all accounts together. */
  readonly maxKnown: number;
  readonly maxPerAccount: number;
}

/** Why a connection was ended: too many strangers, no account in time, too many connections of all accounts or of one. */
export const doorRefusals = ["strangers_full", "stranger_late", "known_full", "account_full"] as const;
export type DoorRefusal = (typeof doorRefusals)[number];

interface DoorOptions {
  /** As in `ports.json`: http, mqtt, twin, twin_mqtt. */
  readonly name: string;
  /** Errors are `<area>.port_busy` and `<area>.listen_failed`. */
  readonly area: string;
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  readonly limits: DoorLimits;
  readonly clock: Clock;
  readonly onRefused?: (reason: DoorRefusal, address: string) => void;
}

export interface Door {
  /** The port in use. */
  readonly port: number;
  readonly strangerCount: number;
  readonly knownCount: number;
  /** Connections ended since the start. */
  readonly refusals: Readonly<Record<DoorRefusal, number>>;
  /** The connection has shown an account and is no stranger's any more. The first account counts. */
  admit(peer: Peer, account: string): void;
  /** Lets nobody in any more, waits for what those inside are still told, then ends every connection. */
  close(farewell?: () => Promise<void>): Promise<void>;
}

/** The ends of a connection say which it is; a TLS socket has those of the socket below it. */
export type Peer = Pick<Socket, "localAddress" | "remoteAddress" | "remotePort">;

interface Visitor {
  readonly socket: Socket;
  readonly address: string;
  isKnown: boolean;
  leave: () => void;
}

/** Shorter than any list of strangers: a burst that the system hands over at once pushes nobody out who came within it. */
const backlog = 256;

/** Listens with `server`, of any kind that takes TCP connections. @throws GatewayError `<area>.port_busy`, `<area>.listen_failed` (operator) */
export async function openDoor(server: Server, options: DoorOptions): Promise<Door> {
  const { limits, clock } = options;
  const refusals: Record<DoorRefusal, number> = { strangers_full: 0, stranger_late: 0, known_full: 0, account_full: 0 };
  const end = ({ socket, address }: Visitor, reason: DoorRefusal) => {
    refusals[reason]++;
    socket.destroy();
    options.onRefused?.(reason, address);
  };
  const visitors = new Map<string, Visitor>();
  const strangers = createPlaces<Visitor>(limits.maxStrangers, limits.maxStrangers, (visitor) => end(visitor, "strangers_full"));
  const known = createPlaces<Visitor>(limits.maxKnown, limits.maxPerAccount, (visitor, isOwn) =>
    end(visitor, isOwn ? "account_full" : "known_full"),
  );

  server.on("connection", (socket: Socket) => {
    const key = keyOf(socket);
    const visitor: Visitor = { socket, address: addressOf(socket), isKnown: false, leave: () => {} };
    visitors.set(key, visitor);
    const cancel = clock.after(limits.strangerMs, () => end(visitor, "stranger_late"));
    const leaveStrangers = strangers.take(visitor.address, visitor);
    visitor.leave = () => {
      cancel();
      leaveStrangers();
    };
    socket.once("close", () => {
      visitor.leave();
      if (visitors.get(key) === visitor) visitors.delete(key);
    });
  });

  const port = await listen(server, options);
  return {
    port,
    get strangerCount() {
      return strangers.count;
    },
    get knownCount() {
      return known.count;
    },
    refusals,
    admit(peer, account) {
      const visitor = visitors.get(keyOf(peer));
      // One that has ended meanwhile takes no place.
      if (visitor === undefined || visitor.isKnown || visitor.socket.destroyed) return;
      visitor.leave();
      visitor.isKnown = true;
      visitor.leave = known.take(account, visitor);
    },
    async close(farewell) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await farewell?.();
      for (const { socket } of visitors.values()) socket.destroy();
      await closed;
    },
  };
}

const keyOf = ({ localAddress, remoteAddress, remotePort }: Peer) => `${localAddress} ${remoteAddress} ${remotePort}`;

/** A host on IPv6 has a whole /64 to itself. */
function addressOf({ remoteAddress = "", remoteFamily }: Socket): string {
  if (remoteFamily !== "IPv6" || remoteAddress.startsWith("::ffff:")) return remoteAddress;
  const [head = "", tail] = remoteAddress.split("::");
  const groups = head.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - tail.split(":").length);
  return [...groups, ...Array<string>(missing).fill("0")].slice(0, 4).join(":");
}

function listen(server: Server, { name, area, host, port }: DoorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isBusy = cause.code === "EADDRINUSE";
      const message = isBusy
        ? `Port ${port} (${name}) is in use by another program.`
        : `Cannot listen on ${host} port ${port} (${name}): ${cause.code ?? cause.message}.`;
      const code = isBusy ? `${area}.port_busy` : `${area}.listen_failed`;
      reject(new GatewayError(code, "operator", message, { cause, fields: { host, port } }));
    });
    server.listen({ port, host, backlog }, () => resolve((server.address() as AddressInfo).port));
  });
}
