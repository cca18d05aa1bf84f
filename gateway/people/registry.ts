/** Who lives here and who wears what, and since when. Resolved at receive time; an unassigned device alarms nobody. */

import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Device, Person, Store, Wearing } from "../store/store-port.ts";

/** Stands for the gateway where an alert or a row belongs to no person or device. */
export const gatewayPerson = "gateway";

type RegistryStore = Pick<Store, "people" | "putPerson" | "devices" | "putDevice" | "wearings" | "wear">;

export interface Registry {
  people(): readonly Person[];
  person(id: string): Person | undefined;
  /** Those that belong to the home now. */
  devices(): readonly Device[];
  /** One that was taken out is still known by its title: old alerts name it. */
  device(id: string): Device | undefined;
  wearing(device: string, atUs: number): Wearing | undefined;
  wearings(): readonly Wearing[];
  /**
   * Adds what the configuration names and leaves what a person has changed since. A device that it names no longer is worn by nobody from then on; named
   * again, it is as new.
   */
  declare(people: readonly Person[], devices: readonly (Device & { wornBy?: string; placement?: string })[], atUs: number): Promise<void>;
  /** What is worn now has been worn since then at the latest: it had been dated by a clock that was wrong. */
  wornBy(atUs: number): Promise<void>;
  /** A dated record: the old wearing ends where the new one begins. Throws `registry.unknown`. */
  assign(device: string, person: string | undefined, placement: string, atUs: number): Promise<void>;
}

/** The link of a device that was taken out of the configuration. */
const removed = "removed";

export async function openRegistry(store: RegistryStore): Promise<Registry> {
  let people = await store.people();
  let devices = await store.devices();
  let wearings = await store.wearings();
  const current = new Map<string, Wearing>();
  const index = () => {
    current.clear();
    for (const wearing of wearings) if (wearing.toUs === undefined) current.set(wearing.device, wearing);
  };
  index();

  const present = () => devices.filter(({ link }) => link !== removed);

  const assign: Registry["assign"] = async (device, person, placement, atUs) => {
    if (!present().some(({ id }) => id === device)) throw unknown("device", device);
    if (person !== undefined && !people.some(({ id }) => id === person)) throw unknown("person", person);
    await store.wear(device, person, placement, atUs);
    wearings = await store.wearings();
    index();
  };

  return {
    people: () => people,
    person: (id) => people.find((person) => person.id === id),
    devices: present,
    device: (id) => devices.find((device) => device.id === id),
    wearing(device, atUs) {
      const now = current.get(device);
      if (now !== undefined && now.fromUs <= atUs) return now;
      return wearings.find((past) => past.device === device && past.fromUs <= atUs && atUs < (past.toUs ?? Number.POSITIVE_INFINITY));
    },
    wearings: () => wearings,
    async declare(newPeople, newDevices, atUs) {
      // What is so already is not written: a start on a full disk has nothing to ask of it.
      const isNew = <T extends { id: string }>(known: readonly T[], item: T) =>
        !isDeepStrictEqual(
          known.find(({ id }) => id === item.id),
          item,
        );
      for (const { id, name, profile } of newPeople) if (isNew(people, { id, name, profile })) await store.putPerson({ id, name, profile });
      const returned = new Set(devices.flatMap(({ id, link }) => (link === removed ? [id] : [])));
      for (const device of present()) {
        if (newDevices.some(({ id }) => id === device.id)) continue;
        await assign(device.id, undefined, "", atUs);
        await store.putDevice({ ...device, link: removed });
      }
      for (const { id, title, driver, link } of newDevices)
        if (isNew(devices, { id, title, driver, link })) await store.putDevice({ id, title, driver, link });
      people = await store.people();
      devices = await store.devices();
      for (const { id, wornBy, placement } of newDevices) {
        const known = !returned.has(id) && wearings.some(({ device }) => device === id);
        if (wornBy !== undefined && !known) await assign(id, wornBy, placement ?? "unstated", atUs);
      }
    },
    async wornBy(atUs) {
      const ahead = wearings.filter(({ fromUs, toUs }) => toUs === undefined && fromUs > atUs);
      // Known at once: what arrives while it is being written has its wearer.
      wearings = wearings.map((wearing) => (ahead.includes(wearing) ? { ...wearing, fromUs: atUs } : wearing));
      index();
      for (const { device, person, placement } of ahead) await store.wear(device, person, placement, atUs);
      if (ahead.length === 0) return;
      wearings = await store.wearings();
      index();
    },
    assign,
  };
}

function unknown(what: string, id: string): GatewayError {
  return new GatewayError("registry.unknown", "operator", `There is no ${what} "${id}" in this home.`, { fields: { what, id } });
}
