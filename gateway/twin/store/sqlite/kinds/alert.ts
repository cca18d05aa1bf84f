/** An alert is kept once per epoch; which epoch's is the newest is the same in whatever order their frames come. */

import { type AlertRecord, isOpen } from "../../../../../device-drivers/contract/event.ts";
import type { AlertPayload } from "../../../../semantic/payloads/alert.ts";
import { type PrepareWrite, prepareSeen } from "./kind.ts";

const stateRank: readonly AlertRecord["state"][] = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"];

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
    const epochs = ofEpochs.all(g, alert.id) as EpochAlert[];
    markNewest.run(epochs.reduce((newest, other) => (isNewer(other, newest) ? other : newest)).e, g, alert.id);
  };
};

/** The alert as one epoch has it: of its frames the one with the highest number. */
interface EpochAlert {
  readonly e: Uint8Array;
  readonly t: number;
  readonly record: string;
}

/** Over epochs the time tells, at one time the state that is further on, and then any order that is always the same. */
function isNewer(next: EpochAlert, known: EpochAlert): boolean {
  if (next.t !== known.t) return next.t > known.t;
  const [nextRank, knownRank] = [rankOf(next), rankOf(known)];
  return nextRank === knownRank ? Buffer.compare(next.e, known.e) > 0 : nextRank > knownRank;
}

function rankOf({ record }: EpochAlert): number {
  return stateRank.indexOf((JSON.parse(record) as AlertRecord).state);
}
