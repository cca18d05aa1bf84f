/** The way out: heartbeats into the outbox, the uplink that drains it, and what the house knows about its twin. */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import type { Log } from "../runtime/log.ts";
import { maxDesiredBytes, type SignedDesired } from "../semantic/desired.ts";
import type { HeartbeatPayload } from "../semantic/payloads/heartbeat.ts";
import { heartbeatItem } from "../semantic/policy.ts";
import type { Store } from "../store/store-port.ts";
import { createActPart } from "./act-part.ts";
import { openConnection } from "./connection.ts";
import { createDesiredPart, type Followed } from "./desired-part.ts";
import { noteTwin } from "./note-twin.ts";
import { createUplink, type Uplink, type UplinkOptions, uplinkTopics, uplinkWill } from "./uplink.ts";

/** What enrolment gave the gateway. */
export interface TwinLink {
  /** Somebody else's, elsewhere: joining it stands in the audit. */
  readonly isDistant?: boolean;
  /** Under which name the twin knows the gateway. */
  readonly gateway?: string;
  readonly url: string;
  readonly password: string;
  readonly twinPublicKey: KeyObject;
  /** Whose certificates are believed besides the machine's own list, PEM. */
  readonly ca?: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** All that the house says of itself; how much waits for the twin is known here. */
export type Heartbeat = Omit<HeartbeatPayload, "kind" | "outboxDepth">;

/** What decides how much leaves, as the way out asks it and tells it. */
export interface Outgoing extends Required<Pick<UplinkOptions, "clear" | "onSent">> {
  /** Bytes of rows that wait. */
  onBacklog(bytes: number): void;
  /** A newer wish of the twin has been stored; the one before is found by `keptWish`. */
  onWish(settings: SignedDesired["settings"]): void;
  followed(): Followed;
}

interface SyncParts extends Outgoing {
  readonly twin: TwinLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly nowUs: () => number;
  readonly store: Pick<
    Store,
    "alert" | "commit" | "outboxBegin" | "outboxNewest" | "outboxEnd" | "outboxFigures" | "getValue" | "putValue"
  >;
  readonly gateway: string;
  readonly heartbeat: () => Heartbeat;
  /** Does with an alert what somebody has done with it at the twin. */
  readonly act: Parameters<typeof createActPart>[0]["act"];
  /** True from the moment the twin has acknowledged nothing for a while; the rule adds its own delay. */
  readonly onDown: (isDown: boolean) => void;
}

/** How the line to the twin stands. */
export interface UplinkStatus {
  readonly connected: boolean;
  readonly lastAckUs?: number;
  /** Rows that no acknowledgement has come for. */
  readonly depth: number;
}

export interface Sync {
  /** Rows have been committed that should not wait for the next look. */
  wake(): void;
  /** Tells the twin what is in force now. */
  report(): void;
  state(): UplinkStatus;
  depth(): Readonly<Record<string, number>>;
  bytesSent(): number;
  /** Rows that were deleted instead of sent, by reason. */
  withheld(): Readonly<Record<string, number>>;
  /** Acknowledgements, wishes and acts that were refused, by reason. */
  refused(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

const heartbeatMs = 60_000;
const depthMs = 2000;
/** A heartbeat goes every 60 s, so that a twin which answers acknowledges at least as often. */
const silentLimitS = 90;

const desiredKey = "twin/desired";
/** What the store has of a document may be longer than what came: its numbers are written out. */
const maxKeptBytes = 16 * maxDesiredBytes;

export async function startSync(parts: SyncParts): Promise<Sync> {
  const { twin, clock, log, store, gateway } = parts;
  if (twin.isDistant === true) await noteTwin({ store, url: twin.url, gateway, twinPublicKey: twin.twinPublicKey, nowUs: parts.nowUs });
  const stored = await keptWish(store);
  const desired = createDesiredPart({
    gateway,
    twinPublicKey: twin.twinPublicKey,
    ...(stored === undefined ? {} : { stored }),
    async onAccepted(document) {
      await store.putValue(desiredKey, new TextEncoder().encode(JSON.stringify(document)));
      parts.onWish(document.settings);
      const { version, settings } = document;
      const audit = { atUs: parts.nowUs(), what: "desired.taken", by: "twin", subject: gateway, detail: { version, settings } };
      await store.commit({ person: "gateway", audit: [audit] }, true).catch(() => {});
    },
    followed: parts.followed,
    log,
  });
  const acts = createActPart({ gateway, twinPublicKey: twin.twinPublicKey, store, act: parts.act, nowUs: parts.nowUs, log });
  const uplink: Uplink = createUplink({
    gateway,
    outbox: store,
    sign: twin.sign,
    twinPublicKey: twin.twinPublicKey,
    clock,
    nowUs: parts.nowUs,
    log,
    desired,
    onAct: (payload) => void acts.receive(payload).then(() => uplink.wake()),
    ...{ clear: parts.clear, onSent: parts.onSent },
    open: (handlers) =>
      openConnection(
        {
          url: twin.url,
          clientId: gateway,
          username: gateway,
          password: twin.password,
          ca: twin.ca,
          subscribe: uplinkTopics(gateway).subscribe,
          alsoSubscribe: uplinkTopics(gateway).alsoSubscribe,
          will: uplinkWill(gateway),
          clock,
          random: Math.random,
          log,
        },
        handlers,
      ),
    onState: ({ connected, silentS }) => parts.onDown(!connected || silentS > silentLimitS),
  });
  let depth: Readonly<Record<string, number>> = {};
  const readDepth = () =>
    void store.outboxFigures().then(
      (figures) => {
        depth = figures.depth;
        parts.onBacklog(figures.bytes);
      },
      () => {},
    );
  const waiting = () => Object.values(depth).reduce((sum, rows) => sum + rows, 0);
  const beat = () => {
    const item = heartbeatItem({ ...parts.heartbeat(), outboxDepth: waiting() });
    void store.commit({ person: "gateway", outbox: [item] }, true).catch(() => {});
  };
  beat();
  const cancels = [clock.every(heartbeatMs, beat), clock.every(depthMs, readDepth)];
  return {
    ...{ wake: uplink.wake, report: uplink.report },
    state() {
      const { connected, lastAckUs, silentS } = uplink.state();
      return { connected: connected && silentS < silentLimitS, depth: waiting(), ...(lastAckUs === undefined ? {} : { lastAckUs }) };
    },
    depth: () => depth,
    bytesSent: () => uplink.figures().bytesSentTotal,
    withheld: () => uplink.figures().withheld,
    refused: () => ({ ...uplink.figures().acksRefused, ...desired.refused, ...acts.refused }),
    async close() {
      for (const cancel of cancels) cancel();
      await uplink.close();
    },
  };
}

/** The newest wish that was stored. One that can't be read any more comes again from the twin, which retains it. */
export async function keptWish(store: Pick<Store, "getValue">): Promise<SignedDesired | undefined> {
  const kept = await store.getValue(desiredKey);
  return kept === undefined ? undefined : (readJson(kept, { maxBytes: maxKeptBytes })?.value as SignedDesired | undefined);
}
