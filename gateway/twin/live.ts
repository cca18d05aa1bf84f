/** The twin's live stream: what was just stored, to every reader of that home. A reader that falls behind is ended and comes again. */

import type { Context } from "hono";
import { eventFrames, eventStream } from "../api/sse.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import type { AnyPayload } from "../semantic/payloads/kind.ts";
import type { HomeNames } from "./home-names.ts";
import { alertToWire, stripToTrace } from "./wire.ts";

/** SSE event name and its data. */
export interface TwinMessage {
  readonly event: "alert" | "beats" | "strip" | "gateway";
  readonly data: object;
}

/** What one worker has stored reaches the readers at every one, with the `home` that it is of. Messages are plain data; one that gets lost is read afresh by the page. */
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
      const told = { event: message.event, data: { home: gateway, ...message.data } };
      for (const listener of listeners.get(gateway) ?? []) listener(told);
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

/** One line a kind of payload that live readers are told of. */
const messages: { readonly [Kind in TwinPayload["kind"]]?: (payload: Extract<TwinPayload, { kind: Kind }>) => TwinMessage } = {
  alert: ({ alert }) => ({ event: "alert", data: alertToWire(alert) }),
  events: ({ person, fromUs, toUs, beats, rhythms, vitals }) => ({
    event: "beats",
    data: { person, fromUs, toUs, beats, rhythms, vitals },
  }),
  strip: (strip) => ({ event: "strip", data: { person: strip.person, alerts: strip.alertIds, trace: stripToTrace(strip) } }),
  heartbeat: ({ timeUs, outboxDepth, devices }) => ({ event: "gateway", data: { timeUs, outboxDepth, devices } }),
};

/** What a stored payload tells live readers; undefined where its kind tells them nothing. */
export function messageOf(payload: AnyPayload): TwinMessage | undefined {
  const byKind = messages as Readonly<Record<string, (payload: AnyPayload) => TwinMessage>>;
  return Object.hasOwn(byKind, payload.kind) ? byKind[payload.kind]?.(payload) : undefined;
}

const frame = eventFrames<TwinMessage>((message) => message);

interface LiveDoor {
  readonly live: TwinLive;
  readonly takePlace: (end: () => void) => (() => void) | undefined;
  /** Registers what ends the stream from this side; returns its cancel. */
  readonly onEnd?: (end: () => void) => () => void;
  /** What the home calls its people, where the twin is told. */
  readonly names?: () => HomeNames | undefined;
}

/** Answers with an event stream of these homes; each message says of which it is. */
export function liveResponse(c: Context, { live, takePlace, onEnd, names }: LiveDoor, homes: readonly string[]): Response {
  return eventStream<TwinMessage>(c, {
    listen(listener) {
      const ends = homes.map((home) => live.subscribe(home, (message) => listener(withNames(message, names?.()))));
      return () => {
        for (const end of ends) end();
      };
    },
    ...{ frame, takePlace, maxWaiting },
    ...(onEnd === undefined ? {} : { onEnd }),
  });
}

function withNames(message: TwinMessage, names: HomeNames | undefined): TwinMessage {
  if (names === undefined) return message;
  return { event: message.event, data: JSON.parse(names.inJson(JSON.stringify(message.data))) as object };
}
