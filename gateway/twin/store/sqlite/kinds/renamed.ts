/**
 * A person under another name: everything that is here goes over to it, and frames that still have the old one are taken for the new. Of the old name a hash
 * stays. Where both names have said the same thing, what came under the new one stays.
 */

import type { PayloadCodec } from "../../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../../../semantic/payloads/kind.ts";
import type { RenamedPayload } from "../../../../semantic/payloads/renamed.ts";
import { hashOfPerson } from "../../left.ts";
import type { Database } from "../database.ts";
import type { Write } from "./kind.ts";
import { prepareHasLeft, writeLeaves } from "./leave.ts";

/** Tables of which the column alone says whose a row is; those after it have a payload that says so too. */
const plainTables = ["beats", "rhythms", "vitals", "gaps", "watched", "minutes", "acts"];
const packedTables = {
  strips: ["device", "stream", "channel", "start_us"],
  kept: ["kind", "from_us", "key"],
} as const;

export function writeRenamed(db: Database, codec: PayloadCodec): Write<RenamedPayload> {
  const remember = db.prepare("INSERT INTO renamed(g, before, person) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET person = excluded.person");
  const hasLeft = prepareHasLeft(db);
  const leave = writeLeaves(db);
  const move = plainTables.map((table) => db.prepare(`UPDATE OR IGNORE ${table} SET person = ? WHERE g = ? AND person = ?`));
  const seen = db.prepare(
    `INSERT INTO people(g, person, as_of_us, received_us) SELECT g, ?, as_of_us, received_us FROM people WHERE g = ? AND person = ?
     ON CONFLICT DO UPDATE SET as_of_us = max(coalesce(as_of_us, 0), coalesce(excluded.as_of_us, 0)), received_us = max(received_us, excluded.received_us)`,
  );
  const packed = Object.entries(packedTables).map(([table, keys]) => ({
    read: db.prepare(`SELECT payload, ${keys.join(", ")} FROM ${table} WHERE g = ? AND person = ?`),
    move: db.prepare(
      `UPDATE OR IGNORE ${table} SET person = @person, payload = @payload WHERE g = @g AND person = @before AND ${keys.map((key) => `${key} = @${key}`).join(" AND ")}`,
    ),
  }));
  const drop = [...plainTables, ...Object.keys(packedTables), "people"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE g = ? AND person = ?`),
  );
  const alerts = db.prepare(
    "UPDATE alerts SET person = @person, record = json_set(record, '$.person', @person) WHERE g = @g AND person = @before",
  );
  const readHeartbeat = db.prepare("SELECT heartbeat FROM gateways WHERE g = ?").pluck();
  const writeHeartbeat = db.prepare("UPDATE gateways SET heartbeat = ? WHERE g = ?");

  return (frame, { before, person, timeUs }, receivedUs) => {
    const { g } = frame;
    remember.run(g, hashOfPerson(g, before), person);
    // Who has left under the new name has left under the old one too.
    if (hasLeft(g, person, timeUs)) return leave(frame, { kind: "leave", person: before, timeUs }, receivedUs);
    const renamed = (payload: AnyPayload) =>
      codec.withNames(payload, { person: (id) => (id === before ? person : id), name: (name) => name });
    for (const statement of move) statement.run(person, g, before);
    for (const { read, move: moveOne } of packed)
      for (const { payload, ...keys } of read.all(g, before) as { payload: Uint8Array }[])
        moveOne.run({ ...keys, g, before, person, payload: codec.encode(renamed(codec.decode(payload))) });
    alerts.run({ g, before, person });
    seen.run(person, g, before);
    for (const statement of drop) statement.run(g, before);
    const heartbeat = readHeartbeat.get(g);
    if (typeof heartbeat === "string") writeHeartbeat.run(JSON.stringify(renamed(JSON.parse(heartbeat) as HeartbeatPayload)), g);
  };
}

/** The name that a person has now, for one of an older frame. */
export function prepareNewName(db: Database): (g: string, person: string) => string {
  const read = db.prepare("SELECT person FROM renamed WHERE g = ? AND before = ?").pluck();
  return (g, person) => (read.get(g, hashOfPerson(g, person)) as string | undefined) ?? person;
}
