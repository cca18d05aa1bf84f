/**
 * What the twin keeps and what is asked of it, by any number of workers at once. Times are the gateway's axis in microseconds; every question is about
 * one gateway's home. Each call is one transaction; it rejects with GatewayError `twin.disk_full`, `twin.io`, `twin.corrupt`, `twin.closed` (world).
 */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent } from "../../../device-drivers/contract/event.ts";
import type { Frame } from "../../semantic/frame.ts";
import type { HeartbeatPayload } from "../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../semantic/payloads/kind.ts";
import type { StripPayload } from "../../semantic/payloads/strip.ts";

export interface Received {
  readonly frame: Frame;
  /** Undefined where this version can't read it. */
  readonly payload: AnyPayload | undefined;
}

export interface PersonState {
  readonly person: string;
  readonly name?: string;
  /** End of the newest stretch of events that is here. */
  readonly asOfUs?: number;
  /** When the newest frame about the person arrived, wall time of the twin. */
  readonly receivedUs?: number;
  /** The newest heart rate that the house derived. */
  readonly vital?: VitalEvent;
  /** The newest number of each device and vital sign within 24 h before `asOfUs`. */
  readonly numbers: readonly VitalEvent[];
  readonly rhythm?: RhythmEvent;
  readonly openAlerts: readonly AlertRecord[];
  /** Seconds per rule in the last 24 h before `asOfUs`. */
  readonly watchedS: Readonly<Record<string, number>>;
}

/** A gateway as the twin knows it. */
export interface EnrolledGateway {
  readonly gateway: string;
  readonly publicKeyPem: string;
  /** As `hashPassword` writes it. */
  readonly passwordHash: string;
  /** It came by a claim: no enrolment folder has to know it. */
  readonly isJoined?: boolean;
}

/** The permission to enrol one gateway, once. */
export interface StoredClaim {
  readonly id: string;
  readonly gateway: string;
  /** SPKI, base64url: who has the private key may use it. */
  readonly publicKey: string;
  /** Wall time of the twin. */
  readonly expiresUs: number;
  readonly usedUs?: number;
}

/** Who did something about an enrolment, and when by the twin's wall clock. */
export interface Doing {
  readonly by: string;
  readonly atUs: number;
}

export interface EnrolmentAct extends Doing {
  readonly gateway: string;
  /** `replaced`: its key of before ended because it joined again. */
  readonly what: "claimed" | "joined" | "replaced" | "revoked";
}

export type SilenceLevel = "warn" | "urgent";

/** What the workers know together about a gateway's heartbeats. */
export interface WatchedGateway {
  readonly gateway: string;
  /** Live heartbeats that were stored; only that it changes counts. */
  readonly heardCount: number;
  /** When the last one arrived, wall time of the worker that took it. */
  readonly heardUs?: number;
  /** The silence that was told, and what had been heard by then. */
  readonly told?: { readonly level: SilenceLevel; readonly heardCount: number };
}

/** What somebody did at the twin with an alert; the home decides it. */
export interface StoredAct {
  readonly gateway: string;
  readonly id: string;
  /** Whom the alert is about. */
  readonly person: string;
  readonly alert: string;
  /** Signed, as it goes to the home. */
  readonly text: string;
  /** When it was done, wall time of the worker that took it. */
  readonly atUs: number;
  /** As the home has answered; undefined until then. */
  readonly outcome?: string;
}

/** Numbers of one minute. */
export interface MinuteOf {
  /** Its begin. */
  readonly timeUs: number;
  /** A vital sign's, or `beat.` and the label. */
  readonly code: string;
  /** "" for what the home has derived. */
  readonly device: string;
  readonly n: number;
  /** None of beats. */
  readonly mean?: number;
  readonly least?: number;
  readonly most?: number;
}

/** Many gateways that fell silent together. */
export interface Incident {
  /** Wall time of the worker that told it; no two have one. */
  readonly openedUs: number;
  /** Most of them at a time, and how many are enrolled. */
  readonly gateways: number;
  readonly of: number;
  readonly endedUs?: number;
}

export interface GatewayState {
  readonly gateway: string;
  /** The silence that was told and is not over; since when by the twin's wall clock. */
  readonly silence?: { readonly level: SilenceLevel; readonly sinceUs: number };
  readonly heartbeat?: HeartbeatPayload;
  readonly heartbeatReceivedUs?: number;
  readonly frames: number;
  /** Frames that wait for a version that can read them. */
  readonly opaque: number;
}

