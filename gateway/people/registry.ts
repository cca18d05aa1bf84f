/** Who lives here and who wears what, and since when. Resolved at receive time; an unassigned device alarms nobody. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { hasLeft, leftPeopleKey, withoutLeft } from "../runtime/left-people.ts";
import type { Device, Person, Store, Wearing } from "../store/store-port.ts";
import { type Applied, applySeed } from "./apply-seed.ts";
import { keepSeed, readSeed, removed, type SeededDevice } from "./seed.ts";

/** Stands for the gateway where an alert or a row belongs to no person or device. */
export const gatewayPerson = "gateway";

type RegistryStore = Pick<Store, "people" | "putPerson" | "devices" | "putDevice" | "wearings" | "wear" | "getValue" | "putValue">;

export interface Registry {
  people(): readonly Person[];
  person(id: string): Person | undefined;
  /** Those that belong to the home now. */
  devices(): readonly Device[];
  /** One that was taken out is still known by its title: old alerts name it. */
  device(id: string): Device | undefined;
  wearing(device: string, atUs: number): Wearing | undefined;
  wearings(): readonly Wearing[];
  /** Called whenever somebody comes or is called otherwise. */
  onPeople(fn: () => void): void;
  /** A new person, also one who had left, or one under another name or with other limits of their own. */
  putPerson(person: Person): Promise<void>;
  /** A new device, one under another title, or one that comes back. */
  putDevice(device: Device): Promise<void>;
  /** Nobody wears it from then on, and it is listed no more; its history stays. Throws `registry.unknown`. */
  removeDevice(device: string, atUs: number): Promise<void>;
  /**
   * Applies what hearth.yaml says otherwise than at the last start that read it, dated `atUs`; what is unchanged in the file leaves what was changed on the
   * page. A device that the file names no longer is worn by nobody from then on; named again, it is as new. Gives what was applied and what was not.
   */
  declare(people: readonly Person[], devices: readonly SeededDevice[], atUs: number): Promise<readonly Applied[]>;
  /** What is worn now has been worn since then at the latest: it had been dated by a clock that was wrong. */
  wornBy(atUs: number): Promise<void>;
  /** A dated record: the old wearing ends where the new one begins. Throws `registry.unknown`. */
  assign(device: string, person: string | undefined, placement: string, atUs: number): Promise<void>;
}

export async function openRegistry(store: RegistryStore): Promise<Registry> {
  let people = await store.people();
  let devices = await store.devices();
  let wearings = await store.wearings();
  const listeners = new Set<() => void>();
  const current = new Map<string, Wearing>();
  const index = () => {
    current.clear();
    for (const wearing of wearings) if (wearing.toUs === undefined) current.set(wearing.device, wearing);
  };
  index();

  const present = () => devices.filter(({ link }) => link !== removed);
  const person: Registry["person"] = (id) => people.find((each) => each.id === id);
  const device: Registry["device"] = (id) => devices.find((each) => each.id === id);

  const assign: Registry["assign"] = async (of, wearer, placement, atUs) => {
    if (!present().some(({ id }) => id === of)) throw unknown("device", of);
    if (wearer !== undefined && person(wearer) === undefined) throw unknown("person", wearer);
    await store.wear(of, wearer, placement, atUs);
    wearings = await store.wearings();
    index();
  };
  const putPerson: Registry["putPerson"] = async (next) => {
    const left = person(next.id) === undefined ? await store.getValue(leftPeopleKey) : undefined;
    await store.putPerson(next);
    if (hasLeft(left, next.id)) await store.putValue(leftPeopleKey, withoutLeft(left, next.id));
    people = await store.people();
    for (const fn of listeners) fn();
  };
  const putDevice: Registry["putDevice"] = async (next) => {
    await store.putDevice(next);
    devices = await store.devices();
  };
  const removeDevice: Registry["removeDevice"] = async (id, atUs) => {
    await assign(id, undefined, "", atUs);
    const known = device(id);
    if (known !== undefined) await putDevice({ ...known, link: removed });
  };

  return {
    people: () => people,
    person,
    devices: present,
    device,
    wearing(of, atUs) {
      const now = current.get(of);
      if (now !== undefined && now.fromUs <= atUs) return now;
      return wearings.find((past) => past.device === of && past.fromUs <= atUs && atUs < (past.toUs ?? Number.POSITIVE_INFINITY));
    },
    wearings: () => wearings,
    ...{ putPerson, putDevice, removeDevice, assign, onPeople: (fn) => void listeners.add(fn) },
    async declare(newPeople, newDevices, atUs) {
      const before = await readSeed(store);
      const now = { people: newPeople.map(({ id, name, profile }) => ({ id, name, profile })), devices: newDevices.map(seeded) };
      const left = await store.getValue(leftPeopleKey);
      const isLeft = (id: string) => hasLeft(left, id);
      const registry = { person, isLeft, device, devices: present, wearings: () => wearings, putPerson, putDevice, removeDevice, assign };
      const applied = await applySeed(registry, before, now, atUs);
      await keepSeed(store, before, now);
      return applied;
    },
    async wornBy(atUs) {
      const ahead = wearings.filter(({ fromUs, toUs }) => toUs === undefined && fromUs > atUs);
      // Known at once: what arrives while it is being written has its wearer.
      wearings = wearings.map((wearing) => (ahead.includes(wearing) ? { ...wearing, fromUs: atUs } : wearing));
      index();
      for (const each of ahead) await store.wear(each.device, each.person, each.placement, atUs);
      if (ahead.length === 0) return;
      wearings = await store.wearings();
      index();
    },
  };
}

function seeded({ id, title, driver, link, wornBy, placement }: SeededDevice): SeededDevice {
  return { id, title, driver, link, ...(wornBy === undefined ? {} : { wornBy }), ...(placement === undefined ? {} : { placement }) };
}

/** Of a person or device that this home does not have. */
export function unknown(what: "person" | "device", id: string): GatewayError {
  return new GatewayError("registry.unknown", "operator", `There is no ${what} "${id}" in this home.`, { fields: { what, id } });
}
