/** A gateway's newest heartbeat, and the names that it gives its people. */

import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { Write } from "./kind.ts";

export const writeHeartbeat: Write<HeartbeatPayload> = async (ask, { g, t }, payload, receivedUs) => {
  for (const { id, name } of payload.people)
    await ask(
      `INSERT INTO people(g, person, name, name_t) VALUES ($1, $2, $3, $4)
       ON CONFLICT (g, person) DO UPDATE SET name = excluded.name, name_t = excluded.name_t
       WHERE (excluded.name_t, excluded.name) > (coalesce(people.name_t, -1), coalesce(people.name, ''))`,
      [g, id, name, t],
    );
  await ask(
    `INSERT INTO gateways(g, heartbeat_t, heartbeat, heartbeat_received_us) VALUES ($1, $2, $3, $4)
     ON CONFLICT (g) DO UPDATE SET heartbeat_t = excluded.heartbeat_t, heartbeat = excluded.heartbeat, heartbeat_received_us = excluded.heartbeat_received_us
     WHERE (excluded.heartbeat_t, excluded.heartbeat) > (coalesce(gateways.heartbeat_t, -1), coalesce(gateways.heartbeat, ''))`,
    [g, t, JSON.stringify(payload), receivedUs],
  );
};
