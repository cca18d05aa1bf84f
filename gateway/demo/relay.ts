/** A wire that can be cut: passes TCP bytes to another port until told to stop, and lets a cut line hang as a dead router does. */

import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  readonly isCut: boolean;
  /** Nothing passes any more and nobody is told: the connections stay open and swallow what is sent. */
  cut(): void;
  /** Ends what hung and passes new connections. */
  mend(): void;
  close(): Promise<void>;
}

export async function startRelay(toPort: number, host = "127.0.0.1"): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const pipe = (from: Socket, to: Socket) => {
    from.on("data", (bytes) => {
      if (!isCut) to.write(bytes);
    });
    for (const event of ["close", "error"]) from.on(event, () => to.destroy());
  };
  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => near.destroy());
    if (isCut) return;
    const far = connect(toPort, host);
    sockets.add(far);
    pipe(near, far);
    pipe(far, near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get isCut() {
      return isCut;
    },
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
      drop();
    },
    close: () =>
      new Promise<void>((resolve) => {
        drop();
        server.close(() => resolve());
      }),
  };
}
