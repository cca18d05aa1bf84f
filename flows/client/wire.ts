/** The gateway's records as its REST interface and event stream send them (openapi.json), as far as the palette reads them. */

type Role = "patient" | "caregiver" | "integrator" | "admin";
type Priority = "high" | "medium" | "low" | "info";
type AlertState = "active" | "notified" | "acknowledged" | "rejected" | "resolved" | "closed" | "expired";

export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly priority: Priority;
  readonly kind: "physiological" | "technical";
  readonly person: string;
  readonly person_name: string;
  readonly device: string;
  readonly device_title: string;
  readonly state: AlertState;
  readonly title: string;
  readonly body: string;
  /** Null while the condition is true. */
  readonly end_s: number | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly raised_at: string;
  readonly last_seen_at: string;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: string | null;
  readonly close_reason: string | null;
}

export interface Status {
  readonly gateway: string;
  readonly version: string;
  readonly mode: "real" | "demo";
  /** ISO 8601. */
  readonly time: string;
  readonly people: number;
  readonly devices: number;
  readonly open_alerts: number;
  readonly uplink: { readonly connected: boolean; readonly depth: number };
  readonly health: readonly { readonly part: string; readonly ok: boolean; readonly detail?: string }[];
}

/** What `GET /api/v1/status` says beside it, of whoever asks. */
export interface OwnStatus extends Status {
  readonly role: Role;
  /** Null = everybody. */
  readonly persons: readonly string[] | null;
}

type Quality = "good" | "poor" | "bad" | "unknown";

/** A number that a device measures itself. */
interface VitalReading {
  readonly code: string;
  readonly device: string;
  readonly stream: string;
  readonly unit: string;
  /** Null = the sensor has none now. */
  readonly value: number | null;
  readonly without: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly fresh_until: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Null = not known now. */
  readonly heart_rate_bpm: number | null;
  readonly heart_rate_age_s: number | null;
  readonly quality: Quality;
  readonly devices: readonly string[];
  readonly open_alerts: number;
  readonly vitals: readonly VitalReading[];
  /** Seconds watched per rule since the gateway started. */
  readonly watched_s: Readonly<Record<string, number>>;
}

export interface Device {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly person: string | null;
  readonly placement: string | null;
  /** In words: online, unreadable, silent, offline, lead-off, waiting. */
  readonly state: string;
  readonly last_sample_at: string | null;
}

export interface Outbox {
  /** Rows waiting, by class. */
  readonly depth: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly oldest_at: string | null;
}

/** Asks for somebody, or its condition is still true: what the gateway calls open. */
export function isOpen({ state }: { readonly state: AlertState }): boolean {
  return state !== "resolved" && state !== "closed";
}
