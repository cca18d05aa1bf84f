/** Reads what a home that has ended left behind: journal, store and the twin's database, each by its own reader. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { decodeBatch } from "../../device-drivers/hearth-stream/frame.ts";
import { type Pseudonyms, pseudonymsKey, pseudonymsOf } from "../../gateway/consent/pseudonyms.ts";
import { readJournalFolder } from "../../gateway/journal/capture-file.ts";
import type { JournalRecord } from "../../gateway/journal/journal-port.ts";
import { decodePayload } from "../../gateway/semantic/payload-codec.ts";
import type { StripPayload } from "../../gateway/semantic/payloads/strip.ts";
import { openDatabase } from "../../gateway/store/database.ts";
import { openStore } from "../../gateway/store/store.ts";
import type { OutboxFigures, OutboxRow, Watermark } from "../../gateway/store/store-port.ts";
import { openTwinDatabase } from "../../gateway/twin/store/sqlite/database.ts";
import type { BatchKey } from "./sensors.ts";

const everUs = Number.MAX_SAFE_INTEGER - 1e9;

export function journalLane(folder: string, person: string): AsyncIterable<JournalRecord> {
  const lane = readJournalFolder(join(folder, "journal"), join(folder, "keys")).find(({ lane }) => lane === person);
  if (lane === undefined) throw new Error(`no journal of ${person}`);
  return lane.read();
}

export async function journalledBatches(folder: string, person: string): Promise<{ keys: Set<BatchKey>; records: number; lastUs: number }> {
  const keys = new Set<BatchKey>();
  let records = 0;
  let lastUs = 0;
  for await (const { chunk } of journalLane(folder, person)) {
    records++;
    lastUs = chunk.stamps.timeUs;
    if (!chunk.channel.endsWith("/raw")) continue;
    const decoded = decodeBatch(chunk.bytes);
    if (decoded.kind === "batch") keys.add(`${chunk.device}/${decoded.batch.bootId}/${decoded.batch.sequence}`);
  }
  return { keys, records, lastUs };
}

export interface StoreLeft {
  readonly marks: Readonly<Record<string, Watermark>>;
  readonly events: Readonly<Record<string, PersonEvent[]>>;
  readonly coverage: Readonly<Record<string, Record<string, number>>>;
  readonly alerts: AlertRecord[];
  readonly stripsDue: StripDue[];
  readonly outbox: OutboxFigures;
  /** Rows that the twin has not acknowledged, in their order. */
  readonly waiting: OutboxRow[];
  readonly brokenAudit: number | undefined;
}

export async function readStore(folder: string, people: readonly string[]): Promise<StoreLeft> {
  const { store } = await openStore({ dir: join(folder, "store"), clock: systemClock() });
  const ofEach = async <T>(read: (person: string) => Promise<T>) =>
    Object.fromEntries(await Promise.all(people.map(async (person) => [person, await read(person)] as const)));
  const left: StoreLeft = {
    marks: await ofEach(async (person) => (await store.mark(person)).mark ?? { ordinal: 0, timeUs: 0, position: 0 }),
    events: await ofEach((person) => store.events(person, 0, everUs)),
    coverage: await ofEach((person) => store.coverage(person, 0, everUs)),
    alerts: (await store.alerts({ limit: 1000 })).alerts,
    stripsDue: await store.stripsDue(),
    outbox: await store.outboxFigures(),
    waiting: await store.outboxBegin(1000, new Set()),
    brokenAudit: (await store.verifyAudit()).brokenAt,
  };
  await store.close();
  return left;
}

export interface TwinLeft {
  readonly frames: { epoch: string; n: number; class: string; timeUs: number; receivedUs: number }[];
  beats(person: string): { device: string; stream: string; timeUs: number; label: string }[];
  rhythms(person: string): { timeUs: number; label: string }[];
  vitals(person: string): { timeUs: number; value: number }[];
  gaps(person: string): { fromUs: number; toUs: number; device: string; stream: string }[];
  readonly strips: StripPayload[];
  readonly alerts: AlertRecord[];
}

/** Names under which the twin of a home knows its people; undefined where there is no home, or none that has sent under such names. */
export function pseudonymsIn(folder: string): { readonly names: Pseudonyms; readonly people: readonly string[] } | undefined {
  const file = join(folder, "store", "hearth.db");
  if (!existsSync(file)) return undefined;
  const db = openDatabase(file);
  const kept = db.prepare("SELECT value FROM named_values WHERE key = ?").pluck().get(pseudonymsKey) as Uint8Array | undefined;
  const people = db.prepare("SELECT id FROM people").pluck().all() as string[];
  db.close();
  return kept === undefined ? undefined : { names: pseudonymsOf(JSON.parse(new TextDecoder().decode(kept)), "gateway"), people };
}

/** What the home calls those whom its twin knows under other names. */
function ownNames(folder: string): (name: string) => string {
  const found = pseudonymsIn(folder);
  if (found === undefined) return (name) => name;
  const { names, people } = found;
  const byAlias = new Map(people.map((id) => [names.person(id), id]));
  return (name) => byAlias.get(name) ?? name;
}

/** @param folder of the home whose twin it is */
export function readTwin(twinFolder: string, folder: string): TwinLeft {
  const own = ownNames(folder);
  const db = openTwinDatabase(twinFolder, () => {});
  const all = <Row>(sql: string, ...values: unknown[]) => db.prepare(sql).all(...values) as Row[];
  const of = <Row>(sql: string) => {
    const byPerson = Map.groupBy(all<Row & { person: string }>(sql), ({ person }) => own(person));
    return (person: string): Row[] => (byPerson.get(person) ?? []).map(({ person: _, ...row }) => row as Row);
  };
  const left: TwinLeft = {
    frames: all("SELECT hex(e) AS epoch, n, c AS class, t AS timeUs, received_us AS receivedUs FROM frames ORDER BY received_us, n"),
    beats: of("SELECT person, device, stream, time_us AS timeUs, label FROM beats ORDER BY time_us"),
    rhythms: of("SELECT person, time_us AS timeUs, label FROM rhythms ORDER BY time_us, label"),
    vitals: of("SELECT person, time_us AS timeUs, value FROM vitals ORDER BY time_us"),
    gaps: of("SELECT person, from_us AS fromUs, to_us AS toUs, device, stream FROM gaps ORDER BY from_us, device, stream"),
    strips: all<{ payload: Uint8Array }>("SELECT payload FROM strips ORDER BY start_us").map(({ payload }) => {
      const strip = decodePayload(payload) as StripPayload;
      return { ...strip, person: own(strip.person) };
    }),
    alerts: all<{ record: string }>("SELECT record FROM alerts WHERE newest = 1 ORDER BY onset_us").map(({ record }) => {
      const alert = JSON.parse(record) as AlertRecord;
      return { ...alert, person: own(alert.person) };
    }),
  };
  db.close();
  return left;
}
