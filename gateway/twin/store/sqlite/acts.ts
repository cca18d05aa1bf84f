/** What somebody did at the twin with alerts, as prepared statements. */

import { type ActRow, actOf } from "../act-row.ts";
import { dayUs, maxActsSent, maxWaitingActs } from "../bounds.ts";
import type { StoredAct } from "../port.ts";
import type { Database } from "./database.ts";

const columns = "g AS gateway, id, person, alert, text, at_us AS atUs, outcome";

export function prepareActs(db: Database) {
  const count = db.prepare("SELECT count(*) FROM acts WHERE g = ? AND outcome IS NULL").pluck();
  const forget = db.prepare("DELETE FROM acts WHERE g = ? AND at_us < ?");
  const put = db.prepare("INSERT INTO acts(g, id, person, alert, text, at_us) VALUES (?, ?, ?, ?, ?, ?)");
  const one = db.prepare(`SELECT ${columns} FROM acts WHERE g = ? AND id = ?`);
  const waiting = db.prepare(`SELECT ${columns} FROM acts WHERE outcome IS NULL AND at_us >= ? ORDER BY at_us, g, id LIMIT ${maxActsSent}`);
  return {
    putAct: db.transaction(({ gateway, id, person, alert, text, atUs }: StoredAct): boolean => {
      forget.run(gateway, atUs - dayUs);
      if (Number(count.get(gateway)) >= maxWaitingActs) return false;
      put.run(gateway, id, person, alert, text, atUs);
      return true;
    }).immediate,
    act(g: string, id: string): StoredAct | undefined {
      const row = one.get(g, id) as ActRow | undefined;
      return row === undefined ? undefined : actOf(row);
    },
    waitingActs: (sinceUs: number) => (waiting.all(sinceUs) as ActRow[]).map(actOf),
  };
}
