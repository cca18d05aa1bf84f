/** The tables, as steps that only ever grow. A step that has shipped is never edited; the file's version is SQLite's user_version. */

import type SqliteDatabase from "better-sqlite3";
import { GatewayError } from "../../../../device-drivers/contract/error.ts";

/** Repeats of anything land on its key: a restored outbox sends under a new epoch what is already here. */
const unversioned = `
CREATE TABLE IF NOT EXISTS frames(g TEXT, e BLOB, n INTEGER, c TEXT, t INTEGER, h INTEGER, received_us INTEGER, payload BLOB, PRIMARY KEY(g, e, n)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frames_opaque ON frames(g) WHERE payload IS NOT NULL;
CREATE TABLE IF NOT EXISTS people(g TEXT, person TEXT, name TEXT, as_of_us INTEGER, received_us INTEGER, PRIMARY KEY(g, person)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS beats(g TEXT, person TEXT, time_us INTEGER, device TEXT, stream TEXT, label TEXT, confidence REAL, rr_ms REAL, PRIMARY KEY(g, person, time_us, device, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rhythms(g TEXT, person TEXT, time_us INTEGER, device TEXT, stream TEXT, label TEXT, PRIMARY KEY(g, person, time_us, device, stream, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vitals(g TEXT, person TEXT, time_us INTEGER, code TEXT, value REAL, unit TEXT, device TEXT NOT NULL DEFAULT '', stream TEXT NOT NULL DEFAULT '', PRIMARY KEY(g, person, time_us, code, device, stream)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vitals_by_source ON vitals(g, person, device, code, time_us);
CREATE TABLE IF NOT EXISTS gaps(g TEXT, person TEXT, from_us INTEGER, device TEXT, stream TEXT, to_us INTEGER, PRIMARY KEY(g, person, from_us, device, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched(g TEXT, person TEXT, rule TEXT, from_us INTEGER, to_us INTEGER, PRIMARY KEY(g, person, rule, from_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts(g TEXT, id TEXT, person TEXT, onset_us INTEGER, open INTEGER, t INTEGER, e BLOB, n INTEGER, record TEXT, PRIMARY KEY(g, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alerts_by_person ON alerts(g, person, onset_us);
CREATE TABLE IF NOT EXISTS strips(g TEXT, person TEXT, device TEXT, stream TEXT, channel TEXT, start_us INTEGER, end_us INTEGER, payload BLOB, PRIMARY KEY(g, person, device, stream, channel, start_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gateways(g TEXT PRIMARY KEY, heartbeat_t INTEGER, heartbeat TEXT, heartbeat_received_us INTEGER, desired TEXT, reported TEXT) WITHOUT ROWID;
`;

/** An alert is kept once per epoch, so that the newest is the same in whatever order the epochs' frames come; a name has the time at which it was given. */
const anyOrder = `
ALTER TABLE alerts RENAME TO alerts_of_one_epoch;
CREATE TABLE alerts(g TEXT, id TEXT, e BLOB, person TEXT, onset_us INTEGER, open INTEGER, newest INTEGER, t INTEGER, n INTEGER, record TEXT, PRIMARY KEY(g, id, e)) WITHOUT ROWID;
INSERT INTO alerts(g, id, e, person, onset_us, open, newest, t, n, record) SELECT g, id, e, person, onset_us, open, 1, t, n, record FROM alerts_of_one_epoch;
DROP TABLE alerts_of_one_epoch;
CREATE INDEX alerts_by_person ON alerts(g, person, onset_us) WHERE newest = 1;
ALTER TABLE people ADD COLUMN name_t INTEGER;
`;

/** What workers have to agree about: who is enrolled, what was heard, what was told. */
const shared = `
ALTER TABLE gateways ADD COLUMN public_key TEXT;
ALTER TABLE gateways ADD COLUMN password_hash TEXT;
ALTER TABLE gateways ADD COLUMN heard_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gateways ADD COLUMN heard_us INTEGER;
ALTER TABLE gateways ADD COLUMN told TEXT;
ALTER TABLE gateways ADD COLUMN told_since_us INTEGER;
ALTER TABLE gateways ADD COLUMN told_count INTEGER;
UPDATE gateways SET heard_us = heartbeat_received_us;
`;

/** Until then a rejected or an expired alert was taken for one that is over. */
const openAnew = "UPDATE alerts SET open = 1 WHERE json_extract(record, '$.state') IN ('rejected', 'expired')";