/** Newest `limit` rows within [fromUs, toUs), oldest first. */
export interface SpanQuery {
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

export interface TwinStore {
  /**
   * Takes frames in, all or none, durable when it resolves. True for a frame that was not there before; the key is (g, e, n). Whatever the order, and
   * whichever worker commits them, the same frames leave the same answers.
   *
   * @param receivedUs wall time of the twin
   */
  commit(received: readonly Received[], receivedUs: number): Promise<boolean[]>;
  people(gateway: string): Promise<{ id: string; name?: string }[]>;
  state(gateway: string, person: string): Promise<PersonState>;
  vitals(gateway: string, person: string, span: SpanQuery): Promise<VitalEvent[]>;
  beats(gateway: string, person: string, span: SpanQuery): Promise<BeatEvent[]>;
  rhythms(gateway: string, person: string, span: SpanQuery): Promise<RhythmEvent[]>;
  gaps(gateway: string, person: string, span: SpanQuery): Promise<GapEvent[]>;
  /** Newest first. */
  alerts(gateway: string, person: string, query: { open?: boolean; limit: number }): Promise<AlertRecord[]>;
  /** The newest that is known of it. */
  alert(gateway: string, id: string): Promise<AlertRecord | undefined>;
  /** Strips that reach into the span; without a span the newest one. */
  strips(gateway: string, person: string, span?: { fromUs: number; toUs: number }): Promise<StripPayload[]>;
  /** Payloads of a kind that has no question of its own, those that reach into the span, in order of their beginning. */
  kept(gateway: string, person: string, kind: string, span: SpanQuery): Promise<AnyPayload[]>;
  /** A row a minute, person's number (or only the one of `code`) and device, of what is kept in detail and of what is kept in this form alone; as `SpanQuery`. */
  minutes(gateway: string, person: string, span: SpanQuery & { readonly code?: string }): Promise<MinuteOf[]>;
  watchedS(gateway: string, person: string, fromUs: number, toUs: number): Promise<Record<string, number>>;
  gateway(gateway: string): Promise<GatewayState>;
  /** The newest document signed for the gateway, as sent. */
  desired(gateway: string): Promise<string | undefined>;
  /** Takes the place of `before` (undefined = there was none). False, and nothing changes, where another document is there by now. */
  putDesired(gateway: string, text: string, before: string | undefined): Promise<boolean>;
  reported(gateway: string): Promise<string | undefined>;
  putReported(gateway: string, text: string): Promise<void>;
  /** Keeps an act until a day after it was done. False, and nothing changes, where the gateway has `maxWaitingActs` that it has not answered. */
  putAct(act: StoredAct): Promise<boolean>;
  act(gateway: string, id: string): Promise<StoredAct | undefined>;
  /** Acts of all gateways, done from `sinceUs` on, that are not answered; oldest first. */
  waitingActs(sinceUs: number): Promise<StoredAct[]>;
  /** Makes a gateway known, or takes its new key and password. */
  enrol(gateway: EnrolledGateway): Promise<void>;
  /** It may connect no more, and its claim is void; what it has sent stays. */
  withdraw(gateway: string, doing: Doing): Promise<void>;
  /** A gateway has one claim: it takes the place of the one before. */
  putClaim(claim: StoredClaim, doing: Doing): Promise<void>;
  claim(id: string): Promise<StoredClaim | undefined>;
  /** Uses a claim up and enrols its gateway, both or neither. True for one caller alone: false where it is used or void. */
  useClaim(id: string, account: EnrolledGateway, doing: Doing): Promise<boolean>;
  /** Newest first. */
  enrolmentActs(limit: number): Promise<EnrolmentAct[]>;
  /** Keys that were ended by a revocation, or by another one of the same gateway; PEM, and when. */
  endedKeys(): Promise<{ readonly publicKeyPem: string; readonly endedUs: number }[]>;
  /** In order of their ids. */
  enrolled(): Promise<EnrolledGateway[]>;
  account(gateway: string): Promise<EnrolledGateway | undefined>;
  /** Every gateway that is enrolled. A live heartbeat is counted in the commit that stores it. */
  watched(): Promise<WatchedGateway[]>;
  /**
   * Writes what is told of a gateway's silence (undefined = heard again). True for one caller alone: false, and nothing changes, where anything was heard
   * or told since `seen` was read.
   */
  tellSilence(gateway: string, silence: { level: SilenceLevel; sinceUs: number } | undefined, seen: WatchedGateway): Promise<boolean>;
  /** Opens an incident, or raises the number of the one that is open. True for one caller alone: the one that has opened it. */
  openIncident(incident: Pick<Incident, "openedUs" | "gateways" | "of">): Promise<boolean>;
  /** True for one caller alone: false where none is open. */
  endIncident(endedUs: number): Promise<boolean>;
  /** Newest first. */
  incidents(limit: number): Promise<Incident[]>;
  /**
   * Deletes what people's devices told of months that ended before `detailBeforeUs`, the begin of a month, and keeps a row a minute of its numbers, as
   * long as it began at `minutesBeforeUs` or later. Alerts stay, and which frames have come. Gives the months that went.
   */
  forget(before: { readonly detailBeforeUs: number; readonly minutesBeforeUs: number }): Promise<number>;
  /** Resolves when nothing is written any more. */
  close(): Promise<void>;
}
