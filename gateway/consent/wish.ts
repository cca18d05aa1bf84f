/** What the twin wishes to be sent: read from the settings of its signed document, which only twins write and nobody here vouches for. Pure. */

import { isStreamMode, type StreamMode } from "../semantic/mode.ts";
import { everyStream } from "./consent.ts";
import { mostStreams } from "./consents.ts";

type Modes = Readonly<Record<string, StreamMode>>;

export interface Wish {
  /** For everybody, by stream name or `everyStream`. */
  readonly modes: Modes;
  /** For one person, by the name under which the twin knows them; before everybody's. */
  readonly people: Readonly<Record<string, Modes>>;
  /** Hashes of the decoders that the twin has: no other codec is used. */
  readonly decoders: readonly string[];
  /** Names of settings that this version does not follow. */
  readonly ignored: readonly string[];
}

/** Without a wish a home sends what is allowed, in forms that any twin reads. */
export const noWish: Wish = { modes: {}, people: {}, decoders: [], ignored: [] };

const most = { people: 64, decoders: 64 };
const streamName = /^(\*|[a-z0-9][a-z0-9-]{0,31})$/;
const hash = /^[0-9a-f]{16,64}$/;

export function readWish(settings: Readonly<Record<string, unknown>>): Wish {
  const ignored: string[] = [];
  const take = <T>(name: string, value: unknown, read: (value: unknown) => T | undefined): T | undefined => {
    const taken = value === undefined ? undefined : read(value);
    if (value !== undefined && taken === undefined) ignored.push(name);
    return taken;
  };
  const { modes, people, decoders, ...unknown } = settings;
  const wish = {
    modes: take("modes", modes, modesOf) ?? {},
    people: take("people", people, peopleOf) ?? {},
    decoders: take("decoders", decoders, decodersOf) ?? [],
  };
  return { ...wish, ignored: [...ignored, ...Object.keys(unknown)].sort() };
}

/** What is wished of one stream; undefined where nothing is said of it. */
export function wishedMode({ modes, people }: Wish, person: string, stream: string): StreamMode | undefined {
  const own = people[person] ?? {};
  return own[stream] ?? own[everyStream] ?? modes[stream] ?? modes[everyStream];
}

/** Names of streams that a wish speaks of for this person. */
export function wishedStreams({ modes, people }: Wish, person: string): string[] {
  return [...new Set([...Object.keys(modes), ...Object.keys(people[person] ?? {})])];
}

function modesOf(value: unknown): Modes | undefined {
  const entries = entriesOf(value, mostStreams);
  const isWhole = entries?.every(([stream, mode]) => streamName.test(stream) && typeof mode === "string" && isStreamMode(mode));
  return isWhole === true ? (value as Modes) : undefined;
}

function peopleOf(value: unknown): Record<string, Modes> | undefined {
  const read = entriesOf(value, most.people)?.map(([person, of]) => [person, modesOf((of as { modes?: unknown } | null)?.modes)] as const);
  return read?.every((entry): entry is [string, Modes] => entry[1] !== undefined) === true ? Object.fromEntries(read) : undefined;
}

function decodersOf(value: unknown): string[] | undefined {
  const isWhole =
    Array.isArray(value) && value.length <= most.decoders && value.every((each) => typeof each === "string" && hash.test(each));
  return isWhole ? value : undefined;
}

function entriesOf(value: unknown, mostEntries: number): [string, unknown][] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length <= mostEntries ? entries : undefined;
}