/** What kinds of payload without tables of their own say. */
const keptPayloads = `
CREATE TABLE kept(g TEXT, person TEXT, kind TEXT, key TEXT, from_us INTEGER, to_us INTEGER, t INTEGER, payload BLOB, PRIMARY KEY(g, person, kind, from_us, key)) WITHOUT ROWID;
`;

/** Who has left, by a hash of their id, and when: what tells of an earlier time is no longer taken. */
const left = `
CREATE TABLE leavings(g TEXT, person BLOB, t INTEGER, PRIMARY KEY(g, person)) WITHOUT ROWID;
`;

/** Under which name somebody is known now, by a hash of the one before. */
const renamed = `
CREATE TABLE renamed(g TEXT, before BLOB, person TEXT, PRIMARY KEY(g, before)) WITHOUT ROWID;
`;

/** What was done at the twin with alerts, until the home has answered and a day longer. */
const acts = `
CREATE TABLE acts(g TEXT, id TEXT, person TEXT, alert TEXT, text TEXT, at_us INTEGER, outcome TEXT, PRIMARY KEY(g, id)) WITHOUT ROWID;
CREATE INDEX acts_waiting ON acts(at_us) WHERE outcome IS NULL;
`;

/** Of all homes together: one may be open. */
const incidents = `
CREATE TABLE incidents(opened_us INTEGER PRIMARY KEY, gateways INTEGER, of_all INTEGER, ended_us INTEGER);
CREATE UNIQUE INDEX incidents_open ON incidents((ended_us IS NULL)) WHERE ended_us IS NULL;
`;

/** What stays of months whose events have gone. */
const minutes = `
CREATE TABLE minutes(g TEXT, person TEXT, minute_us INTEGER, code TEXT, device TEXT, n INTEGER, total REAL, least REAL, most REAL, PRIMARY KEY(g, person, minute_us, code, device)) WITHOUT ROWID;
`;

/** Who may enrol, and what was done about it: rows come only from people with a shell at the twin, and from claims that they made. */
const claims = `
ALTER TABLE gateways ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
CREATE TABLE claims(g TEXT PRIMARY KEY, id TEXT UNIQUE, public_key TEXT, expires_us INTEGER, used_us INTEGER) WITHOUT ROWID;
CREATE TABLE enrolment_acts(seq INTEGER PRIMARY KEY, g TEXT, what TEXT, at_us INTEGER, done_by TEXT, ended_key TEXT);
CREATE INDEX enrolment_ended ON enrolment_acts(at_us) WHERE ended_key IS NOT NULL;
`;

const steps: readonly ((db: SqliteDatabase.Database) => void)[] = [
  (db) => {
    widenVitals(db);
    db.exec(unversioned);
  },
  (db) => void db.exec(anyOrder),
  (db) => void db.exec(shared),
  (db) => void db.exec(openAnew),
  (db) => void db.exec(keptPayloads),
  (db) => void db.exec(left),
  (db) => void db.exec(renamed),
  (db) => void db.exec(acts),
  (db) => void db.exec(incidents),
  (db) => void db.exec(minutes),
  (db) => void db.exec(claims),
];

/** Brings the tables to this version, each step whole or not at all. @throws GatewayError `twin.newer_database` (operator) */
export function migrate(db: SqliteDatabase.Database): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > steps.length) {
    const message = `The twin's database has version ${version}, this program knows ${steps.length}: start the newer program again.`;
    throw new GatewayError("twin.newer_database", "operator", message);
  }
  steps.slice(version).forEach((step, i) => {
    const next = db.transaction(() => {
      step(db);
      db.pragma(`user_version = ${version + i + 1}`);
    });
    next.immediate();
  });
}

/** In a database older still the key of a number has no source. */
function widenVitals(db: SqliteDatabase.Database): void {
  const columns = db.pragma("table_info(vitals)") as { name: string }[];
  if (columns.length === 0 || columns.some(({ name }) => name === "device")) return;
  db.exec("ALTER TABLE vitals RENAME TO vitals_without_source");
  db.exec(unversioned);
  db.exec(
    "INSERT INTO vitals(g, person, time_us, code, value, unit) SELECT g, person, time_us, code, value, unit FROM vitals_without_source",
  );
  db.exec("DROP TABLE vitals_without_source");
}
