/** Everything that a home which has ended holds, by its own readers: what a later Hearth must still have of it. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openStore } from "../../gateway/store/store.ts";
import type { Device, Person, Wearing } from "../../gateway/store/store-port.ts";
import { people } from "../crash/home-inside.ts";
import { journalLane, readStore, readTwin, type StoreLeft, type TwinLeft } from "../crash/left-behind.ts";

export interface Left extends StoreLeft {
  readonly registry: { readonly people: Person[]; readonly devices: Device[]; readonly wearings: Wearing[] };
  readonly snapshots: Readonly<Record<string, number>>;
  readonly audit: number;
  readonly lanes: Readonly<Record<string, LaneLeft>>;
  readonly twin: {
    readonly frames: TwinLeft["frames"];
    readonly beats: readonly string[];
    readonly vitals: readonly string[];
    readonly alerts: readonly string[];
  };
}

export interface LaneLeft {
  readonly records: number;
  readonly firstPosition: number;
  readonly lastUs: number;
  /** SHA-256 of the bytes of the first records, in order. */
  readonly digest: string;
}

/** Opening the store repairs and migrates it: give it a copy where the folder is to stay as it is. */
export async function whatIsLeft(folder: string, records: Readonly<Record<string, number>> = {}): Promise<Left> {
  const left = await readStore(folder, people);
  const { store } = await openStore({ dir: join(folder, "store"), clock: systemClock() });
  const registry = { people: await store.people(), devices: await store.devices(), wearings: await store.wearings() };
  const snapshots = await ofEach(async (person) => (await store.mark(person)).snapshot?.position ?? 0);
  const audit = (await store.audit(1000)).length;
  await store.close();
  const twin = readTwin(join(folder, "twin"), folder);
  const keyOf = (...parts: unknown[]) => parts.join(" ");
  return {
    ...left,
    ...{ registry, snapshots, audit },
    lanes: await ofEach((person) => laneLeft(folder, person, records[person])),
    twin: {
      frames: twin.frames,
      beats: people.flatMap((person) => twin.beats(person).map(({ device, timeUs, label }) => keyOf(person, device, timeUs, label))),
      vitals: people.flatMap((person) => twin.vitals(person).map(({ timeUs, value }) => keyOf(person, timeUs, value))),
      alerts: twin.alerts.map(({ id, rule, onsetUs }) => keyOf(id, rule, onsetUs)),
    },
  };
}

/** @param digested how many records the digest covers; all without it */
async function laneLeft(folder: string, person: string, digested = Number.POSITIVE_INFINITY): Promise<LaneLeft> {
  const hash = createHash("sha256");
  let [records, firstPosition, lastUs] = [0, 0, 0];
  for await (const { position, chunk } of journalLane(folder, person)) {
    if (records++ === 0) firstPosition = position;
    if (records <= digested) hash.update(chunk.bytes);
    lastUs = chunk.stamps.timeUs;
  }
  return { records, firstPosition, lastUs, digest: hash.digest("hex") };
}

async function ofEach<T>(read: (person: string) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(people.map(async (person) => [person, await read(person)] as const)));
}
