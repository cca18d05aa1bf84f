/** A gateway's newest heartbeat, and the names that it gives its people. */

import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { PrepareWrite } from "./kind.ts";

export const writeHeartbeats: PrepareWrite<HeartbeatPayload> = (db) => {
  const name = db.prepare(
    `INSERT INTO people(g, person, name, name_t) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET name = excluded.name, name_t = excluded.name_t
     WHERE (excluded.name_t, excluded.name) > (coalesce(name_t, -1), coalesce(name, ''))`,
  );
  const write = db.prepare(
    `INSERT INTO gateways(g, heartbeat_t, heartbeat, heartbeat_received_us) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET heartbeat_t = excluded.heartbeat_t, heartbeat = excluded.heartbeat, heartbeat_received_us = excluded.heartbeat_received_us
     WHERE (excluded.heartbeat_t, excluded.heartbeat) > (coalesce(heartbeat_t, -1), coalesce(heartbeat, ''))`,
  );
  return ({ g, t }, payload, receivedUs) => {
    for (const { id, name: given } of payload.people) name.run(g, id, given, t);
    write.run(g, t, JSON.stringify(payload), receivedUs);
  };
};
