/** The twin's store over SQLite: commits frames exactly once and answers questions. It never hands out what belongs to another gateway. */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../../../device-drivers/contract/error.ts";
import type { TrafficClass } from "../../../../device-drivers/contract/event.ts";
import { scrubSqlite } from "../../../runtime/scrub-sqlite.ts";
import { type PayloadCodec, shippedPayloads } from "../../../semantic/payload-codec.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import type { Received, TwinStore } from "../port.ts";
import { readable } from "../readable.ts";
import { prepareActs } from "./acts.ts";
import { type Apply, prepareApply } from "./apply.ts";
import { type Database, openTwinDatabase, toTwinError } from "./database.ts";
import { prepareEnrolment } from "./enrolment.ts";
import { prepareGateways } from "./gateways.ts";
import { prepareIncidents } from "./incidents.ts";
import { prepareReadKept } from "./kept.ts";
import { prepareMinutes } from "./minutes.ts";
import { prepareQuestions } from "./questions.ts";

/** Opens the folder's database; frames that an older version could not read are tried again. `onRepair` is told what was set aside. @throws GatewayError `twin.*` */
export function openTwinStore(dir: string, onRepair: (what: string) => void, codec: PayloadCodec = shippedPayloads): TwinStore {
  const db = openTwinDatabase(dir, onRepair);
  const apply = prepareApply(db, codec);
  decodeOpaque(db, apply, codec);
  const questions = prepareQuestions(db);
  const gateways = prepareGateways(db);
  const enrolment = prepareEnrolment(db);
  const acts = prepareActs(db);
  const minutes = prepareMinutes(db);
  const incidents = prepareIncidents(db);
  const commit = prepareCommit(db, apply);

  /** SQLite answers at once; what it throws becomes a rejection. */
  const asked =
    <Args extends unknown[], Answer>(ask: (...args: Args) => Answer) =>
    async (...args: Args): Promise<Answer> => {
      if (!db.open) throw new GatewayError("twin.closed", "world", "The twin's database is closed.");
      try {
        return ask(...args);
      } catch (error) {
        throw toTwinError(error);
      }
    };

  return {
    commit: asked((received: readonly Received[], receivedUs: number) => {
      const isNew = commit(received, receivedUs);
      // Also for a repeat: the first time a crash may have come between.
      if (received.some(({ payload }) => payload?.kind === "leave" || payload?.kind === "renamed")) scrub(db, dir);
      return isNew;
    }),
    people: asked(questions.people),
    // Several tables answer it, so it reads them as of one moment.
    state: asked(db.transaction(questions.state)),
    vitals: asked(questions.vitals),
    beats: asked(questions.beats),
    rhythms: asked(questions.rhythms),
    gaps: asked(questions.gaps),
    alerts: asked(questions.alerts),
    alert: asked(questions.alert),
    strips: asked(questions.strips),
    kept: asked(prepareReadKept(db, codec)),
    minutes: asked(minutes.minutes),
    forget: asked(minutes.forget),
    watchedS: asked(questions.watchedS),
    gateway: asked(gateways.gateway),
    desired: asked(gateways.desired),
    putDesired: asked(gateways.putDesired),
    reported: asked(gateways.reported),
    putReported: asked(gateways.putReported),
    putAct: asked(acts.putAct),
    act: asked(acts.act),
    waitingActs: asked(acts.waitingActs),
    enrol: asked(enrolment.enrol),
    withdraw: asked(enrolment.withdraw),
    enrolled: asked(enrolment.enrolled),
    account: asked(enrolment.account),
    putClaim: asked(enrolment.putClaim),
    claim: asked(enrolment.claim),
    useClaim: asked(enrolment.useClaim),
    enrolmentActs: asked(enrolment.enrolmentActs),
    endedKeys: asked(enrolment.endedKeys),
    watched: asked(gateways.watched),
    tellSilence: asked(gateways.tellSilence),
    openIncident: asked(incidents.openIncident),
    endIncident: asked(incidents.endIncident),
    incidents: asked(incidents.incidents),
    async close() {
      db.close();
    },
  };
}

/**
 * Leaves nothing of what has been deleted: free pages and the log are written anew, and what was set aside as damaged, of which no part can be deleted, goes
 * whole.
 */
function scrub(db: Database, dir: string): void {
  if (!scrubSqlite(db))
    throw new GatewayError("twin.busy", "world", "Another worker reads the twin's database; what is to be erased waits.");
  for (const name of readdirSync(dir)) if (/^twin\.db.*\.damaged/.test(name)) rmSync(join(dir, name));
}

function prepareCommit(db: Database, apply: Apply) {
  const known = db.prepare("SELECT 1 FROM frames WHERE g = ? AND e = ? AND n = ?");
  const addFrame = db.prepare("INSERT INTO frames(g, e, n, c, t, h, received_us, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const heard = db.prepare(
    `INSERT INTO gateways(g, heard_count, heard_us) VALUES (?, 1, ?)
     ON CONFLICT DO UPDATE SET heard_count = heard_count + 1, heard_us = max(coalesce(heard_us, 0), excluded.heard_us)`,
  );
  return db.transaction((received: readonly Received[], receivedUs: number) =>
    received.map(({ frame, payload }) => {
      const { g, e, n, c, t, h, p } = frame;
      if (known.get(g, e, n) !== undefined) return false;
      addFrame.run(g, e, n, c, t, h === true ? 1 : 0, receivedUs, payload === undefined ? p : null);
      if (payload !== undefined) apply(frame, payload, receivedUs);
      if (payload?.kind === "heartbeat" && h !== true) heard.run(g, receivedUs);
      return true;
    }),
  ).immediate;
}

interface OpaqueRow {
  readonly g: string;
  readonly e: Uint8Array;
  readonly n: number;
  readonly c: TrafficClass;
  readonly t: number;
  readonly h: number;
  readonly receivedUs: number;
  readonly payload: Uint8Array;
}

function decodeOpaque(db: Database, apply: Apply, codec: PayloadCodec): void {
  const rows = db
    .prepare("SELECT g, e, n, c, t, h, received_us AS receivedUs, payload FROM frames WHERE payload IS NOT NULL ORDER BY g, e, n")
    .all() as OpaqueRow[];
  const done = db.prepare("UPDATE frames SET payload = NULL WHERE g = ? AND e = ? AND n = ?");
  const retry = db.transaction(({ h, receivedUs, payload: _, ...frame }: OpaqueRow, payload: AnyPayload) => {
    apply({ ...frame, ...(h === 1 ? { h: true } : {}) }, payload, receivedUs);
    done.run(frame.g, frame.e, frame.n);
  });
  for (const row of rows) {
    const payload = readable(row.payload, codec);
    if (payload === undefined) continue;
    try {
      retry(row, payload);
    } catch (error) {
      // One frame that this version can't write keeps nobody from starting; a disk that can't be written does.
      if (toTwinError(error).kind !== "bug") throw toTwinError(error);
    }
  }
}
