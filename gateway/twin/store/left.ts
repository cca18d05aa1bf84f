/** What is left of somebody who has left a home, and a heartbeat without them. */

import { createHash } from "node:crypto";
import type { HeartbeatPayload } from "../../semantic/payloads/heartbeat.ts";

/** Every table with rows of a person. */
export const personTables = [
  "people",
  "beats",
  "rhythms",
  "vitals",
  "gaps",
  "watched",
  "alerts",
  "strips",
  "kept",
  "minutes",
  "acts",
] as const;

/** Stands for the person of a gateway's home where their id may no longer stand. */
export const hashOfPerson = (g: string, person: string): Buffer => createHash("sha256").update(`${g}\n${person}`).digest();

/** The heartbeat as if these people were not there. */
export function without(heartbeat: HeartbeatPayload, isGone: (person: string) => boolean): HeartbeatPayload {
  return {
    ...heartbeat,
    people: heartbeat.people.filter(({ id }) => !isGone(id)),
    devices: heartbeat.devices.map(({ person, ...device }) => (person === undefined || isGone(person) ? device : { ...device, person })),
  };
}
