/** The gateway's live stream: a reader that falls behind loses samples, counted, and never an alert. */

import type { Context } from "hono";
import type { LiveMessage } from "../view/view-port.ts";
import { eventStream } from "./sse.ts";

/** Samples waiting for one reader beyond this are dropped: about 10 s of two people's streams. */
const maxWaitingSamples = 2000;
const maxWaiting = 10_000;

interface LiveSource {
  /** Registers a listener, returns its end. */
  live(listener: (message: LiveMessage) => void): () => void;
  toWire(message: LiveMessage): object;
  /** Called per dropped message. */
  onDropped(): void;
}

/** Event name = message kind. With `person`, only what concerns that person or nobody. */
export function liveResponse(c: Context, { live, toWire, onDropped }: LiveSource, person: string | undefined): Response {
  const concerns = (message: LiveMessage) => {
    const about = personOf(message);
    return person === undefined || about === undefined || about === person;
  };
  return eventStream<LiveMessage>(c, {
    listen: (listener) => live((message) => concerns(message) && listener(message)),
    toEvent: (message) => ({ event: message.kind, data: toWire(message) }),
    maxWaiting,
    spare: { is: ({ kind }) => kind === "samples", maxWaiting: maxWaitingSamples, onDropped },
  });
}

/** Undefined for what concerns everyone: the status, an unassigned device, an alert of the gateway itself. */
function personOf(message: LiveMessage): string | undefined {
  if (message.kind === "alert") return message.alert.person === "gateway" ? undefined : message.alert.person;
  if (message.kind === "device") return message.device.person;
  return "person" in message ? message.person : undefined;
}
