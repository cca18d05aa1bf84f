/** Who is enrolled, who may be and what was done about it, as prepared statements. */

import type { Doing, EnrolledGateway, EnrolmentAct, StoredClaim } from "../port.ts";
import type { Database } from "./database.ts";

export function prepareEnrolment(db: Database) {
  return { ...prepareAccounts(db), ...prepareClaims(db) };
}

function prepareAccounts(db: Database) {
  const columns = "g AS gateway, public_key AS publicKeyPem, password_hash AS passwordHash, joined";
  const all = db.prepare(`SELECT ${columns} FROM gateways WHERE public_key IS NOT NULL ORDER BY g`);
  const one = db.prepare(`SELECT ${columns} FROM gateways WHERE g = ? AND public_key IS NOT NULL`);
  const put = preparePut(db);
  const withdraw = db.prepare("UPDATE gateways SET public_key = NULL, password_hash = NULL, joined = 0, told = NULL WHERE g = ?");
  const voidClaim = db.prepare("DELETE FROM claims WHERE g = ?");
  const note = prepareNote(db);
  const account = (g: string) => accountOf(one.get(g) as AccountRow | undefined);
  return {
    enrol: (gateway: EnrolledGateway) => void put(gateway),
    withdraw: db.transaction((g: string, doing: Doing) => {
      note(g, "revoked", doing, account(g));
      withdraw.run(g);
      voidClaim.run(g);
    }).immediate,
    enrolled: () => (all.all() as AccountRow[]).flatMap((row) => accountOf(row) ?? []),
    account,
  };
}

function prepareClaims(db: Database) {
  const put = db.prepare("INSERT OR REPLACE INTO claims(g, id, public_key, expires_us) VALUES (?, ?, ?, ?)");
  const read = db.prepare(
    "SELECT g AS gateway, id, public_key AS publicKey, expires_us AS expiresUs, used_us AS usedUs FROM claims WHERE id = ?",
  );
  const use = db.prepare("UPDATE claims SET used_us = ? WHERE id = ? AND g = ? AND used_us IS NULL");
  const before = db.prepare("SELECT public_key AS publicKeyPem, joined FROM gateways WHERE g = ? AND public_key IS NOT NULL");
  const acts = db.prepare("SELECT g AS gateway, what, at_us AS atUs, done_by AS by FROM enrolment_acts ORDER BY seq DESC LIMIT ?");
  const ended = db.prepare(
    "SELECT ended_key AS publicKeyPem, at_us AS endedUs FROM enrolment_acts WHERE ended_key IS NOT NULL ORDER BY seq",
  );
  const enrol = preparePut(db);
  const note = prepareNote(db);
  return {
    putClaim: db.transaction(({ gateway, id, publicKey, expiresUs }: StoredClaim, doing: Doing) => {
      put.run(gateway, id, publicKey, expiresUs);
      note(gateway, "claimed", doing);
    }).immediate,
    claim(id: string): StoredClaim | undefined {
      const row = read.get(id) as (StoredClaim & { readonly usedUs: number | null }) | undefined;
      if (row === undefined) return undefined;
      const { usedUs, ...claim } = row;
      return { ...claim, ...(usedUs === null ? {} : { usedUs }) };
    },
    useClaim: db.transaction((id: string, account: EnrolledGateway, doing: Doing): boolean => {
      if (use.run(doing.atUs, id, account.gateway).changes === 0) return false;
      const former = before.get(account.gateway) as Pick<AccountRow, "publicKeyPem" | "joined"> | undefined;
      if (former !== undefined) note(account.gateway, "replaced", doing, former);
      enrol({ ...account, isJoined: true });
      note(account.gateway, "joined", doing);
      return true;
    }).immediate,
    enrolmentActs: (limit: number) => acts.all(limit) as EnrolmentAct[],
    endedKeys: () => ended.all() as { publicKeyPem: string; endedUs: number }[],
  };
}

interface AccountRow {
  readonly gateway: string;
  readonly publicKeyPem: string;
  readonly passwordHash: string;
  readonly joined: number;
}

function accountOf(row: AccountRow | undefined): EnrolledGateway | undefined {
  if (row === undefined) return undefined;
  const { joined, ...account } = row;
  return { ...account, ...(joined === 1 ? { isJoined: true } : {}) };
}

function preparePut(db: Database) {
  const put = db.prepare(
    `INSERT INTO gateways(g, public_key, password_hash, joined) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET public_key = excluded.public_key, password_hash = excluded.password_hash, joined = excluded.joined`,
  );
  return ({ gateway, publicKeyPem, passwordHash, isJoined = false }: EnrolledGateway) =>
    put.run(gateway, publicKeyPem, passwordHash, isJoined ? 1 : 0);
}

function prepareNote(db: Database) {
  const note = db.prepare("INSERT INTO enrolment_acts(g, what, at_us, done_by, ended_key) VALUES (?, ?, ?, ?, ?)");
  return (g: string, what: EnrolmentAct["what"], { by, atUs }: Doing, ended?: Pick<EnrolledGateway, "publicKeyPem">) =>
    note.run(g, what, atUs, by, ended?.publicKeyPem ?? null);
}
