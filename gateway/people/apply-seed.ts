/** Applies what hearth.yaml says otherwise than at the last start. Whatever it does not apply it says: nothing of the file is ignored in silence. */

import { isDeepStrictEqual } from "node:util";
import type { Device, Person, Wearing } from "../store/store-port.ts";
import { removed, type Seed, type SeededDevice } from "./seed.ts";

export interface Applied {
  readonly id: string;
  /** False: the file says something that the home has otherwise, and `says` tells why it stays so. */
  readonly isDone: boolean;
  /** For the log; without any value of a person. */
  readonly says: string;
}

/** The registry, as far as it is needed here. */
interface Target {
  person(id: string): Person | undefined;
  /** Erased when they left the home, and not let in again. */
  isLeft(id: string): boolean;
  device(id: string): Device | undefined;
  devices(): readonly Device[];
  wearings(): readonly Wearing[];
  putPerson(person: Person): Promise<void>;
  putDevice(device: Device): Promise<void>;
  removeDevice(device: string, atUs: number): Promise<void>;
  assign(device: string, person: string | undefined, placement: string, atUs: number): Promise<void>;
}

export async function applySeed(target: Target, before: Seed | undefined, now: Seed, atUs: number): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const person of now.people) applied.push(...(await applyPerson(target, before, person)));
  applied.push(...(await removeUnnamed(target, before, now, atUs)));
  for (const device of now.devices) applied.push(...(await applyDevice(target, before, device, atUs)));
  return applied;
}

const done = (id: string, says: string): Applied => ({ id, isDone: true, says });
const refused = (id: string, says: string): Applied => ({ id, isDone: false, says });

async function applyPerson(target: Target, before: Seed | undefined, person: Person): Promise<Applied[]> {
  const { id } = person;
  const known = target.person(id);
  const past = before?.people.find((each) => each.id === id);
  if (known === undefined) {
    if (target.isLeft(id))
      return [
        refused(
          id,
          `hearth.yaml names somebody who has left this home: they stay out until 'hearth people add NAME --id ${id}' lets them in`,
        ),
      ];
    await target.putPerson(person);
    return [done(id, "a person that hearth.yaml names has been added")];
  }
  // Without a memory of the file its word counts, as it did before there was one.
  const from = past ?? known;
  const next = {
    ...{ id },
    name: person.name === from.name ? known.name : person.name,
    profile: isDeepStrictEqual(person.profile, from.profile) ? known.profile : person.profile,
  };
  if (isDeepStrictEqual(next, known)) return [];
  await target.putPerson(next);
  return [done(id, "what hearth.yaml says otherwise of this person has been applied")];
}

/** Devices that the file named at the last start and names no longer. One that was added on the page is none of its business. */
async function removeUnnamed(target: Target, before: Seed | undefined, now: Seed, atUs: number): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const { id } of target.devices()) {
    const wasNamed = before === undefined || before.devices.some((each) => each.id === id);
    if (!wasNamed || now.devices.some((each) => each.id === id)) continue;
    await target.removeDevice(id, atUs);
    applied.push(done(id, "hearth.yaml no longer names this device: it has been removed, and its history stays"));
  }
  return applied;
}

async function applyDevice(target: Target, before: Seed | undefined, device: SeededDevice, atUs: number): Promise<Applied[]> {
  const { id, title, driver, link } = device;
  const known = target.device(id);
  const past = before?.devices.find((each) => each.id === id);
  const isOut = known?.link === removed;
  if (isOut && past !== undefined)
    return [refused(id, "hearth.yaml still names this device, which was removed on the page: take its entry out of the file")];
  const isNew = known === undefined || isOut;
  const isRenamed = known !== undefined && title !== (past ?? known).title;
  // Driver and link are read from the file at every start: what it names runs as it says.
  const next: Device = { id, driver, link, title: isNew || isRenamed ? title : known.title };
  if (!isDeepStrictEqual(next, known)) await target.putDevice(next);
  const worn = await applyWearing(target, device, { isNew, isFirst: before === undefined, past, atUs });
  return isNew ? [done(id, "a device that hearth.yaml names has been added"), ...worn] : worn;
}

interface WearingChange {
  readonly isNew: boolean;
  /** No memory of the file yet. */
  readonly isFirst: boolean;
  readonly past: SeededDevice | undefined;
  readonly atUs: number;
}

async function applyWearing(target: Target, device: SeededDevice, { isNew, isFirst, past, atUs }: WearingChange): Promise<Applied[]> {
  const { id, wornBy, placement = "unstated" } = device;
  const history = target.wearings().filter((each) => each.device === id);
  const current = history.find(({ toUs }) => toUs === undefined);
  if (isFirst && !isNew && history.length > 0) {
    // Which of the two is later nobody can know: what has been in force stays.
    if (wornBy === undefined || wornBy === current?.person) return [];
    return [refused(id, "hearth.yaml names another wearer than the home has; the home's stays: 'hearth wear' or the page changes it")];
  }
  const isChanged = isNew || past === undefined || past.wornBy !== wornBy || past.placement !== device.placement;
  if (!isChanged || (wornBy === undefined && (isNew || past === undefined))) return [];
  if (wornBy === current?.person && (wornBy === undefined || placement === current?.placement)) return [];
  if (wornBy !== undefined && target.person(wornBy) === undefined)
    return [refused(id, "hearth.yaml names a wearer who is no longer in this home: nobody wears the device")];
  await target.assign(id, wornBy, placement, atUs);
  return isNew ? [] : [done(id, "who wears this device has been changed to what hearth.yaml says, from this start on")];
}
