/** Writes what a frame says into the tables. A repeat changes nothing, and what is older never overwrites what is newer. Runs inside the caller's transaction. */

import type { AlertRecord } from "../../../device-drivers/contract/event.ts";
import type { Frame } from "../../semantic/frame.ts";
import type { EventsPayload, HeartbeatPayload, StripPayload, TwinPayload } from "../../semantic/payload.ts";
import { encodePayload } from "../../semantic/payload-codec.ts";
import type { Database } from "./sqlite.ts";

/** An alert that a person may still have to answer. */
export function isOpenState({ state }: Pick<AlertRecord, "state">): boolean {
  return state === "active" || state === "notified" || state === "acknowledged";
}

const stateRank: readonly AlertRecord["state"][] = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"];

export type Apply = (frame: Omit<Frame, "s" | "p">, payload: TwinPayload, receivedUs: number) => void;

export function prepareApply(db: Database): Apply {
  const person = db.prepare(
    `INSERT INTO people(g, person, name, as_of_us, received_us) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name), as_of_us = max(coalesce(as_of_us, 0), coalesce(excluded.as_of_us, as_of_us)),
     received_us = coalesce(excluded.received_us, received_us)`,
  );
  const beat = db.prepare(
    "INSERT OR REPLACE INTO beats(g, person, time_us, device, stream, label, confidence, rr_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const rhythm = db.prepare("INSERT OR REPLACE INTO rhythms(g, person, time_us, device, stream, label) VALUES (?, ?, ?, ?, ?, ?)");
  const vital = db.prepare(
    "INSERT OR REPLACE INTO vitals(g, person, time_us, code, value, unit, device, stream) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const gap = db.prepare(
    `INSERT INTO gaps(g, person, from_us, device, stream, to_us) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET to_us = max(to_us, excluded.to_us)`,
  );
  const watched = db.prepare(
    `INSERT INTO watched(g, person, rule, from_us, to_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET to_us = max(to_us, excluded.to_us)`,
  );
  const readAlert = db.prepare("SELECT t, e, n, record FROM alerts WHERE g = ? AND id = ?");
  const alert = db.prepare(
    "INSERT OR REPLACE INTO alerts(g, id, person, onset_us, open, t, e, n, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const strip = db.prepare(
    `INSERT INTO strips(g, person, device, stream, channel, start_us, end_us, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET end_us = excluded.end_us, payload = excluded.payload WHERE excluded.end_us >= end_us`,
  );
  const heartbeat = db.prepare(
    `INSERT INTO gateways(g, heartbeat_t, heartbeat, heartbeat_received_us) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET heartbeat_t = excluded.heartbeat_t, heartbeat = excluded.heartbeat, heartbeat_received_us = excluded.heartbeat_received_us
     WHERE coalesce(heartbeat_t, -1) <= excluded.heartbeat_t`,
  );

  const applyEvents = (g: string, events: EventsPayload, receivedUs: number) => {
    const who = events.person;
    person.run(g, who, null, events.toUs, receivedUs);
    for (const { timeUs, device, stream, label, confidence, rrMs } of events.beats)
      beat.run(g, who, timeUs, device, stream, label, confidence, rrMs ?? null);
    for (const { timeUs, device, stream, label } of events.rhythms) rhythm.run(g, who, timeUs, device, stream, label);
    for (const { timeUs, code, value, unit, device = "", stream = "" } of events.vitals)
      vital.run(g, who, timeUs, code, value, unit, device, stream);
    for (const { fromUs, toUs, device, stream } of events.gaps) gap.run(g, who, fromUs, device, stream, toUs);
    for (const { rule, fromUs, toUs } of events.watched) watched.run(g, who, rule, fromUs, toUs);
  };

  const applyAlert = ({ g, t, e, n }: Omit<Frame, "s" | "p">, record: AlertRecord, receivedUs: number) => {
    person.run(g, record.person, null, null, receivedUs);
    const known = readAlert.get(g, record.id) as { t: number; e: Uint8Array; n: number; record: string } | undefined;
    if (known !== undefined && !isNewer({ t, e, n, record }, { ...known, record: JSON.parse(known.record) as AlertRecord })) return;
    alert.run(g, record.id, record.person, record.onsetUs, isOpenState(record) ? 1 : 0, t, e, n, JSON.stringify(record));
  };

  const applyStrip = (g: string, payload: StripPayload, receivedUs: number) => {
    person.run(g, payload.person, null, null, receivedUs);
    const endUs = payload.startUs + Math.round((payload.samples.length * 1e6) / payload.rateHz);
    strip.run(g, payload.person, payload.device, payload.stream, payload.channel, payload.startUs, endUs, encodePayload(payload));
  };

  const applyHeartbeat = ({ g, t }: Omit<Frame, "s" | "p">, payload: HeartbeatPayload, receivedUs: number) => {
    for (const { id, name } of payload.people) person.run(g, id, name, null, null);
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

interface Version {
  readonly t: number;
  readonly e: Uint8Array;
  readonly n: number;
  readonly record: AlertRecord;
}

/** Within an epoch the number tells; over epochs the time, and at one time the state that is further on. */
function isNewer(next: Version, known: Version): boolean {
  if (Buffer.from(next.e).equals(known.e)) return next.n >= known.n;
  if (next.t !== known.t) return next.t > known.t;
  return stateRank.indexOf(next.record.state) >= stateRank.indexOf(known.record.state);
}
