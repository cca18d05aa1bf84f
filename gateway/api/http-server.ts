/** An HTTP server with bounds on what one connection may send and on how long anything may take. It knows no route. */

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { HttpCounters } from "./http-counters.ts";

export const httpLimits = {
  /** Request line and headers together. */
  maxHeaderBytes: 16 << 10,
  maxHeaders: 64,
  /** From the connection, or the end of the request before, to the end of the headers. */
  headersMs: 10_000,
  /** A whole request: 64 MB in this time are 4.5 Mbit/s. */
  requestMs: 120_000,
  /** From the headers to the last byte of the answer that the other side takes, live streams apart: theirs is `silentMs`. */
  answerMs: 150_000,
  /** No byte either way; a live stream is sent one every 10 s. */
  silentMs: 30_000,
  /** After an answer, for the next request. */
  keepAliveMs: 5_000,
  /** The page fetches some thousand answers an hour; then it connects again. */
  maxRequestsPerConnection: 1000,
  /** From an answer to the end of its connection, where a body is left unread. */
  lingerMs: 500,
  /** How often Node looks for headers and requests that take too long. */
  checkMs: 2000,
};

/** The one answer that has no end. */
export const livePath = "/api/v1/live";

/** A server that isn't listening yet. */
export function createHttpServer(
  fetch: Parameters<typeof getRequestListener>[0],
  options: {
    readonly clock: Pick<Clock, "after">;
    readonly counters: Pick<HttpCounters, "refuse">;
    readonly limits?: Partial<typeof httpLimits>;
    /** PEM texts, for HTTPS. */
    readonly tls?: { readonly cert: string; readonly key: string };
  },
): Server {
  const { clock, counters } = options;
  const limits = { ...httpLimits, ...options.limits };
  // A body that is refused is let be (`bodyOf`); nothing else reads it to its end.
  const listener = getRequestListener(fetch, { autoCleanupIncoming: false });
  const serve = (settings: ServerOptions, handle: RequestListener): Server =>
    options.tls === undefined ? createServer(settings, handle) : createTlsServer({ ...settings, ...options.tls }, handle);
  const server = serve(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    (incoming, outgoing) => {
      boundAnswer(incoming, outgoing);
      closeBehindUnread(incoming, outgoing);
      void listener(incoming, outgoing);
    },
  );
  server.maxHeadersCount = limits.maxHeaders;
  server.maxRequestsPerSocket = limits.maxRequestsPerConnection;
  server.setTimeout(limits.silentMs, (socket) => {
    counters.refuse("slow");
    socket.destroy();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    counters.refuse(error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "slow" : "malformed");
    const end = () => void socket.destroy();
    // In the middle of an answer there is no room for another.
    if (!socket.writable || (socket as Socket).bytesWritten > 0) end();
    else socket.end(`HTTP/1.1 ${statusOf(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, end);
  });
  return server;

  function boundAnswer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (incoming.url?.startsWith(livePath) === true) return;
    const { socket } = incoming;
    const cancel = clock.after(limits.answerMs, () => {
      counters.refuse("slow");
      socket.destroy();
    });
    outgoing.once("close", cancel);
  }

  /** A body that was not read to its end ends the connection, and no more of it is read. The answer goes first: what lies unread resets the connection. */
  function closeBehindUnread(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    outgoing.once("finish", () => {
      // The rest of it may have come with what was read; and Node goes on to read what nobody wants, from its next tick on.
      setImmediate(() => {
        if (incoming.complete || socket.destroyed) return;
        socket.pause();
        socket.end();
        const cancel = clock.after(limits.lingerMs, () => socket.destroy());
        socket.once("close", cancel);
      });
    });
  }
}

function statusOf(code: string | undefined): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}
