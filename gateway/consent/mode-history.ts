/**
 * In which mode each stream goes, as a history with dates: each change has a date that was still to come when it was stored, so that the running house and a
 * restart that reads the record again pack the same signal the same way.
 */

import { isDeepStrictEqual } from "node:util";
import { putHistoriesRight, writeAhead } from "../people/dated.ts";
import type { ModeOf } from "../semantic/mode.ts";
import type { Store } from "../store/store-port.ts";
import { type Allowed, everyStream } from "./consent.ts";

interface DatedModes {
  /** Gateway axis. */
  readonly fromUs: number;
  readonly modes: Readonly<Record<string, Allowed>>;
}

export interface ModeHistory {
  readonly modeOf: ModeOf;
  /** Reads what is kept of a person. */
  open(person: string): Promise<void>;
  /** From a second or two on. Rejects with the store's error, and nothing changes. */
  change(person: string, modes: Readonly<Record<string, Allowed>>): Promise<void>;
  putRight(atUs: number): Promise<void>;
}

/** The oldest are dropped beyond this; recovery goes back five minutes. */
const maxKept = 100;
/** Before anything was chosen. */
const first = { [everyStream]: "event" };
const keyOf = (person: string) => `modes/${person}`;

export function createModeHistory(store: Pick<Store, "getValue" | "putValue">, nowUs: () => number): ModeHistory {
  const byPerson = new Map<string, readonly DatedModes[]>();
  const write = (person: string, history: readonly DatedModes[]) =>
    store.putValue(keyOf(person), new TextEncoder().encode(JSON.stringify(history)));

  return {
    modeOf(person, { stream }, timeUs) {
      const modes = byPerson.get(person)?.findLast(({ fromUs }) => fromUs <= timeUs)?.modes;
      const mode = modes?.[stream] ?? modes?.[everyStream] ?? "event";
      // Events are packed all the same: what may leave of them is decided when they are sent.
      return mode === "none" ? "event" : mode;
    },
    async open(person) {
      const kept = await store.getValue(keyOf(person));
      if (kept !== undefined) byPerson.set(person, JSON.parse(new TextDecoder().decode(kept)) as DatedModes[]);
    },
    async change(person, modes) {
      const before = byPerson.get(person) ?? [];
      if (isDeepStrictEqual(before.at(-1)?.modes ?? first, modes)) return;
      const withIt = (fromUs: number) => [...before, { fromUs, modes }].slice(-maxKept);
      const fromUs = await writeAhead(nowUs, (us) => write(person, withIt(us)));
      byPerson.set(person, withIt(fromUs));
    },
    putRight: (atUs) => putHistoriesRight(byPerson, atUs, write),
  };
}
