/** Who lives here, who wears what, who is away, what has changed of it, and what a message says of it. Pure. */

import type { Device, Person } from "../../client/wire.ts";
import type { Message } from "../../node-red/host.ts";
import { idOf, isObject, textOf } from "../message.ts";

export interface PersonLook {
  readonly person: string;
  readonly name: string;
  readonly open_alerts: number;
  readonly quality: string;
  /** As people and programs said it: home, away or paused, with who, since and until when, and whether the return is overdue. */
  readonly presence: Person["presence"];
  /** What the person wears, as it is. */
  readonly devices: readonly { readonly id: string; readonly title: string; readonly placement: string | null; readonly state: string }[];
}

export function looksOf(people: readonly Person[], devices: readonly Device[], wanted: readonly string[]): PersonLook[] {
  return people
    .filter(({ id }) => wanted.length === 0 || wanted.includes(id))
    .map(({ id, name, open_alerts, quality, presence }) => ({
      ...{ person: id, name, open_alerts, quality, presence },
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

interface PresenceRequest {
  readonly person: string;
  readonly body: { readonly state: string; readonly until?: string; readonly by?: string };
}

/** As Hearth says it, and as trackers of phones do. */
const states: ReadonlyMap<unknown, string> = new Map([
  ...["home", "away", "paused"].map((word) => [word, word] as const),
  ["not_home", "away"],
]);

/**
 * What a message says of where somebody is: `payload` is "home", "away" or "paused", or has it in `state`; undefined where it only asks. `wanted` are the
 * dialog's persons: one of them alone need not stand in the message. Throws `flows.bad_message`.
 */
export function presenceRequest(message: Message, wanted: readonly string[]): PresenceRequest | undefined {
  const { payload } = message;
  const said = isObject(payload) ? payload : {};
  const state = states.get(isObject(payload) ? said.state : payload);
  if (state === undefined) return undefined;
  const until = textOf("until", 40, said.until, message.until);
  const by = textOf("by", 80, said.by, message.by);
  const [only, ...others] = wanted;
  return {
    person: idOf("person", said.person, message.person, others.length === 0 ? only : undefined),
    body: { state, ...(until === undefined ? {} : { until }), ...(by === undefined ? {} : { by }) },
  };
}
