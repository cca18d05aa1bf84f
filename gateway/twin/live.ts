/** The twin's live stream: what was just stored, to every reader of that home. A reader that falls behind is ended and comes again. */

import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
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
const keepAliveMs = 10_000;

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

/** Answers with an event stream of one home; a `ping` every 10 s shows that the line is alive. */
export function liveResponse(c: Context, live: TwinLive, gateway: string): Response {
  return streamSSE(c, async (stream) => {
    const waiting: TwinMessage[] = [];
    let wake = () => {};
    let isOver = false;
    const end = () => {
      isOver = true;
      wake();
    };
    const leave = live.listen(gateway, (message) => {
      waiting.push(message);
      if (waiting.length > maxWaiting) end();
      wake();
    });
    stream.onAbort(end);
    const ping = setInterval(() => void stream.writeSSE({ event: "ping", data: "{}" }), keepAliveMs);
    ping.unref();
    try {
      await stream.writeSSE({ event: "hello", data: "{}", retry: 1000 });
      while (!isOver && !stream.aborted) {
        const message = waiting.shift();
        if (message === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else await stream.writeSSE({ event: message.event, data: JSON.stringify(message.data) });
      }
    } finally {
      clearInterval(ping);
      leave();
    }
  });
}
