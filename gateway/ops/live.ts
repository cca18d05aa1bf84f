/** Server-sent events of one listener. A slow reader loses samples, counted, and never an alert; it never makes the gateway wait. */

import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { LiveMessage } from "./view-port.ts";

/** Samples waiting for one reader beyond this are dropped: about 10 s of two people's streams. */
const maxWaitingSamples = 2000;
/** Anything waiting beyond this ends the connection; the page connects again and reads the state afresh. */
const maxWaiting = 10_000;
const keepAliveMs = 10_000;

export interface LiveSource {
  /** Registers a listener, returns its end. */
  live(listener: (message: LiveMessage) => void): () => void;
  toWire(message: LiveMessage): object;
  /** Called per dropped message. */
  onDropped(): void;
}

/** Answers with an event stream: event name = message kind, data = JSON; a comment-like `ping` event every 10 s shows that the line is alive. */
export function liveResponse(c: Context, source: LiveSource, person: string | undefined): Response {
  return streamSSE(c, async (stream) => {
    const waiting: LiveMessage[] = [];
    let waitingSamples = 0;
    let wake = () => {};
    let isOver = false;
    const end = () => {
      isOver = true;
      wake();
    };
    const leave = source.live((message) => {
      if (person !== undefined && "person" in message && message.person !== person) return;
      if (message.kind === "samples") {
        if (waitingSamples >= maxWaitingSamples) return source.onDropped();
        waitingSamples += 1;
      }
      waiting.push(message);
      if (waiting.length > maxWaiting) return end();
      wake();
    });
    stream.onAbort(end);
    const ping = setInterval(() => void stream.writeSSE({ event: "ping", data: "{}" }), keepAliveMs);
    ping.unref();
    try {
      await stream.writeSSE({ event: "hello", data: "{}", retry: 1000 });
      while (!isOver && !stream.aborted) {
        const message = waiting.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        if (message.kind === "samples") waitingSamples -= 1;
        await stream.writeSSE({ event: message.kind, data: JSON.stringify(source.toWire(message)) });
      }
    } finally {
      clearInterval(ping);
      leave();
    }
  });
}
