/** The gateway's live stream: a reader that falls behind loses samples, counted, and never an alert. */

import type { Context } from "hono";
import { personOf } from "../view/view-of-persons.ts";
import type { LiveMessage } from "../view/view-port.ts";
import { eventStream } from "./sse.ts";

/** Samples waiting for one reader beyond this are dropped: about 10 s of two people's streams. */
const maxWaitingSamples = 2000;
const maxWaiting = 10_000;

interface LiveSource {
  /** Registers a listener, returns its end. */
  live(listener: (message: LiveMessage) => void): () => void;
  /** The message as bytes of the stream, made once for all readers. */
  frame(message: LiveMessage): Uint8Array;
  takePlace(end: () => void): (() => void) | undefined;
  /** Called per dropped message. */
  onDropped(): void;
  /** Registers the end of a stream whose reader may read no more; returns its cancel. */
  onEnd(end: () => void): () => void;
}

/** Event name = message kind. With `person`, only what concerns that person or everyone. */
export function liveResponse(c: Context, { live, frame, takePlace, onDropped, onEnd }: LiveSource, person: string | undefined): Response {
  const concerns = (message: LiveMessage) => {
    const about = personOf(message);
    return person === undefined || about === undefined || about === "gateway" || about === person;
  };
  return eventStream<LiveMessage>(c, {
    listen: (listener) => live((message) => concerns(message) && listener(message)),
    ...{ frame, takePlace, maxWaiting, onEnd },
    spare: { is: ({ kind }) => kind === "samples", maxWaiting: maxWaitingSamples, onDropped },
  });
}
