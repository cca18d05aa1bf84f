/** Who lives here and who wears what, and since when. Resolved at receive time; an unassigned device alarms nobody. */

import { GatewayError } from "../device-drivers/contract/error.ts";
import type { Device, Person, Store, Wearing } from "./store/store-port.ts";

type RegistryStore = Pick<Store, "people" | "putPerson" | "devices" | "putDevice" | "wearings" | "wear">;

export interface Registry {
  people(): readonly Person[];
  person(id: string): Person | undefined;
  devices(): readonly Device[];
  device(id: string): Device | undefined;
  wearing(device: string, atUs: number): Wearing | undefined;
  wearings(): readonly Wearing[];
  /** Adds what the configuration names and leaves what a person has changed since. */
  declare(people: readonly Person[], devices: readonly (Device & { wornBy?: string; placement?: string })[], atUs: number): Promise<void>;
  /** A dated record: the old wearing ends where the new one begins. Throws `registry.unknown`. */
  assign(device: string, person: string | undefined, placement: string, atUs: number): Promise<void>;
}

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

  const assign: Registry["assign"] = async (device, person, placement, atUs) => {
    if (!devices.some(({ id }) => id === device)) throw unknown("device", device);
    if (person !== undefined && !people.some(({ id }) => id === person)) throw unknown("person", person);
    await store.wear(device, person, placement, atUs);
    wearings = await store.wearings();
    index();
  };

  return {
    people: () => people,
    person: (id) => people.find((person) => person.id === id),
    devices: () => devices,
    device: (id) => devices.find((device) => device.id === id),
    wearing(device, atUs) {
      const now = current.get(device);
      if (now !== undefined && now.fromUs <= atUs) return now;
      return wearings.find((past) => past.device === device && past.fromUs <= atUs && atUs < (past.toUs ?? Number.POSITIVE_INFINITY));
    },
    wearings: () => wearings,
    async declare(newPeople, newDevices, atUs) {
      for (const person of newPeople) await store.putPerson(person);
      for (const { id, title, driver, link } of newDevices) await store.putDevice({ id, title, driver, link });
      people = await store.people();
      devices = await store.devices();
      for (const { id, wornBy, placement } of newDevices) {
        const known = wearings.some(({ device }) => device === id);
        if (wornBy !== undefined && !known) await assign(id, wornBy, placement ?? "unstated", atUs);
      }
    },
    assign,
  };
}

function unknown(what: string, id: string): GatewayError {
  return new GatewayError("registry.unknown", "operator", `There is no ${what} "${id}" in this home.`, { fields: { what, id } });
}
