/** The gateway's live stream: a reader that falls behind loses samples, counted, and never an alert. */

import type { Context } from "hono";
import { personOf } from "../view/view-of-persons.ts";
import type { GatewayView, LiveMessage, LiveWants } from "../view/view-port.ts";
import type { LiveFilter } from "./live-filter.ts";
import { eventStream } from "./sse.ts";

/** Samples waiting for one reader beyond this are dropped: about 10 s of two people's streams. */
const maxWaitingSamples = 2000;
const maxWaiting = 10_000;

/** A message of the live stream itself. */
export type StreamMessage = LiveMessage | { readonly kind: "reset"; readonly id: string };

interface LiveSource {
  /** Registers a listener, returns its end. */
  live(listener: (message: LiveMessage) => void, wants?: LiveWants): () => void;
  /** The message as bytes of the stream, made once for all readers. */
  frame(message: StreamMessage): Uint8Array;
  readonly alerts: Pick<GatewayView, "alertsNow" | "alertsAfter">;
  takePlace(end: () => void): (() => void) | undefined;
  /** Called per dropped message. */
  onDropped(): void;
  /** Registers the end of a stream whose reader may read no more; returns its cancel. */
  onEnd(end: () => void): () => void;
}

/**
 * Event name = message kind. With `person`, only what concerns that person or everyone. Events of alerts have an id; whoever comes back with it in
 * `Last-Event-ID` is told what they missed first, or `reset` where that is too much: then the list is to be read anew.
 */
export function liveResponse(c: Context, source: LiveSource, person: string | undefined, filter: LiveFilter): Response {
  const live = (listener: (message: LiveMessage) => void) => source.live(listener, filter.wants);
  const { frame, takePlace, onDropped, onEnd, alerts } = source;
  const lastId = c.req.header("last-event-id");
  const concerns = (message: LiveMessage) => {
    const about = personOf(message);
    if (!filter.events.has(message.kind)) return false;
    return person === undefined || about === undefined || about === "gateway" || about === person;
  };
  return eventStream<StreamMessage>(c, {
    listen(listener) {
      const show = (message: LiveMessage) => void (concerns(message) && listener(message));
      return lastId === undefined
        ? live(show)
        : resume(live, show, { alerts, lastId, onTooFar: () => listener({ kind: "reset", id: alerts.alertsNow() }) });
    },
    firstId: lastId === undefined ? alerts.alertsNow() : undefined,
    ...{ frame, takePlace, maxWaiting, onEnd },
    spare: { is: ({ kind }) => kind === "samples" || kind === "pose", maxWaiting: maxWaitingSamples, onDropped },
  });
}

/** Alerts that change meanwhile wait until what was missed has been told. */
function resume(
  live: LiveSource["live"],
  show: (message: LiveMessage) => void,
  since: { readonly alerts: LiveSource["alerts"]; readonly lastId: string; readonly onTooFar: () => void },
): () => void {
  let held: LiveMessage[] | undefined = [];
  const leave = live((message) => {
    if (held === undefined || message.kind !== "alert") show(message);
    else held.push(message);
  });
  const goOn = (missed: readonly LiveMessage[]) => {
    const told = new Set(missed.flatMap((message) => (message.kind === "alert" ? (message.id ?? []) : [])));
    for (const message of missed) show(message);
    for (const message of held ?? []) if (message.kind !== "alert" || message.id === undefined || !told.has(message.id)) show(message);
    held = undefined;
  };
  since.alerts.alertsAfter(since.lastId).then(
    (missed) => {
      if (missed === undefined) since.onTooFar();
      goOn(missed ?? []);
    },
    () => {
      since.onTooFar();
      goOn([]);
    },
  );
  return leave;
}
