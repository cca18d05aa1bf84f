/** The fake link: a port in memory whose other end a test holds. Shipped, so that tests of anything above a link need no port. */

import { PassThrough } from "node:stream";
import { GatewayError } from "../contract/error.ts";
import type { Link, LinkConnection } from "./link.ts";

/** The device's end. */
export interface MemoryPort {
  readonly link: Link;
  /** Bytes from the device to whoever has opened the link; lost while nobody has. */
  send(bytes: Uint8Array): void;
  /** Takes the plug out: the connection ends with an error. */
  unplug(): void;
  /** Closes politely: the iteration ends. */
  hangUp(): void;
  /** Whether `open` succeeds. */
  isPresent: boolean;
  readonly openCount: number;
  /** What was written to the device. */
  readonly written: readonly Uint8Array[];
}

export function memoryPort(): MemoryPort {
  let pipe: PassThrough | undefined;
  let openCount = 0;
  const written: Uint8Array[] = [];
  const lost = () => new GatewayError("link.lost", "world", "memory: the port was lost");

  const connectionOf = (own: PassThrough): LinkConnection => ({
    async *[Symbol.asyncIterator]() {
      for await (const chunk of own) yield new Uint8Array(chunk as Uint8Array);
    },
    async write(bytes) {
      if (own.destroyed) throw lost();
      written.push(new Uint8Array(bytes));
    },
    async close() {
      own.end();
    },
  });

  const port: MemoryPort = {
    isPresent: true,
    link: {
      async open(signal) {
        if (!port.isPresent || signal.aborted) throw new GatewayError("link.not_found", "world", "memory: there is no such port");
        openCount++;
        pipe = new PassThrough();
        return connectionOf(pipe);
      },
    },
    send: (bytes) => void pipe?.write(new Uint8Array(bytes)),
    unplug: () => void pipe?.destroy(lost()),
    hangUp: () => void pipe?.end(),
    get openCount() {
      return openCount;
    },
    written,
  };
  return port;
}
