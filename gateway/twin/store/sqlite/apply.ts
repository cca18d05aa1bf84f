/**
 * Writes what a frame says into the tables. Frames come in any order, from any worker: a repeat changes nothing, and of two words about one thing the
 * same one stays whichever came first. Runs inside the caller's transaction.
 */

import { type AlertRecord, isOpen } from "../../../../device-drivers/contract/event.ts";
import type { Frame } from "../../../semantic/frame.ts";
import type { EventsPayload, HeartbeatPayload, StripPayload, TwinPayload } from "../../../semantic/payload.ts";
import { encodePayload } from "../../../semantic/payload-codec.ts";
import type { Database } from "./database.ts";

const stateRank: readonly AlertRecord["state"][] = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"];

export type Apply = (frame: Omit<Frame, "s" | "p">, payload: TwinPayload, receivedUs: number) => void;

export function prepareApply(db: Database): Apply {
  const person = db.prepare(
    `INSERT INTO people(g, person, as_of_us, received_us) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET as_of_us = max(coalesce(as_of_us, 0), coalesce(excluded.as_of_us, as_of_us)),
     received_us = coalesce(max(received_us, excluded.received_us), excluded.received_us)`,
  );
  const personName = db.prepare(
    `INSERT INTO people(g, person, name, name_t) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET name = excluded.name, name_t = excluded.name_t
     WHERE (excluded.name_t, excluded.name) > (coalesce(name_t, -1), coalesce(name, ''))`,
  );
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
  const alert = db.prepare(
    `INSERT INTO alerts(g, id, e, person, onset_us, open, newest, t, n, record) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
     ON CONFLICT DO UPDATE SET person = excluded.person, onset_us = excluded.onset_us, open = excluded.open, t = excluded.t, n = excluded.n, record = excluded.record
     WHERE excluded.n > n`,
  );
  const alertsOfEpochs = db.prepare("SELECT e, t, record FROM alerts WHERE g = ? AND id = ?");
  const markNewest = db.prepare("UPDATE alerts SET newest = (e = ?) WHERE g = ? AND id = ?");
  const strip = db.prepare(
    `INSERT INTO strips(g, person, device, stream, channel, start_us, end_us, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET end_us = excluded.end_us, payload = excluded.payload WHERE (excluded.end_us, excluded.payload) > (end_us, payload)`,
  );
  const heartbeat = db.prepare(
    `INSERT INTO gateways(g, heartbeat_t, heartbeat, heartbeat_received_us) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET heartbeat_t = excluded.heartbeat_t, heartbeat = excluded.heartbeat, heartbeat_received_us = excluded.heartbeat_received_us
     WHERE (excluded.heartbeat_t, excluded.heartbeat) > (coalesce(heartbeat_t, -1), coalesce(heartbeat, ''))`,
  );

  const applyEvents = (g: string, events: EventsPayload, receivedUs: number) => {
    const who = events.person;
    person.run(g, who, events.toUs, receivedUs);
    for (const { timeUs, device, stream, label, confidence, rrMs } of events.beats)
      beat.run(g, who, timeUs, device, stream, label, confidence, rrMs ?? null);
    for (const { timeUs, device, stream, label } of events.rhythms) rhythm.run(g, who, timeUs, device, stream, label);
    for (const { timeUs, code, value, unit, device = "", stream = "" } of events.vitals)
      vital.run(g, who, timeUs, code, value, unit, device, stream);
    for (const { fromUs, toUs, device, stream } of events.gaps) gap.run(g, who, fromUs, device, stream, toUs);
    for (const { rule, fromUs, toUs } of events.watched) watched.run(g, who, rule, fromUs, toUs);
  };

  const applyAlert = ({ g, t, e, n }: Omit<Frame, "s" | "p">, record: AlertRecord, receivedUs: number) => {
    person.run(g, record.person, null, receivedUs);
    alert.run(g, record.id, e, record.person, record.onsetUs, isOpen(record) ? 1 : 0, t, n, JSON.stringify(record));
    const ofEpochs = alertsOfEpochs.all(g, record.id) as EpochAlert[];
    markNewest.run(ofEpochs.reduce((newest, other) => (isNewer(other, newest) ? other : newest)).e, g, record.id);
  };

  const applyStrip = (g: string, payload: StripPayload, receivedUs: number) => {
    person.run(g, payload.person, null, receivedUs);
    const endUs = payload.startUs + Math.round((payload.samples.length * 1e6) / payload.rateHz);
    strip.run(g, payload.person, payload.device, payload.stream, payload.channel, payload.startUs, endUs, encodePayload(payload));
  };

  const applyHeartbeat = ({ g, t }: Omit<Frame, "s" | "p">, payload: HeartbeatPayload, receivedUs: number) => {
    for (const { id, name } of payload.people) personName.run(g, id, name, t);
    heartbeat.run(g, t, JSON.stringify(payload), receivedUs);
  };

  return (frame, payload, receivedUs) => {
    switch (payload.kind) {
      case "events":
        return applyEvents(frame.g, payload, receivedUs);
      case "alert":
        return applyAlert(frame, payload.alert, receivedUs);
      case "strip":
        return applyStrip(frame.g, payload, receivedUs);
      case "heartbeat":
        return applyHeartbeat(frame, payload, receivedUs);
    }
  };
}

/** The alert as one epoch has it: of its frames the one with the highest number. */
interface EpochAlert {
  readonly e: Uint8Array;
  readonly t: number;
  readonly record: string;
}

/** Over epochs the time tells, at one time the state that is further on, and then any order that is always the same. */
function isNewer(next: EpochAlert, known: EpochAlert): boolean {
  if (next.t !== known.t) return next.t > known.t;
  const [nextRank, knownRank] = [rankOf(next), rankOf(known)];
  return nextRank === knownRank ? Buffer.compare(next.e, known.e) > 0 : nextRank > knownRank;
}

function rankOf({ record }: EpochAlert): number {
  return stateRank.indexOf((JSON.parse(record) as AlertRecord).state);
}
