/** Events, each in its table under its own key. */

import type { EventsPayload } from "../../../../semantic/payloads/events.ts";
import { type PrepareWrite, prepareSeen } from "./kind.ts";

export const writeEvents: PrepareWrite<EventsPayload> = (db) => {
  const seen = prepareSeen(db);
  // Two frames that contradict each other about one beat or number: neither is newer, so the surer or the larger stays.
  const beat = db.prepare(
    `INSERT INTO beats(g, person, time_us, device, stream, label, confidence, rr_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET label = excluded.label, confidence = excluded.confidence, rr_ms = excluded.rr_ms
     WHERE (excluded.confidence, excluded.label, coalesce(excluded.rr_ms, -1)) > (confidence, label, coalesce(rr_ms, -1))`,
  );
  const rhythm = db.prepare("INSERT OR IGNORE INTO rhythms(g, person, time_us, device, stream, label) VALUES (?, ?, ?, ?, ?, ?)");
  const vital = db.prepare(
    `INSERT INTO vitals(g, person, time_us, code, value, unit, device, stream) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value, unit = excluded.unit WHERE (excluded.value, excluded.unit) > (value, unit)`,
  );
  const gap = db.prepare(
    `INSERT INTO gaps(g, person, from_us, device, stream, to_us) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET to_us = max(to_us, excluded.to_us)`,
  );
  const watched = db.prepare(
    `INSERT INTO watched(g, person, rule, from_us, to_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET to_us = max(to_us, excluded.to_us)`,
  );
  return ({ g }, events, receivedUs) => {
    const who = events.person;
    seen(g, who, events.toUs, receivedUs);
    for (const { timeUs, device, stream, label, confidence, rrMs } of events.beats)
      beat.run(g, who, timeUs, device, stream, label, confidence, rrMs ?? null);
    for (const { timeUs, device, stream, label } of events.rhythms) rhythm.run(g, who, timeUs, device, stream, label);
    for (const { timeUs, code, value, unit, device = "", stream = "" } of events.vitals)
      vital.run(g, who, timeUs, code, value, unit, device, stream);
    for (const { fromUs, toUs, device, stream } of events.gaps) gap.run(g, who, fromUs, device, stream, toUs);
    for (const { rule, fromUs, toUs } of events.watched) watched.run(g, who, rule, fromUs, toUs);
  };
};
