/** A person under another name, as `../../sqlite/kinds/renamed.ts` has it: all that is here goes over, and of the old name a hash stays. */

import { decodePayload, encodePayload, shippedPayloads } from "../../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { TwinPayload } from "../../../../semantic/payloads/index.ts";
import type { RenamedPayload } from "../../../../semantic/payloads/renamed.ts";
import { hashOfPerson } from "../../left.ts";
import type { Ask } from "../pool.ts";
import type { Write } from "./kind.ts";
import { type HomePerson, leftAt, writeLeave } from "./leave.ts";

/** Of each table what makes a row one of its kind within a person; the last two have a payload that says whose it is, too. */
const keysOf = {
  beats: ["time_us", "device", "stream"],
  rhythms: ["time_us", "device", "stream", "label"],
  vitals: ["time_us", "code", "device", "stream"],
  gaps: ["from_us", "device", "stream"],
  watched: ["rule", "from_us"],
  acts: ["id"],
  minutes: ["minute_us", "code", "device"],
  strips: ["device", "stream", "channel", "start_us"],
  kept: ["kind", "from_us", "key"],
} as const;
const packed = ["strips", "kept"] as const;

export const writeRenamed: Write<RenamedPayload> = async (ask, frame, { before, person, timeUs }, receivedUs) => {
  const { g } = frame;
  await ask("INSERT INTO renamed(g, before, person) VALUES ($1, $2, $3) ON CONFLICT (g, before) DO UPDATE SET person = excluded.person", [
    g,
    hashOfPerson(g, before),
    person,
  ]);
  // Who has left under the new name has left under the old one too.
  if (timeUs <= (await leftAt(ask, [{ g, person }]))(g, person))
    return writeLeave(ask, frame, { kind: "leave", person: before, timeUs }, receivedUs);
  const renamed = (payload: TwinPayload): TwinPayload =>
    shippedPayloads.withNames(payload, { person: (id) => (id === before ? person : id), name: (name) => name });
  for (const table of packed) await repack(ask, table, [g, before], renamed);
  for (const table of Object.keys(keysOf) as (keyof typeof keysOf)[]) await move(ask, table, [g, before, person]);
  await ask(
    "UPDATE alerts SET person = $3, record = jsonb_set(record::jsonb, '{person}', to_jsonb($3::text))::text WHERE g = $1 AND person = $2",
    [...[g, before, person]],
  );
  await ask(
    `INSERT INTO people(g, person, as_of_us, received_us) SELECT g, $3, as_of_us, received_us FROM people WHERE g = $1 AND person = $2
     ON CONFLICT (g, person) DO UPDATE SET as_of_us = greatest(people.as_of_us, excluded.as_of_us),
     received_us = greatest(people.received_us, excluded.received_us)`,
    [g, before, person],
  );
  await ask("DELETE FROM people WHERE g = $1 AND person = $2", [g, before]);
  const [row] = await ask<{ heartbeat: string | null }>("SELECT heartbeat FROM gateways WHERE g = $1", [g]);
  if (row?.heartbeat == null) return;
  const heartbeat = renamed(JSON.parse(row.heartbeat) as HeartbeatPayload);
  await ask("UPDATE gateways SET heartbeat = $2 WHERE g = $1", [g, JSON.stringify(heartbeat)]);
};

/** Where both names have said the same thing, what came under the new one stays. */
async function move(ask: Ask, table: keyof typeof keysOf, of: readonly [string, string, string]): Promise<void> {
  const isSame = keysOf[table].map((key) => `other.${key} = ${table}.${key}`).join(" AND ");
  await ask(
    `UPDATE ${table} SET person = $3 WHERE g = $1 AND person = $2
     AND NOT EXISTS (SELECT 1 FROM ${table} other WHERE other.g = $1 AND other.person = $3 AND ${isSame})`,
    of,
  );
  await ask(`DELETE FROM ${table} WHERE g = $1 AND person = $2`, of.slice(0, 2));
}

/** The payloads say the new name. */
async function repack(
  ask: Ask,
  table: (typeof packed)[number],
  of: readonly [string, string],
  renamed: (payload: TwinPayload) => TwinPayload,
) {
  const keys = keysOf[table];
  const rows = await ask<Record<string, unknown> & { payload: Uint8Array }>(
    `SELECT payload, ${keys.join(", ")} FROM ${table} WHERE g = $1 AND person = $2`,
    of,
  );
  const isRow = keys.map((key, i) => `${key} = $${i + 4}`).join(" AND ");
  for (const { payload, ...row } of rows)
    await ask(`UPDATE ${table} SET payload = $3 WHERE g = $1 AND person = $2 AND ${isRow}`, [
      ...[...of, encodePayload(renamed(decodePayload(payload)))],
      ...keys.map((key) => row[key]),
    ]);
}

/** The names that these people have now, for those of an older frame, as one question. */
export async function newNames(ask: Ask, people: readonly HomePerson[]): Promise<(g: string, person: string) => string> {
  if (people.length === 0) return (_g, person) => person;
  const rows = await ask<{ g: string; before: Uint8Array; person: string }>(
    "SELECT g, before, person FROM renamed WHERE (g, before) IN (SELECT g, before FROM unnest($1::text[], $2::bytea[]) AS asked(g, before))",
    [people.map(({ g }) => g), people.map(({ g, person }) => hashOfPerson(g, person))],
  );
  const known = new Map(rows.map(({ g, before, person }) => [`${g}/${Buffer.from(before).toString("hex")}`, person]));
  return (g, person) => (known.size === 0 ? person : (known.get(`${g}/${Buffer.from(hashOfPerson(g, person)).toString("hex")}`) ?? person));
}
