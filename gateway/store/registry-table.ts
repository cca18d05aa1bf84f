/** Who lives here, which devices there are, and who wore what when. Each change is a transaction of its caller. */

import type { Database } from "./database.ts";
import type { Device, Person, Wearing } from "./store-port.ts";

interface RegistryTable {
  people(): Person[];
  putPerson(person: Person): void;
  devices(): Device[];
  putDevice(device: Device): void;
  wearings(): Wearing[];
  wear(device: string, person: string | undefined, placement: string, fromUs: number): void;
}

interface CurrentWearing {
  readonly number: number;
  readonly person: string;
  readonly placement: string;
  readonly fromUs: number;
}

export function createRegistryTable(db: Database): RegistryTable {
  const people = db.prepare("SELECT id, name, profile FROM people ORDER BY id");
  const putPerson = db.prepare(
    "INSERT INTO people(id, name, profile) VALUES (?, ?, ?) ON CONFLICT(id) DO UPDATE SET name = excluded.name, profile = excluded.profile",
  );
  const devices = db.prepare("SELECT id, title, driver, link FROM devices ORDER BY id");
  const putDevice = db.prepare(
    `INSERT INTO devices(id, title, driver, link) VALUES (?, ?, ?, ?)
     ON CONFLICT(id) DO UPDATE SET title = excluded.title, driver = excluded.driver, link = excluded.link`,
  );
  const wearings = db.prepare("SELECT device, person, placement, from_us AS fromUs, to_us AS toUs FROM wearings ORDER BY from_us, number");
  const current = db.prepare("SELECT number, person, placement, from_us AS fromUs FROM wearings WHERE device = ? AND to_us IS NULL");
  const end = db.prepare("UPDATE wearings SET to_us = ? WHERE number = ?");
  const withdraw = db.prepare("DELETE FROM wearings WHERE number = ?");
  const begin = db.prepare("INSERT INTO wearings(device, person, placement, from_us) VALUES (?, ?, ?, ?)");

  return {
    people: () =>
      (people.all() as { id: string; name: string; profile: string }[]).map((row) => ({ ...row, profile: JSON.parse(row.profile) })),
    putPerson: (person) => void putPerson.run(person.id, person.name, JSON.stringify(person.profile)),
    devices: () => devices.all() as Device[],
    putDevice: (device) => void putDevice.run(device.id, device.title, device.driver, device.link),
    wearings: () =>
      (wearings.all() as (Omit<Wearing, "toUs"> & { toUs: number | null })[]).map(({ toUs, ...rest }) =>
        toUs === null ? rest : { ...rest, toUs },
      ),
    wear(device, person, placement, fromUs) {
      const present = current.get(device) as CurrentWearing | undefined;
      const atUs = Math.round(fromUs);
      if (present?.person === person && present?.placement === placement && present.fromUs <= atUs) return;
      // A wearing lasts from ≤ t < to, so one that would end where it began, or before, never was.
      if (present !== undefined && present.fromUs >= atUs) withdraw.run(present.number);
      else if (present !== undefined) end.run(atUs, present.number);
      if (person !== undefined) begin.run(device, person, placement, atUs);
    },
  };
}
