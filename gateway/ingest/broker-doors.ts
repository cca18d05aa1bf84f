/** The broker's ways in: each a listening socket with bounds of its own, all with the same accounts and checks behind them. */

import { constants } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { type Door, type DoorLimits, openDoor, type Peer } from "../runtime/door.ts";
import type { BrokerDoor, WayIn } from "./broker-port.ts";

interface BrokerDoorsOptions {
  readonly clock: Clock;
  readonly limits: DoorLimits;
  /** Takes a client's socket, decrypted where it came by TLS. */
  readonly enter: (socket: Socket) => void;
  readonly onRefused: (reason: string, address: string) => void;
}

interface BrokerDoors {
  /** @throws GatewayError `ingest.port_busy`, `ingest.listen_failed` */
  open(way: WayIn): Promise<BrokerDoor>;
  /** The connection has shown an account; by whichever door it came. */
  admit(peer: Peer, account: string): void;
  /** Lets nobody in any more, and ends the connections when `farewell` has been said. */
  close(farewell: () => Promise<void>): Promise<void>;
}

/** A client on a slow radio needs some round trips; one that only holds the socket has no longer than a stranger has. */
const handshakeMs = 10_000;

export function createBrokerDoors({ clock, limits, enter, onRefused }: BrokerDoorsOptions): BrokerDoors {
  const doors = new Set<Door>();
  return {
    async open({ name, host, port, tls }) {
      const secure = tls === undefined ? undefined : createTlsServer({ ...tls, ...tlsSettings }, enter);
      secure?.on("tlsClientError", (_error, socket) => onRefused("tls_failed", socket.remoteAddress ?? ""));
      const server = secure ?? createServer({ noDelay: true }, enter);
      const door = await openDoor(server, { ...{ name, host, port, clock, limits, onRefused }, area: "ingest" });
      doors.add(door);
      return {
        port: door.port,
        present: (files) => secure?.setSecureContext({ ...files, ...tlsSettings }),
        close() {
          doors.delete(door);
          return door.close();
        },
      };
    },
    admit(peer, account) {
      for (const door of doors) door.admit(peer, account);
    },
    async close(farewell) {
      const said = farewell();
      await Promise.all([...doors].map((door) => door.close(() => said)));
    },
  };
}

/** A client gains nothing by renegotiating, and could make the gateway work with it. */
const tlsSettings = {
  noDelay: true,
  handshakeTimeout: handshakeMs,
  minVersion: "TLSv1.2",
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const;
