/** What the twin's page reads from the twin, as its openapi.json describes it. */

import type { Alert, Trace } from "../wire-types.ts";

export interface TwinStatus {
  readonly version: string;
  /** The twin's time. */
  readonly time: string;
  /** What the token opens here. */
  readonly homes: readonly { readonly id: string; readonly role: string }[];
}

export interface GatewayOfTwin {
  readonly id: string;
  readonly connected?: boolean;
  readonly last_heartbeat_at: string | null;
  readonly version: string | null;
  readonly uptime_s: number | null;
  readonly outbox_depth: number | null;
  readonly devices: readonly {
    readonly id: string;
    readonly person: string | null;
    readonly state: string;
    readonly last_sample_at: string | null;
  }[];
  readonly frames: number;
  readonly opaque_frames: number;
  readonly silent: { readonly level: "warn" | "urgent"; readonly silent_s: number } | null;
}

/** The words that a home puts to an alert, and its samples, stay at home. */
export type AlertAtTwin = Pick<
  Alert,
  | "id"
  | "rule"
  | "priority"
  | "kind"
  | "person"
  | "device"
  | "state"
  | "mode"
  | "onset_s"
  | "t_s"
  | "end_s"
  | "value"
  | "unit"
  | "limit"
  | "quality"
  | "count"
  | "acknowledged_by"
  | "acknowledged_at"
  | "acknowledged_until"
  | "snoozes"
  | "close_reason"
  | "notes"
>;

export interface StateAtTwin {
  readonly person: string;
  readonly name: string | null;
  /** Of the newest that has come of this person. */
  readonly as_of: string | null;
  readonly heart_rate_bpm: number | null;
  readonly heart_rate_at: string | null;
  readonly vitals: readonly {
    readonly code: string;
    readonly value: number;
    readonly unit: string;
    readonly device: string;
    readonly at: string | null;
  }[];
  readonly rhythm: string | null;
  readonly rhythm_since: string | null;
  /** Of the day before `as_of`. */
  readonly watched_s: Readonly<Record<string, number>>;
}

/** One person as the page shows them now. */
export interface PersonAtTwin extends StateAtTwin {
  readonly id: string;
  readonly alerts: readonly AlertAtTwin[];
}

export type SampleSource = "measured" | "decoded" | "imputed" | "missing";

/** All that the twin has of a channel within a span. */
export interface Reconstruction extends Trace {
  /** Runs of samples of one kind, in order; their counts add up to the values. */
  readonly sources: readonly { readonly source: SampleSource; readonly count: number }[];
  readonly errors: readonly { readonly rmse: number }[];
}

export interface MinuteAtTwin {
  readonly timeUs: number;
  readonly device: string;
  readonly mean?: number;
  readonly least?: number;
  readonly most?: number;
}

export interface CoverageAtTwin {
  readonly span_s: number;
  readonly watched_s: Readonly<Record<string, number>>;
  readonly parts: readonly { readonly fromUs: number; readonly toUs: number; readonly watched_s: Readonly<Record<string, number>> }[];
}

export interface WishAtTwin {
  readonly desired: { readonly version: number; readonly settings: Readonly<Record<string, unknown>> } | null;
  readonly reported: {
    readonly version?: number;
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly ignored?: readonly string[];
    readonly waiting?: Readonly<Record<string, unknown>>;
  } | null;
}

export interface IncidentAtTwin {
  readonly opened_at: string;
  readonly ended_at: string | null;
  readonly gateways: number;
  readonly of: number;
}
