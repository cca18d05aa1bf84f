/** An alert for tests. */

import type { Alert } from "./wire.ts";

export function alertOf(more: Partial<Alert> = {}): Alert {
  return {
    ...{ id: "a1", rule: "rhythm.vt", priority: "high", kind: "physiological", person: "person-a", person_name: "Person A" },
    ...{ device: "strap", device_title: "Chest strap", state: "active", title: "Person A: fast rhythm", body: "", end_s: null },
    ...{ value: 180, unit: "/min", raised_at: "2026-01-01T00:00:00.000Z", last_seen_at: "2026-01-01T00:00:00.000Z" },
    ...{ acknowledged_by: null, acknowledged_at: null, close_reason: null, notes: [] },
    ...more,
  } as Alert;
}
