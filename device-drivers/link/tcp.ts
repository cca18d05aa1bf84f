/** A device that serves its bytes on a TCP port. One connection, no retry: that is the supervisor's. */

import { once } from "node:events";
import { connect } from "node:net";
import Type from "typebox";
import { GatewayError } from "../contract/error.ts";
import { duplexConnection } from "./duplex-connection.ts";
import type { Link } from "./link.ts";
import { defineLink } from "./link-kind.ts";

export const tcp = defineLink({
  kind: "tcp",
  options: { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
  create: tcpLink,
});

interface TcpLinkOptions {
  readonly host: string;
  readonly port: number;
}

export function tcpLink({ host, port }: TcpLinkOptions): Link {
  const place = `${host}:${port}`;
  return {
    async open(signal) {
      const socket = connect({ host, port, noDelay: true, keepAlive: true });
      try {
        await once(socket, "connect", { signal });
      } catch (cause) {
        socket.destroy();
        throw new GatewayError("link.refused", "world", `${place}: nobody answers`, { cause, fields: { place } });
      }
      return duplexConnection(socket, {
        place,
        async close() {
          socket.destroy();
        },
      });
    },
  };
}
