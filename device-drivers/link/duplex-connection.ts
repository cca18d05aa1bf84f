/** Any duplex stream of Node as a connection. Reading is pulled, so a slow gateway pauses the port. */

import type { Duplex } from "node:stream";
import { GatewayError } from "../contract/error.ts";
import type { LinkConnection } from "./link.ts";

interface ConnectionOptions {
  /** Where the port is, for the error's fields. */
  readonly place: string;
  /** Closes the port; resolves when it is closed. */
  readonly close: () => Promise<void>;
}

/** The stream must be open. From here on its errors end the iteration and are thrown there, nowhere else. */
export function duplexConnection(stream: Duplex, { place, close }: ConnectionOptions): LinkConnection {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure ??= error;
  });
  const lost = (cause: unknown) => new GatewayError("link.lost", "world", `${place}: the port was lost`, { cause, fields: { place } });
  let closing: Promise<void> | undefined;
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of stream) yield new Uint8Array(chunk as Uint8Array);
      } catch (error) {
        if (closing === undefined) throw lost(error);
      } finally {
        await closeOnce();
      }
    },
    write(bytes) {
      if (failure !== undefined || stream.destroyed) return Promise.reject(lost(failure));
      return new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(lost(error)) : resolve()));
      });
    },
    close: closeOnce,
  };
}
