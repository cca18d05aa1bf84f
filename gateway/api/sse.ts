/** Server-sent events of one reader, from a source that never waits for it. A slow reader loses what may be lost, or is ended and comes again. */

import type { Context } from "hono";
import { httpError } from "./problem.ts";

interface EventSource<Message extends object> {
  /** Registers a listener, returns its end. */
  listen(listener: (message: Message) => void): () => void;
  /** The message as bytes of the stream (`eventFrames`); asked when the reader is ready for it. */
  frame(message: Message): Uint8Array;
  /** Takes a place among the readers, which `end` may be asked to give up; undefined where there is none. */
  takePlace(end: () => void): (() => void) | undefined;
  /** Messages waiting for one reader beyond this end the connection: the page connects again and reads the state afresh. */
  readonly maxWaiting: number;
  /** The number that a reader comes back with who has seen nothing yet; absent while what it missed is still to come. */
  readonly firstId?: string | undefined;
  /** Registers what ends the connection from this side; returns its cancel. */
  readonly onEnd?: (end: () => void) => () => void;
  /** Messages of which only so many wait, and what to do with one too many. */
  readonly spare?: { is(message: Message): boolean; readonly maxWaiting: number; onDropped(): void };
}

const keepAliveMs = 10_000;
/** Of messages that are handed over together. */
const maxTogether = 256;
const utf8 = new TextEncoder();
const helloOf = (id: string | undefined) => utf8.encode(`${id === undefined ? "" : `id: ${id}\n`}event: hello\ndata: {}\nretry: 1000\n\n`);
const ping = utf8.encode("event: ping\ndata: {}\n\n");

/** Makes each message's bytes once, however many readers it goes to; they are forgotten with the message. */
export function eventFrames<Message extends object>(
  toEvent: (message: Message) => { readonly event: string; readonly data: object; readonly id?: string | undefined },
): (message: Message) => Uint8Array {
  const frames = new WeakMap<Message, Uint8Array>();
  return (message) => {
    const known = frames.get(message);
    if (known !== undefined) return known;
    const { event, data, id } = toEvent(message);
    // JSON has no line breaks of its own.
    const frame = utf8.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    frames.set(message, frame);
    return frame;
  };
}

/** Answers with an event stream; a `ping` every 10 s shows that the line is alive. Throws `http.too_many_readers`. */
export function eventStream<Message extends object>(c: Context, source: EventSource<Message>): Response {
  const { listen, frame, maxWaiting, onEnd, spare } = source;
  const waiting: Message[] = [];
  let waitingSpare = 0;
  let wake = () => {};
  let isOver = false;
  let isCancelled = false;
  let leave = () => {};
  let forget = () => {};
  let timer: NodeJS.Timeout | undefined;
  /** A reader that has stopped reading may hold its connection for a while; nothing is kept for it meanwhile. */
  const end = () => {
    isOver = true;
    clearInterval(timer);
    leave();
    forget();
    givePlaceBack();
    waiting.length = 0;
    wake();
  };
  const givePlaceBack = source.takePlace(() => end()) ?? refuse();
  leave = listen((message) => {
    if (spare?.is(message)) {
      if (waitingSpare >= spare.maxWaiting) return spare.onDropped();
      waitingSpare++;
    }
    waiting.push(message);
    if (waiting.length > maxWaiting) return end();
    wake();
  });
  forget = onEnd?.(end) ?? forget;
  let isPingDue = false;
  timer = setInterval(() => {
    isPingDue = true;
    wake();
  }, keepAliveMs);
  timer.unref();

  const next = (): Uint8Array | undefined => {
    if (waiting.length === 0) {
      const isDue = isPingDue;
      isPingDue = false;
      return isDue ? ping : undefined;
    }
    const together = waiting.splice(0, maxTogether);
    if (spare !== undefined) for (const message of together) if (spare.is(message)) waitingSpare--;
    return together.length === 1 ? frame(together[0] as Message) : Buffer.concat(together.map(frame));
  };

  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(helloOf(source.firstId)),
      async pull(controller) {
        for (;;) {
          if (isCancelled) return;
          if (isOver) return controller.close();
          const bytes = next();
          if (bytes !== undefined) return controller.enqueue(bytes);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      cancel() {
        isCancelled = true;
        end();
      },
    },
    { highWaterMark: 1 },
  );
  return c.body(body, 200, { "content-type": "text/event-stream", "cache-control": "no-cache", "transfer-encoding": "chunked" });
}

function refuse(): never {
  throw httpError("http.too_many_readers", "Too many live streams are open; close one, or try again in a minute.");
}
