/** The gateway's records as its own document has them (api-types.d.ts), as far as the palette reads them. */

import type { Schemas } from "../api-types.d.ts";

type Read<Name extends keyof Schemas, Keys extends keyof Schemas[Name]> = Readonly<Pick<Schemas[Name], Keys>>;

export type Alert = Read<
  "Alert",
  | "id"
  | "rule"
  | "priority"
  | "kind"
  | "person"
  | "person_name"
  | "device"
  | "device_title"
  | "state"
  | "title"
  | "body"
  | "end_s"
  | "value"
  | "unit"
  | "raised_at"
  | "last_seen_at"
  | "acknowledged_by"
  | "acknowledged_at"
  | "close_reason"
  | "notes"
>;
export type Status = Read<"Status", "gateway" | "version" | "mode" | "time" | "people" | "devices" | "open_alerts" | "uplink" | "health">;
/** What `GET /api/v1/status` says beside it, of whoever asks. */
export type OwnStatus = Status & Read<"Status", "role" | "persons">;
export type Person = Read<
  "Person",
  | "id"
  | "name"
  | "heart_rate_bpm"
  | "heart_rate_age_s"
  | "heart_rate_source"
  | "quality"
  | "devices"
  | "presence"
  | "open_alerts"
  | "vitals"
  | "watched_s"
>;
export type Device = Read<"Device", "id" | "title" | "driver" | "person" | "placement" | "state" | "last_sample_at">;
export type Outbox = Read<"Outbox", "depth" | "bytes" | "oldest_at">;

/** Asks for somebody, or its condition is still true: what the gateway calls open. */
export function isOpen({ state }: Pick<Alert, "state">): boolean {
  return state !== "resolved" && state !== "closed";
}
