/** In which mode a stream goes to the twin now, and why not in another. Pure. */

import type { StreamMode } from "../semantic/mode.ts";
import { type Allowed, allowances, allowedMode, type Consent, everyStream } from "./consent.ts";
import { type Wish, wishedMode, wishedStreams } from "./wish.ts";

/** What the house knows besides consent and wish. */
export interface Circumstances {
  /** So much waits for the line that waveform would soon cost events their place. */
  readonly isBacklogLarge: boolean;
  /** Persons with a high alert about themselves that is not over. */
  readonly alarmed: ReadonlySet<string>;
  /** The twin has listed a decoder that this gateway has a codec for. */
  readonly isDecodable: boolean;
}

export interface ModeChoice {
  /** What goes: the least of what is allowed, wished and possible. "none" stays at home altogether. */
  readonly inForce: Readonly<Record<string, Allowed>>;
  /** Beyond what is allowed: it waits for somebody at home. */
  readonly waiting: Readonly<Record<string, StreamMode>>;
  /** What keeps waveform back although it is allowed; absent where nothing does. */
  readonly heldBy?: "backlog" | "decoder" | undefined;
}

const least = (...modes: readonly Allowed[]): Allowed => allowances[Math.min(...modes.map((mode) => allowances.indexOf(mode)))] ?? "none";
const isMore = (mode: Allowed, than: Allowed) => allowances.indexOf(mode) > allowances.indexOf(than);

/**
 * Of one person. While a high alert of theirs is not over, all that is allowed goes, whatever the twin wished less of and however much waits: it is what a
 * person far away judges the alarm by. `alias`: the name under which the twin knows the person.
 */
export function chooseModes(person: string, alias: string, consent: Consent, wish: Wish, now: Circumstances): ModeChoice {
  const streams = [...new Set([everyStream, ...Object.keys(consent.streams), ...wishedStreams(wish, alias)])].sort();
  const isAlarmed = now.alarmed.has(person);
  const inForce: Record<string, Allowed> = {};
  const waiting: Record<string, StreamMode> = {};
  let heldBy: ModeChoice["heldBy"];
  for (const stream of streams) {
    const allowed = allowedMode(consent, stream);
    const wished = wishedMode(wish, alias, stream);
    if (wished !== undefined && isMore(wished, allowed)) waiting[stream] = wished;
    let mode = isAlarmed ? allowed : least(allowed, wished ?? allowed);
    if (mode === "semantic" && !now.isDecodable) [mode, heldBy] = ["event", heldBy ?? "decoder"];
    if (isMore(mode, "event") && now.isBacklogLarge && !isAlarmed) [mode, heldBy] = ["event", "backlog"];
    inForce[stream] = mode;
  }
  return { inForce, waiting, ...(heldBy === undefined ? {} : { heldBy }) };
}
