/** What is left of somebody who has left the home, as `../../left.ts` has it; everything of theirs is deleted. */

import { unsigned } from "../../../../runtime/unsigned.ts";
import type { HeartbeatPayload } from "../../../../semantic/payloads/heartbeat.ts";
import type { LeavePayload } from "../../../../semantic/payloads/leave.ts";
import { hashOfPerson, personTables, without } from "../../left.ts";
import type { Ask } from "../pool.ts";
import type { Write } from "./kind.ts";

export const writeLeave: Write<LeavePayload> = async (ask, { g }, { person, timeUs }) => {
  await ask(
    "INSERT INTO leavings(g, person, t) VALUES ($1, $2, $3) ON CONFLICT (g, person) DO UPDATE SET t = greatest(leavings.t, excluded.t)",
    [g, hashOfPerson(g, person), timeUs],
  );
  const [named] = await ask<{ name: string | null }>("SELECT name FROM people WHERE g = $1 AND person = $2", [g, person]);
  for (const table of personTables) await ask(`DELETE FROM ${table} WHERE g = $1 AND person = $2`, [g, person]);
  // What no version so far could read may be about them too.
  const inBytes = "UPDATE frames SET payload = NULL WHERE g = $1 AND payload IS NOT NULL AND position($2::bytea IN payload) > 0";
  await ask(inBytes, [g, Buffer.from(person)]);
  // What is in force names everybody; the gateway tells it anew when it has changed.
  await ask("UPDATE gateways SET reported = NULL WHERE g = $1 AND position($2 IN reported) > 0", [g, JSON.stringify(person)]);
  const [gateway] = await ask<{ heartbeat: string | null }>("SELECT heartbeat FROM gateways WHERE g = $1", [g]);
  if (gateway?.heartbeat != null) {
    const rest = without(JSON.parse(gateway.heartbeat) as HeartbeatPayload, (id) => id === person);
    await ask("UPDATE gateways SET heartbeat = $2 WHERE g = $1", [g, JSON.stringify(rest)]);
  }
  await unsign(ask, g, named?.name == null ? [person] : [person, named.name]);
};

export interface HomePerson {
  readonly g: string;
  readonly person: string;
}

/** When each of these people left their home, as one question; before all time for who has not. */
export async function leftAt(ask: Ask, people: readonly HomePerson[]): Promise<(g: string, person: string) => number> {
  if (people.length === 0) return () => Number.NEGATIVE_INFINITY;
  const rows = await ask<{ g: string; person: Uint8Array; t: number }>(
    "SELECT g, person, t FROM leavings WHERE (g, person) IN (SELECT g, person FROM unnest($1::text[], $2::bytea[]) AS asked(g, person))",
    [people.map(({ g }) => g), people.map(({ g, person }) => hashOfPerson(g, person))],
  );
  const known = new Map(rows.map(({ g, person, t }) => [`${g}/${Buffer.from(person).toString("hex")}`, t]));
  return (g, person) =>
    known.size === 0
      ? Number.NEGATIVE_INFINITY
      : (known.get(`${g}/${Buffer.from(hashOfPerson(g, person)).toString("hex")}`) ?? Number.NEGATIVE_INFINITY);
}

/** Takes names out of alerts of other people, where their owner had acted. */
async function unsign(ask: Ask, g: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await ask("DELETE FROM acts WHERE g = $1 AND position($2 IN text) > 0", [g, JSON.stringify(name)]);
    const acted = "SELECT id, e, record FROM alerts WHERE g = $1 AND position($2 IN record) > 0";
    for (const { id, e, record } of await ask<{ id: string; e: Uint8Array; record: string }>(acted, [g, JSON.stringify(name)]))
      await ask("UPDATE alerts SET record = $4 WHERE g = $1 AND id = $2 AND e = $3", [g, id, e, unsigned(record, names)]);
  }
}
