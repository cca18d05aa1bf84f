/** The twin's live stream: what was just stored, to every reader of that home. A reader that falls behind is ended and comes again. */

import type { Context } from "hono";
import { eventStream } from "../api/sse.ts";
import type { TwinPayload } from "../semantic/payload.ts";
import { alertToWire, stripToTrace } from "./wire.ts";

/** SSE event name and its data. */
export interface TwinMessage {
  readonly event: "alert" | "beats" | "strip" | "gateway";
  readonly data: object;
}

/** What one worker has stored reaches the readers at every one. Messages are plain data; one that gets lost is read afresh by the page. */
export interface TwinLive {
  publish(gateway: string, message: TwinMessage): void;
  /** Returns the end of it. */
  subscribe(gateway: string, listener: (message: TwinMessage) => void): () => void;
}

const maxWaiting = 1000;

/** Among the workers of one process. */
export function createLocalLive(): TwinLive {
  const listeners = new Map<string, Set<(message: TwinMessage) => void>>();
  return {
    publish(gateway, message) {
      for (const listener of listeners.get(gateway) ?? []) listener(message);
    },
    subscribe(gateway, listener) {
      const own = listeners.get(gateway) ?? new Set();
      listeners.set(gateway, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(gateway) === own) listeners.delete(gateway);
      };
    },
  };
}

/** What a stored payload tells live readers. */
export function messageOf(payload: TwinPayload): TwinMessage {
  switch (payload.kind) {
    case "alert":
      return { event: "alert", data: alertToWire(payload.alert) };
    case "events": {
      const { person, fromUs, toUs, beats, rhythms, vitals } = payload;
      return { event: "beats", data: { person, fromUs, toUs, beats, rhythms, vitals } };
    }
    case "strip":
      return { event: "strip", data: { person: payload.person, alerts: payload.alertIds, trace: stripToTrace(payload) } };
    case "heartbeat":
      return { event: "gateway", data: { timeUs: payload.timeUs, outboxDepth: payload.outboxDepth, devices: payload.devices } };
  }
}

/** Answers with an event stream of one home. */
export function liveResponse(c: Context, live: TwinLive, gateway: string): Response {
  return eventStream<TwinMessage>(c, {
    listen: (listener) => live.subscribe(gateway, listener),
    toEvent: (message) => message,
    maxWaiting,
  });
}
