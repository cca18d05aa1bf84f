/** A virtual device that serves its bytes on a TCP port to whoever connects. */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type BytePort, maxWaitingBytes } from "./byte-port.ts";

interface TcpPort extends BytePort {
  readonly port: number;
  /** Connections that get the bytes. */
  readonly readerCount: number;
  /** Breaks every connection; new ones are taken. */
  cut(): void;
}

/** Port 0 asks for a free one. Listens on loopback only. */
export async function openTcpPort(port = 0): Promise<TcpPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A reader that vanishes is no error of the device.
    socket.on("error", () => socket.destroy());
    socket.resume();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    get readerCount() {
      return sockets.size;
    },
    write(bytes) {
      for (const socket of sockets) if (socket.writableLength < maxWaitingBytes) socket.write(bytes);
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
