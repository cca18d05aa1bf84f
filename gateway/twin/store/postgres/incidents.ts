/** Incidents of the operator's. */

import type { Incident } from "../port.ts";
import type { Ask } from "./pool.ts";

export async function openIncident(ask: Ask, { openedUs, gateways, of }: Pick<Incident, "openedUs" | "gateways" | "of">): Promise<boolean> {
  const row = [openedUs, gateways, of];
  const opened = await ask(
    "INSERT INTO incidents(opened_us, gateways, of_all) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING opened_us",
    row,
  );
  if (opened.length === 1) return true;
  await ask("UPDATE incidents SET gateways = $1 WHERE ended_us IS NULL AND gateways < $1", [gateways]);
  return false;
}

export async function endIncident(ask: Ask, endedUs: number): Promise<boolean> {
  return (await ask("UPDATE incidents SET ended_us = $1 WHERE ended_us IS NULL RETURNING opened_us", [endedUs])).length === 1;
}

export async function incidents(ask: Ask, limit: number): Promise<Incident[]> {
  const rows = await ask<Omit<Incident, "of" | "endedUs"> & { ofAll: number; endedUs: number | null }>(
    `SELECT opened_us AS "openedUs", gateways, of_all AS "ofAll", ended_us AS "endedUs" FROM incidents ORDER BY opened_us DESC LIMIT $1`,
    [limit],
  );
  return rows.map(({ ofAll: of, endedUs, ...incident }) => ({ ...incident, of, ...(endedUs === null ? {} : { endedUs }) }));
}
