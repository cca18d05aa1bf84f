/** Server-sent events of one reader, from a source that never waits for it. A slow reader loses what may be lost, or is ended and comes again. */

import type { Context } from "hono";
import { streamSSE } from "hono/streaming";

interface EventSource<Message> {
  /** Registers a listener, returns its end. */
  listen(listener: (message: Message) => void): () => void;
  /** SSE event name and data; called when the reader is ready for it. */
  toEvent(message: Message): { readonly event: string; readonly data: object };
  /** Messages waiting for one reader beyond this end the connection: the page connects again and reads the state afresh. */
  readonly maxWaiting: number;
  /** Registers what ends the connection from this side; returns its cancel. */
  readonly onEnd?: (end: () => void) => () => void;
  /** Messages of which only so many wait, and what to do with one too many. */
  readonly spare?: { is(message: Message): boolean; readonly maxWaiting: number; onDropped(): void };
}

const keepAliveMs = 10_000;

/** Answers with an event stream; a `ping` every 10 s shows that the line is alive. */
export function eventStream<Message>(c: Context, { listen, toEvent, maxWaiting, onEnd, spare }: EventSource<Message>): Response {
  return streamSSE(c, async (stream) => {
    const waiting: Message[] = [];
    let waitingSpare = 0;
    let wake = () => {};
    let isOver = false;
    /** A reader that has stopped reading may hold its connection for days; nothing is kept for it meanwhile. */
    const end = () => {
      isOver = true;
      clearInterval(ping);
      leave();
      forget();
      waiting.length = 0;
      wake();
    };
    const ping = setInterval(() => void stream.writeSSE({ event: "ping", data: "{}" }), keepAliveMs);
    ping.unref();
    const leave = listen((message) => {
      if (spare?.is(message)) {
        if (waitingSpare >= spare.maxWaiting) return spare.onDropped();
        waitingSpare++;
      }
      waiting.push(message);
      if (waiting.length > maxWaiting) return end();
      wake();
    });
    const forget = onEnd?.(end) ?? (() => {});
    stream.onAbort(end);
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
        if (spare?.is(message)) waitingSpare--;
        const { event, data } = toEvent(message);
        await stream.writeSSE({ event, data: JSON.stringify(data) });
      }
    } finally {
      end();
    }
  });
}
