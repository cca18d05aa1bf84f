/** Keeps the modes in force up to date with consent, wish, line and alerts, and tells whoever shows them. */

import { isDeepStrictEqual } from "node:util";
import { type Circumstances, chooseModes, type ModeChoice } from "./choose-mode.ts";
import type { Consents } from "./consents.ts";
import type { ModeHistory } from "./mode-history.ts";
import { noWish, type Wish } from "./wish.ts";

export interface Modes {
  /** Of one person, as chosen now; in force a second or two later. Undefined of somebody who does not live here. */
  of(person: string): ModeChoice | undefined;
  readonly wish: Wish;
  setWish(wish: Wish): void;
  /** Bytes that wait for the line. */
  setBacklog(bytes: number): void;
  /** Something that the modes go by may have changed. */
  look(): void;
  /** Nothing is chosen any more; resolves when what was is stored. */
  close(): Promise<void>;
}

interface ModesParts {
  readonly consents: Pick<Consents, "of" | "onChange">;
  readonly history: Pick<ModeHistory, "change">;
  readonly people: () => readonly string[];
  /** The name under which the twin knows a person. */
  readonly aliasOf: (person: string) => string;
  /** Persons with a high alert about themselves that is not over. */
  readonly alarmed: () => ReadonlySet<string>;
  /** Whether this gateway has a codec for one of these decoders. */
  readonly isDecodable: (decoders: readonly string[]) => boolean;
  /** What is chosen has changed. */
  readonly onChange: () => void;
  /** Waveform is held back from now on, or no longer. */
  readonly onBacklog: (isLarge: boolean) => void;
  readonly onStoreError: (error: unknown) => void;
}

/**
 * A quarter of what the outbox holds, and where it is over again. Beyond its whole the store drops the oldest rows, events among them: so waveform, which is
 * most of the bytes, is made no more before that.
 */
const largeBacklogBytes = 256 << 20;
const smallBacklogBytes = 64 << 20;

export function createModes(parts: ModesParts): Modes {
  let wish = noWish;
  let isBacklogLarge = false;
  let isClosed = false;
  const chosen = new Map<string, ModeChoice>();
  let turn: Promise<unknown> = Promise.resolve();

  const choose = (person: string): ModeChoice | undefined => {
    const consent = parts.consents.of(person);
    const now: Circumstances = { isBacklogLarge, alarmed: parts.alarmed(), isDecodable: parts.isDecodable(wish.decoders) };
    return consent === undefined ? undefined : chooseModes(person, parts.aliasOf(person), consent, wish, now);
  };
  const look = () => {
    if (isClosed) return;
    let isChanged = false;
    for (const person of parts.people()) {
      const choice = choose(person);
      if (choice === undefined || isDeepStrictEqual(choice, chosen.get(person))) continue;
      chosen.set(person, choice);
      isChanged = true;
      turn = turn.then(() => parts.history.change(person, choice.inForce)).catch(parts.onStoreError);
    }
    if (isChanged) parts.onChange();
  };
  parts.consents.onChange(look);

  return {
    of: choose,
    get wish() {
      return wish;
    },
    setWish(next) {
      wish = next;
      look();
    },
    setBacklog(bytes) {
      const isLarge = bytes > (isBacklogLarge ? smallBacklogBytes : largeBacklogBytes);
      if (isLarge === isBacklogLarge) return;
      isBacklogLarge = isLarge;
      parts.onBacklog(isLarge);
      look();
    },
    look,
    async close() {
      isClosed = true;
      await turn;
    },
  };
}
