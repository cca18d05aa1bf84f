/** The tables, as steps that only ever grow. A step that has shipped is never edited. Texts are compared byte by byte, as SQLite does. */

import { GatewayError } from "../../../../device-drivers/contract/error.ts";
import type { Pool } from "./pool.ts";

/** As in `sqlite/migrations.ts`, the large ones in partitions by month (`partitions.ts`). */
const first = `
CREATE TABLE frames(g text COLLATE "C", e bytea, n bigint, c text NOT NULL, t bigint NOT NULL, h boolean NOT NULL, received_us bigint NOT NULL, payload bytea, PRIMARY KEY(g, e, n));
CREATE INDEX frames_opaque ON frames(g) WHERE payload IS NOT NULL;
CREATE TABLE people(g text COLLATE "C", person text COLLATE "C", name text COLLATE "C", name_t bigint, as_of_us bigint, received_us bigint, PRIMARY KEY(g, person));
CREATE TABLE beats(g text COLLATE "C", person text COLLATE "C", time_us bigint, device text COLLATE "C", stream text COLLATE "C", label text COLLATE "C" NOT NULL, confidence float8 NOT NULL, rr_ms float8, PRIMARY KEY(g, person, time_us, device, stream)) PARTITION BY RANGE(time_us);
CREATE TABLE rhythms(g text COLLATE "C", person text COLLATE "C", time_us bigint, device text COLLATE "C", stream text COLLATE "C", label text COLLATE "C", PRIMARY KEY(g, person, time_us, device, stream, label)) PARTITION BY RANGE(time_us);
CREATE TABLE vitals(g text COLLATE "C", person text COLLATE "C", time_us bigint, code text COLLATE "C", value float8 NOT NULL, unit text COLLATE "C" NOT NULL, device text COLLATE "C", stream text COLLATE "C", PRIMARY KEY(g, person, time_us, code, device, stream)) PARTITION BY RANGE(time_us);
CREATE INDEX vitals_by_source ON vitals(g, person, device, code, time_us);
CREATE TABLE gaps(g text COLLATE "C", person text COLLATE "C", from_us bigint, device text COLLATE "C", stream text COLLATE "C", to_us bigint NOT NULL, PRIMARY KEY(g, person, from_us, device, stream)) PARTITION BY RANGE(from_us);
CREATE TABLE watched(g text COLLATE "C", person text COLLATE "C", rule text COLLATE "C", from_us bigint, to_us bigint NOT NULL, PRIMARY KEY(g, person, rule, from_us)) PARTITION BY RANGE(from_us);
CREATE TABLE strips(g text COLLATE "C", person text COLLATE "C", device text COLLATE "C", stream text COLLATE "C", channel text COLLATE "C", start_us bigint, end_us bigint NOT NULL, payload bytea NOT NULL, PRIMARY KEY(g, person, device, stream, channel, start_us)) PARTITION BY RANGE(start_us);
CREATE TABLE kept(g text COLLATE "C", person text COLLATE "C", kind text COLLATE "C", key text COLLATE "C", from_us bigint, to_us bigint NOT NULL, t bigint NOT NULL, payload bytea NOT NULL, PRIMARY KEY(g, person, kind, from_us, key)) PARTITION BY RANGE(from_us);
CREATE TABLE alerts(g text COLLATE "C", id text COLLATE "C", e bytea, person text COLLATE "C" NOT NULL, onset_us bigint NOT NULL, open boolean NOT NULL, newest boolean NOT NULL, t bigint NOT NULL, n bigint NOT NULL, record text NOT NULL, PRIMARY KEY(g, id, e));
CREATE INDEX alerts_by_person ON alerts(g, person, onset_us) WHERE newest;
CREATE TABLE gateways(g text COLLATE "C" PRIMARY KEY, heartbeat_t bigint, heartbeat text COLLATE "C", heartbeat_received_us bigint, desired text, reported text, public_key text, password_hash text, heard_count bigint NOT NULL DEFAULT 0, heard_us bigint, told text, told_since_us bigint, told_count bigint);
CREATE TABLE renamed(g text COLLATE "C", before bytea, person text COLLATE "C" NOT NULL, PRIMARY KEY(g, before));
CREATE TABLE leavings(g text COLLATE "C", person bytea, t bigint NOT NULL, PRIMARY KEY(g, person));
${["beats", "rhythms", "vitals", "gaps", "watched", "strips", "kept"].map((table) => `CREATE TABLE ${table}_other PARTITION OF ${table} DEFAULT;`).join("\n")}
`;

/** As in `sqlite/migrations.ts`. */
const acts = `
CREATE TABLE acts(g text COLLATE "C", id text COLLATE "C", person text COLLATE "C" NOT NULL, alert text NOT NULL, text text NOT NULL, at_us bigint NOT NULL, outcome text, PRIMARY KEY(g, id));
CREATE INDEX acts_waiting ON acts(at_us) WHERE outcome IS NULL;
`;

/** As in `sqlite/migrations.ts`. */
const incidents = `
CREATE TABLE incidents(opened_us bigint PRIMARY KEY, gateways bigint NOT NULL, of_all bigint NOT NULL, ended_us bigint);
CREATE UNIQUE INDEX incidents_open ON incidents((ended_us IS NULL)) WHERE ended_us IS NULL;
`;

/** As in `sqlite/migrations.ts`; and from when on months have partitions of their own. */
const minutes = `
CREATE TABLE minutes(g text COLLATE "C", person text COLLATE "C", minute_us bigint, code text COLLATE "C", device text COLLATE "C", n bigint NOT NULL, total float8, least float8, most float8, PRIMARY KEY(g, person, minute_us, code, device));
CREATE TABLE kept_from(time_us bigint NOT NULL);
INSERT INTO kept_from VALUES (0);
`;

/** As in `sqlite/migrations.ts`. */
const claims = `
ALTER TABLE gateways ADD COLUMN joined boolean NOT NULL DEFAULT false;
CREATE TABLE claims(g text COLLATE "C" PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, public_key text NOT NULL, expires_us bigint NOT NULL, used_us bigint);
CREATE TABLE enrolment_acts(seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, g text COLLATE "C" NOT NULL, what text NOT NULL, at_us bigint NOT NULL, done_by text NOT NULL, ended_key text);
CREATE INDEX enrolment_ended ON enrolment_acts(at_us) WHERE ended_key IS NOT NULL;
`;

const steps: readonly string[] = [first, acts, incidents, minutes, claims];

/** Any number that no other program takes for a lock of its own by chance: "hearth" in base 36. */
export const migrationLock = 1_042_386_605;

/** Brings the tables to this version, each step whole or not at all; one worker at a time. @throws GatewayError `twin.newer_database` (operator) */
export async function migrate(pool: Pool, schema: string): Promise<void> {
  await pool.transaction(async (ask) => {
    await ask("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
    const [there] = await ask("SELECT 1 FROM information_schema.schemata WHERE schema_name = $1", [schema]);
    if (there === undefined) await ask(`CREATE SCHEMA ${schema}`);
    await ask("CREATE TABLE IF NOT EXISTS schema_version(version integer NOT NULL)");
    const [row] = await ask<{ version: number }>("SELECT version FROM schema_version");
    const version = row?.version ?? 0;
    if (version > steps.length) {
      const message = `The twin's database has version ${version}, this program knows ${steps.length}: start the newer program again.`;
      throw new GatewayError("twin.newer_database", "operator", message);
    }
    for (const step of steps.slice(version)) await ask(step);
    await ask(row === undefined ? "INSERT INTO schema_version VALUES ($1)" : "UPDATE schema_version SET version = $1", [steps.length]);
  });
}
