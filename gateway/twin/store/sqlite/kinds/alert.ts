/** An alert is kept once per epoch; which epoch's is the newest is the same in whatever order their frames come. */

import { isOpen } from "../../../../../device-drivers/contract/event.ts";
import type { AlertPayload } from "../../../../semantic/payloads/alert.ts";
import { type EpochAlert, newestOf } from "../../alert-order.ts";
import { type PrepareWrite, prepareSeen } from "./kind.ts";

export const writeAlerts: PrepareWrite<AlertPayload> = (db) => {
  const seen = prepareSeen(db);
  const write = db.prepare(
    `INSERT INTO alerts(g, id, e, person, onset_us, open, newest, t, n, record) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
     ON CONFLICT DO UPDATE SET person = excluded.person, onset_us = excluded.onset_us, open = excluded.open, t = excluded.t, n = excluded.n, record = excluded.record
     WHERE excluded.n > n`,
  );
  const ofEpochs = db.prepare("SELECT e, t, record FROM alerts WHERE g = ? AND id = ?");
  const markNewest = db.prepare("UPDATE alerts SET newest = (e = ?) WHERE g = ? AND id = ?");
  return ({ g, t, e, n }, { alert }, receivedUs) => {
    seen(g, alert.person, null, receivedUs);
    write.run(g, alert.id, e, alert.person, alert.onsetUs, isOpen(alert) ? 1 : 0, t, n, JSON.stringify(alert));
    markNewest.run(newestOf(ofEpochs.all(g, alert.id) as EpochAlert[]).e, g, alert.id);
  };
};
