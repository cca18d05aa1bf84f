/** The alerts that are held in memory: by their id, and the one that counts for a person, rule and device. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { type Entry, keyOf } from "./change.ts";
import { newEntry } from "./lifecycle.ts";

export function createHeldAlerts() {
  const entryById = new Map<string, Entry>();
  const idByKey = new Map<string, string>();

  const adopt = (alert: AlertRecord, nowUs: number): Entry => {
    const entry = newEntry(alert, nowUs);
    entryById.set(alert.id, entry);
    if (alert.state !== "closed") idByKey.set(keyOf(alert), alert.id);
    return entry;
  };

  /** A record of an earlier time: one that is over is only looked at, an open one is held from now on. */
  const fromStore = (alert: AlertRecord, nowUs: number): Entry => {
    const isPast = alert.state === "closed" || idByKey.has(keyOf(alert));
    return isPast ? newEntry({ ...alert, state: "closed" }, nowUs) : adopt(alert, nowUs);
  };

  const drop = (entry: Entry) => {
    entryById.delete(entry.alert.id);
    if (idByKey.get(keyOf(entry.alert)) === entry.alert.id) idByKey.delete(keyOf(entry.alert));
  };

  const current = (person: string, of: { rule: string; device: string }): Entry | undefined => {
    const id = idByKey.get(keyOf({ person, ...of }));
    return id === undefined ? undefined : entryById.get(id);
  };

  return { adopt, fromStore, drop, current, byId: (id: string) => entryById.get(id), all: () => [...entryById.values()] };
}
