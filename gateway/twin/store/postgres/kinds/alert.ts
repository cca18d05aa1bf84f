/** An alert is kept once per epoch; which epoch's is the newest is the same in whatever order their frames come. */

import { isOpen } from "../../../../../device-drivers/contract/event.ts";
import type { AlertPayload } from "../../../../semantic/payloads/alert.ts";
import { type EpochAlert, newestOf } from "../../alert-order.ts";
import { seen, type Write } from "./kind.ts";

export const writeAlert: Write<AlertPayload> = async (ask, { g, t, e, n }, { alert }, receivedUs) => {
  await seen(ask, g, alert.person, null, receivedUs);
  await ask(
    `INSERT INTO alerts(g, id, e, person, onset_us, open, newest, t, n, record) VALUES ($1, $2, $3, $4, $5, $6, false, $7, $8, $9)
     ON CONFLICT (g, id, e) DO UPDATE SET person = excluded.person, onset_us = excluded.onset_us, open = excluded.open, t = excluded.t, n = excluded.n, record = excluded.record
     WHERE excluded.n > alerts.n`,
    [g, alert.id, e, alert.person, alert.onsetUs, isOpen(alert), t, n, JSON.stringify(alert)],
  );
  const epochs = await ask<EpochAlert>("SELECT e, t, record FROM alerts WHERE g = $1 AND id = $2", [g, alert.id]);
  await ask("UPDATE alerts SET newest = (e = $3) WHERE g = $1 AND id = $2", [g, alert.id, newestOf(epochs).e]);
};
