/** Who is enrolled, who may be and what was done about it. */

import type { Doing, EnrolledGateway, EnrolmentAct, StoredClaim } from "../port.ts";
import type { Ask, Pool } from "./pool.ts";

type AccountRow = Omit<EnrolledGateway, "isJoined"> & { readonly joined: boolean };
const columns = `g AS gateway, public_key AS "publicKeyPem", password_hash AS "passwordHash", joined`;
const accountOf = ({ joined, ...account }: AccountRow): EnrolledGateway => ({ ...account, ...(joined ? { isJoined: true } : {}) });

export async function enrol(ask: Ask, { gateway: g, publicKeyPem, passwordHash, isJoined = false }: EnrolledGateway): Promise<void> {
  await ask(
    `INSERT INTO gateways(g, public_key, password_hash, joined) VALUES ($1, $2, $3, $4)
     ON CONFLICT (g) DO UPDATE SET public_key = excluded.public_key, password_hash = excluded.password_hash, joined = excluded.joined`,
    [g, publicKeyPem, passwordHash, isJoined],
  );
}

export async function withdraw(pool: Pool, g: string, doing: Doing): Promise<void> {
  await pool.transaction(async (ask) => {
    await note(ask, g, "revoked", doing, await keyOf(ask, g));
    await ask("UPDATE gateways SET public_key = NULL, password_hash = NULL, joined = false, told = NULL WHERE g = $1", [g]);
    await ask("DELETE FROM claims WHERE g = $1", [g]);
  });
}

export async function enrolled(ask: Ask): Promise<EnrolledGateway[]> {
  return (await ask<AccountRow>(`SELECT ${columns} FROM gateways WHERE public_key IS NOT NULL ORDER BY g`)).map(accountOf);
}

export async function account(ask: Ask, g: string): Promise<EnrolledGateway | undefined> {
  const [row] = await ask<AccountRow>(`SELECT ${columns} FROM gateways WHERE g = $1 AND public_key IS NOT NULL`, [g]);
  return row && accountOf(row);
}

export async function putClaim(pool: Pool, { gateway: g, id, publicKey, expiresUs }: StoredClaim, doing: Doing): Promise<void> {
  await pool.transaction(async (ask) => {
    await ask(
      `INSERT INTO claims(g, id, public_key, expires_us) VALUES ($1, $2, $3, $4)
       ON CONFLICT (g) DO UPDATE SET id = excluded.id, public_key = excluded.public_key, expires_us = excluded.expires_us, used_us = NULL`,
      [g, id, publicKey, expiresUs],
    );
    await note(ask, g, "claimed", doing);
  });
}

export async function claim(ask: Ask, id: string): Promise<StoredClaim | undefined> {
  const [row] = await ask<Omit<StoredClaim, "usedUs"> & { usedUs: number | null }>(
    `SELECT g AS gateway, id, public_key AS "publicKey", expires_us AS "expiresUs", used_us AS "usedUs" FROM claims WHERE id = $1`,
    [id],
  );
  if (row === undefined) return undefined;
  const { usedUs, ...rest } = row;
  return { ...rest, ...(usedUs === null ? {} : { usedUs }) };
}

export async function useClaim(pool: Pool, id: string, made: EnrolledGateway, doing: Doing): Promise<boolean> {
  return pool.transaction(async (ask) => {
    const g = made.gateway;
    const used = await ask("UPDATE claims SET used_us = $1 WHERE id = $2 AND g = $3 AND used_us IS NULL RETURNING id", [doing.atUs, id, g]);
    if (used.length === 0) return false;
    const former = await keyOf(ask, g);
    if (former !== undefined) await note(ask, g, "replaced", doing, former);
    await enrol(ask, { ...made, isJoined: true });
    await note(ask, g, "joined", doing);
    return true;
  });
}

export const enrolmentActs = (ask: Ask, limit: number) =>
  ask<EnrolmentAct>(`SELECT g AS gateway, what, at_us AS "atUs", done_by AS by FROM enrolment_acts ORDER BY seq DESC LIMIT $1`, [limit]);

export const endedKeys = (ask: Ask) =>
  ask<{ publicKeyPem: string; endedUs: number }>(
    `SELECT ended_key AS "publicKeyPem", at_us AS "endedUs" FROM enrolment_acts WHERE ended_key IS NOT NULL ORDER BY seq`,
  );

async function keyOf(ask: Ask, g: string): Promise<string | undefined> {
  const [row] = await ask<{ key: string }>("SELECT public_key AS key FROM gateways WHERE g = $1 AND public_key IS NOT NULL FOR UPDATE", [
    g,
  ]);
  return row?.key;
}

async function note(ask: Ask, g: string, what: EnrolmentAct["what"], { by, atUs }: Doing, endedKey?: string): Promise<void> {
  await ask("INSERT INTO enrolment_acts(g, what, at_us, done_by, ended_key) VALUES ($1, $2, $3, $4, $5)", [
    g,
    what,
    atUs,
    by,
    endedKey ?? null,
  ]);
}
