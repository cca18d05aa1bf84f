/** Who lives here, who wears what, and what has changed of it. Pure. */

import type { Device, Person } from "../../client/wire.ts";

export interface PersonLook {
  readonly person: string;
  readonly name: string;
  readonly open_alerts: number;
  readonly quality: string;
  /** What the person wears, as it is. */
  readonly devices: readonly { readonly id: string; readonly title: string; readonly placement: string | null; readonly state: string }[];
}

export function looksOf(people: readonly Person[], devices: readonly Device[], wanted: readonly string[]): PersonLook[] {
  return people
    .filter(({ id }) => wanted.length === 0 || wanted.includes(id))
    .map(({ id, name, open_alerts, quality }) => ({
      ...{ person: id, name, open_alerts, quality },
      devices: devices
        .filter(({ person }) => person === id)
        .map(({ id: device, title, placement, state }) => ({ id: device, title, placement, state })),
    }));
}

/** Keeps how people looked last; answers those who look different now. Quality alone is no news. */
export function createLookNews(): (looks: readonly PersonLook[]) => PersonLook[] {
  let last = new Map<string, string>();
  return (looks) => {
    const now = new Map(looks.map(({ quality: _, ...look }) => [look.person, JSON.stringify(look)]));
    const news = looks.filter(({ person }) => last.get(person) !== now.get(person));
    last = now;
    return news;
  };
}
