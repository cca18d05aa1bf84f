/** The twin's store over PostgreSQL, for any number of workers: commits frames exactly once and answers questions. It never hands out what belongs to another gateway. */

import { GatewayError } from "../../../../device-drivers/contract/error.ts";
import { type PayloadCodec, shippedPayloads } from "../../../semantic/payload-codec.ts";
import { personTables } from "../left.ts";
import type { TwinStore } from "../port.ts";
import { readable } from "../readable.ts";
import * as acts from "./acts.ts";
import { type Apply, createApply } from "./apply.ts";
import * as enrolment from "./enrolment.ts";
import { commitFrames, lockHomes, type OpaqueRow } from "./frames.ts";
import * as gateways from "./gateways.ts";
import * as incidents from "./incidents.ts";
import { migrate } from "./migrations.ts";
import * as minutes from "./minutes.ts";
import { createPartitions, type Partitions } from "./partitions.ts";
import { type Ask, openPool, type Pool, type PoolOptions, toTwinError } from "./pool.ts";
import * as questions from "./questions.ts";

/** What a person has left is free for the database to write over; its log and its backups are its operator's to expire. */
const vacuum = `VACUUM ${[...personTables, "frames", "gateways"].join(", ")}`;

/** Brings the tables to this version; frames that an older version could not read are tried again. @throws GatewayError `twin.*` */
export async function openPostgresStore(options: PoolOptions, codec: PayloadCodec = shippedPayloads): Promise<TwinStore> {
  const pool = openPool(options);
  const apply = createApply(codec);
  const partitions = createPartitions(pool, codec);
  try {
    await migrate(pool, options.schema);
    await decodeOpaque({ pool, partitions, apply, codec });
  } catch (error) {
    await pool.close();
    throw toTwinError(error);
  }

  let closed: Promise<void> | undefined;
  const answered = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    if (closed !== undefined) throw new GatewayError("twin.closed", "world", "The twin's database is closed.");
    try {
      return await question();
    } catch (error) {
      throw toTwinError(error);
    }
  };
  const asked =
    <Args extends unknown[], Answer>(ask: (ask: Ask, ...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer> =>
      answered(() => ask(pool.ask, ...args));

  return {
    commit: (received, receivedUs) =>
      answered(async () => {
        await partitions.ensure(received.flatMap(({ payload }) => payload ?? []));
        const isNew = await pool.transaction((ask) => commitFrames(ask, received, receivedUs, apply));
        // Also for a repeat: the first time the worker may have died in between.
        if (received.some(({ payload }) => payload?.kind === "leave" || payload?.kind === "renamed")) await pool.ask(vacuum);
        return isNew;
      }),
    people: asked(questions.people),
    // Several tables answer it, so it reads them as of one moment.
    state: (g, person) => answered(() => pool.transaction((ask) => questions.state(ask, g, person), true)),
    vitals: asked(questions.vitals),
    beats: asked(questions.beats),
    rhythms: asked(questions.rhythms),
    gaps: asked(questions.gaps),
    alerts: asked(questions.alerts),
    alert: asked(questions.alert),
    strips: asked(questions.strips),
    kept: asked(questions.readKept(codec)),
    minutes: asked(minutes.minutes),
    forget: (before) => answered(() => minutes.forget(pool, before)),
    watchedS: asked(questions.watchedS),
    gateway: asked(gateways.gateway),
    desired: asked(gateways.desired),
    putDesired: asked(gateways.putDesired),
    reported: asked(gateways.reported),
    putReported: asked(gateways.putReported),
    putAct: (act) => answered(() => acts.putAct(pool, act)),
    act: asked(acts.act),
    waitingActs: asked(acts.waitingActs),
    enrol: asked(enrolment.enrol),
    withdraw: (g, doing) => answered(() => enrolment.withdraw(pool, g, doing)),
    enrolled: asked(enrolment.enrolled),
    account: asked(enrolment.account),
    putClaim: (claim, doing) => answered(() => enrolment.putClaim(pool, claim, doing)),
    claim: asked(enrolment.claim),
    useClaim: (id, account, doing) => answered(() => enrolment.useClaim(pool, id, account, doing)),
    enrolmentActs: asked(enrolment.enrolmentActs),
    endedKeys: asked(enrolment.endedKeys),
    watched: asked(gateways.watched),
    tellSilence: asked(gateways.tellSilence),
    openIncident: asked(incidents.openIncident),
    endIncident: asked(incidents.endIncident),
    incidents: asked(incidents.incidents),
    close: () => (closed ??= pool.close()),
  };
}

interface Parts {
  readonly pool: Pool;
  readonly partitions: Partitions;
  readonly apply: Apply;
  readonly codec: PayloadCodec;
}

/** Frames that waited for a version that can read them, a home at a time and each whole or not at all. */
async function decodeOpaque({ pool, partitions, apply, codec }: Parts): Promise<void> {
  const waiting = await pool.ask<OpaqueRow>(
    `SELECT g, e, n, c, t, h, received_us AS "receivedUs", payload FROM frames WHERE payload IS NOT NULL ORDER BY g, e, n`,
  );
  for (const { h, receivedUs, payload: bytes, ...frame } of waiting) {
    const payload = readable(bytes, codec);
    if (payload === undefined) continue;
    await partitions.ensure([payload]);
    try {
      await pool.transaction(async (ask) => {
        await lockHomes(ask, [frame.g]);
        const mine = await ask("UPDATE frames SET payload = NULL WHERE g = $1 AND e = $2 AND n = $3 AND payload IS NOT NULL RETURNING n", [
          frame.g,
          frame.e,
          frame.n,
        ]);
        if (mine.length === 1) await apply(ask, [{ frame: { ...frame, ...(h ? { h: true } : {}) }, payload }], receivedUs);
      });
    } catch (error) {
      // One frame that this version can't write keeps nobody from starting; a database that can't be written does.
      if (toTwinError(error).kind !== "bug") throw error;
    }
  }
}
