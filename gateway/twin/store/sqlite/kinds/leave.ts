/**
 * What is left of somebody who has left the home: a hash of their id with the time, so that frames which were under way, or come again from a restored
 * home, find nobody. A heartbeat in between may still name them; its names are taken out.
 */

import { unsigned } from "../../../../runtime/unsigned.ts";
import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { LeavePayload } from "../../../../semantic/payloads/leave.ts";
import { hashOfPerson, personTables, without } from "../../left.ts";
import type { Database } from "../database.ts";
import type { PrepareWrite } from "./kind.ts";

export const writeLeaves: PrepareWrite<LeavePayload> = (db) => {
  const leave = db.prepare("INSERT INTO leavings(g, person, t) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET t = max(t, excluded.t)");
  const named = db.prepare("SELECT name FROM people WHERE g = ? AND person = ?").pluck();
  const erase = personTables.map((table) => db.prepare(`DELETE FROM ${table} WHERE g = ? AND person = ?`));
  const readHeartbeat = db.prepare("SELECT heartbeat FROM gateways WHERE g = ?").pluck();
  const writeHeartbeat = db.prepare("UPDATE gateways SET heartbeat = ? WHERE g = ?");
  // What no version so far could read may be about them too.
  const forgetOpaque = db.prepare("UPDATE frames SET payload = NULL WHERE g = ? AND payload IS NOT NULL AND instr(payload, ?) > 0");
  // What is in force names everybody; the gateway tells it anew when it has changed.
  const forgetReported = db.prepare("UPDATE gateways SET reported = NULL WHERE g = ? AND instr(reported, ?) > 0");
  const unsign = prepareUnsign(db);
  return ({ g }, { person, timeUs }) => {
    leave.run(g, hashOfPerson(g, person), timeUs);
    const name = named.get(g, person);
    for (const statement of erase) statement.run(g, person);
    forgetOpaque.run(g, Buffer.from(person));
    forgetReported.run(g, JSON.stringify(person));
    const heartbeat = readHeartbeat.get(g);
    if (typeof heartbeat === "string")
      writeHeartbeat.run(JSON.stringify(without(JSON.parse(heartbeat) as HeartbeatPayload, (id) => id === person)), g);
    unsign(g, typeof name === "string" ? [person, name] : [person]);
  };
};

/** Of an earlier time than the person's leaving, in the home of a gateway. */
export function prepareHasLeft(db: Database): (g: string, person: string, timeUs: number) => boolean {
  const left = db.prepare("SELECT t FROM leavings WHERE g = ? AND person = ?").pluck();
  return (g, person, timeUs) => timeUs <= Number(left.get(g, hashOfPerson(g, person)) ?? -1);
}

/** Takes names out of alerts of other people, where their owner had acted. */
function prepareUnsign(db: Database) {
  const acted = db.prepare("SELECT id, e, record FROM alerts WHERE g = ? AND instr(record, ?) > 0");
  const write = db.prepare("UPDATE alerts SET record = ? WHERE g = ? AND id = ? AND e = ?");
  const forgetActs = db.prepare("DELETE FROM acts WHERE g = ? AND instr(text, ?) > 0");
  return (g: string, names: readonly string[]) => {
    for (const name of names) forgetActs.run(g, JSON.stringify(name));
    for (const name of names)
      for (const { id, e, record } of acted.all(g, JSON.stringify(name)) as { id: string; e: Uint8Array; record: string }[])
        write.run(unsigned(record, names), g, id, e);
  };
}
