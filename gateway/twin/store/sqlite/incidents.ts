/** Incidents of the operator's, as prepared statements. */

import type { Incident } from "../port.ts";
import type { Database } from "./database.ts";

export function prepareIncidents(db: Database) {
  const open = db.prepare("INSERT OR IGNORE INTO incidents(opened_us, gateways, of_all) VALUES (?, ?, ?)");
  const grow = db.prepare("UPDATE incidents SET gateways = ? WHERE ended_us IS NULL AND gateways < ?");
  const end = db.prepare("UPDATE incidents SET ended_us = ? WHERE ended_us IS NULL");
  const newest = db.prepare(
    "SELECT opened_us AS openedUs, gateways, of_all AS ofAll, ended_us AS endedUs FROM incidents ORDER BY opened_us DESC LIMIT ?",
  );
  return {
    openIncident: db.transaction(({ openedUs, gateways, of }: Pick<Incident, "openedUs" | "gateways" | "of">): boolean => {
      if (open.run(openedUs, gateways, of).changes === 1) return true;
      grow.run(gateways, gateways);
      return false;
    }).immediate,
    endIncident: (endedUs: number): boolean => end.run(endedUs).changes === 1,
    incidents: (limit: number): Incident[] =>
      (newest.all(limit) as (Omit<Incident, "of" | "endedUs"> & { ofAll: number; endedUs: number | null })[]).map(
        ({ ofAll: of, endedUs, ...incident }) => ({ ...incident, of, ...(endedUs === null ? {} : { endedUs }) }),
      ),
  };
}
