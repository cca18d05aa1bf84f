/** What somebody did at the twin with alerts. */

import { type ActRow, actOf } from "../act-row.ts";
import { dayUs, maxActsSent, maxWaitingActs } from "../bounds.ts";
import type { StoredAct } from "../port.ts";
import { lockHomes } from "./frames.ts";
import type { Ask, Pool } from "./pool.ts";

const columns = `g AS gateway, id, person, alert, text, at_us AS "atUs", outcome`;

export const putAct = (pool: Pool, { gateway, id, person, alert, text, atUs }: StoredAct): Promise<boolean> =>
  pool.transaction(async (ask) => {
    await lockHomes(ask, [gateway]);
    await ask("DELETE FROM acts WHERE g = $1 AND at_us < $2", [gateway, atUs - dayUs]);
    const [waiting] = await ask<{ count: number }>("SELECT count(*) AS count FROM acts WHERE g = $1 AND outcome IS NULL", [gateway]);
    if ((waiting?.count ?? 0) >= maxWaitingActs) return false;
    const row = [gateway, id, person, alert, text, atUs];
    await ask("INSERT INTO acts(g, id, person, alert, text, at_us) VALUES ($1, $2, $3, $4, $5, $6)", row);
    return true;
  });

export async function act(ask: Ask, g: string, id: string): Promise<StoredAct | undefined> {
  const [row] = await ask<ActRow>(`SELECT ${columns} FROM acts WHERE g = $1 AND id = $2`, [g, id]);
  return row === undefined ? undefined : actOf(row);
}

export async function waitingActs(ask: Ask, sinceUs: number): Promise<StoredAct[]> {
  const text = `SELECT ${columns} FROM acts WHERE outcome IS NULL AND at_us >= $1 ORDER BY at_us, g, id LIMIT $2`;
  return (await ask<ActRow>(text, [sinceUs, maxActsSent])).map(actOf);
}
