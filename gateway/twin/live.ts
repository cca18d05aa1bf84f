/** The twin's live stream: what was just stored, to every reader of that home. A reader that falls behind is ended and comes again. */

import type { Context } from "hono";
import { eventStream } from "../ops/sse.ts";
import type { TwinPayload } from "../semantic/payload.ts";
import { alertToWire, stripToTrace } from "./wire.ts";

/** SSE event name and its data. */
export interface TwinMessage {
  readonly event: "alert" | "beats" | "strip" | "gateway";
  readonly data: object;
}

export interface TwinLive {
  send(gateway: string, message: TwinMessage): void;
  listen(gateway: string, listener: (message: TwinMessage) => void): () => void;
}

const maxWaiting = 1000;

export function createTwinLive(): TwinLive {
  const listeners = new Map<string, Set<(message: TwinMessage) => void>>();
  return {
    send(gateway, message) {
      for (const listener of listeners.get(gateway) ?? []) listener(message);
    },
    listen(gateway, listener) {
      const own = listeners.get(gateway) ?? new Set();
      listeners.set(gateway, own.add(listener));
      return () => void own.delete(listener);
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
  return eventStream<TwinMessage>(c, { listen: (listener) => live.listen(gateway, listener), toEvent: (message) => message, maxWaiting });
}
