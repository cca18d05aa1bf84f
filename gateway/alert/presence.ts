/**
 * Planned absence is no alarm (alerts.md §7): while somebody is away or paused, nothing is told of their silent sensors. It has an end, is shown, audited and
 * kept over restarts. Whoever is not back in time is told, and signal that comes again ends what the absence covers, whatever was said.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { gatewayPerson } from "../people/registry.ts";
import { createTokenBucket, type TokenBucket } from "../runtime/token-bucket.ts";
import type { Store } from "../store/store-port.ts";
import { overdueCoversS, type Presence, type PresencePort, type PresenceState, presenceLimits, presenceStates } from "./presence-port.ts";
import type { Actor } from "./verbs.ts";

interface PresenceParts {
  readonly clock: Pick<Clock, "after" | "monotonicUs">;
  readonly nowUs: () => number;
  readonly people: () => readonly { readonly id: string }[];
  readonly store: Pick<Store, "commit" | "getValue" | "putValue">;
  readonly onStoreError: (error: GatewayError) => void;
  /** An absence begins to cover the person's silent sensors; alerts about them that are open are closed, high ones only in a carer's name. */
  readonly onCovered: (person: string, reason: string, mayCloseHigh: boolean) => void;
  /** It covers them no more: what is still so is told from now on. */
  readonly onUncovered: (person: string) => void;
  readonly setOverdue: (person: string, isOverdue: boolean) => void;
}

interface PresenceBook extends PresencePort {
  /** Whether nothing is told of this person's silent sensors now. */
  isCovered(person: string): boolean;
  /** Sensors that were silent in the absence have sent usable signal for a minute. */
  seenAgain(person: string): void;
  /** The gateway's clock was put right: what is left of an absence stays as long as it was. */
  axisMoved(): void;
  /** Absences of the last run go on. */
  resume(): Promise<void>;
  close(): void;
}

interface Kept {
  readonly state: PresenceState;
  readonly by: string;
  readonly sinceUs: number;
  readonly untilUs?: number;
  readonly seenAgainUs?: number;
}

interface Entry extends Kept {
  /** Monotonic `untilUs`, by which all is decided: a clock that is put right makes no absence longer. */
  readonly dueUs: number;
  /** Turned off in the moment in which all is told of it, and not before by the time alone. */
  readonly covers: boolean;
  /** Ends the wait for what comes next. */
  readonly stop: () => void;
}

/** Erased with the person, see store/erase-rows.ts. */
const valueKey = (person: string) => `presence/${person}`;
/** A timer of the platform holds no more than 24 days. */
const longestWaitMs = 86_400_000;
const coveredUs = overdueCoversS * 1e6;

export function createPresence(parts: PresenceParts): PresenceBook {
  const { clock, nowUs, people, store } = parts;
  const entries = new Map<string, Entry>();
  const buckets = new Map<string, TokenBucket>();

  const requirePerson = (person: string) => {
    if (!people().some(({ id }) => id === person))
      throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
  };
  const isOver = ({ dueUs }: Entry, afterUs = 0) => clock.monotonicUs() >= dueUs + afterUs;
  const isOverdue = (entry: Entry) => entry.state === "away" && entry.seenAgainUs === undefined && isOver(entry);
  const coversFor = ({ state }: Kept) => (state === "away" ? coveredUs : 0);

  const presenceOf = (person: string): Presence => {
    const entry = entries.get(person);
    return entry === undefined ? { person, state: "home", isOverdue: false } : { person, ...keptOf(entry), isOverdue: isOverdue(entry) };
  };

  const keep = async (person: string, kept: Kept, what: string, by: string, detail: object) => {
    const audit = [{ atUs: nowUs(), what, by, subject: person, detail: { person, ...detail } }];
    await Promise.all([store.putValue(valueKey(person), bytesOf(kept)), store.commit({ person, audit }, true)]).catch(parts.onStoreError);
  };

  /** Takes it as it is now and waits for what time will change of it. */
  const set = (person: string, kept: Kept, leftUs = Math.max(0, (kept.untilUs ?? 0) - nowUs())): Entry => {
    entries.get(person)?.stop();
    const dueUs = clock.monotonicUs() + leftUs;
    const covers = kept.state !== "home" && kept.seenAgainUs === undefined && leftUs + coversFor(kept) > 0;
    const entry = { ...kept, dueUs, covers, stop: covers ? wait(person, kept, leftUs) : () => {} };
    entries.set(person, entry);
    return entry;
  };

  const wait = (person: string, kept: Kept, leftUs: number): (() => void) => {
    const nextUs = leftUs > 0 ? leftUs : leftUs + coversFor(kept);
    return clock.after(Math.min(longestWaitMs, Math.max(0, nextUs / 1000)), () => pass(person));
  };

  /** A time has passed, or a part of a long one. */
  const pass = (person: string): void => {
    const entry = entries.get(person);
    // Somebody may have left meanwhile.
    if (entry === undefined || !people().some(({ id }) => id === person)) return;
    if (entry.state === "paused" && isOver(entry)) {
      end(person, entry, "presence.pause-over");
      return;
    }
    if (isOverdue(entry)) parts.setOverdue(person, true);
    if (isOver(entry, coversFor(entry))) {
      entries.set(person, { ...entry, covers: false });
      parts.onUncovered(person);
      return;
    }
    const stop = wait(person, entry, entry.dueUs - clock.monotonicUs());
    entries.set(person, { ...entry, stop });
  };

  /** The gateway itself knows that a pause is over. */
  const end = (person: string, { by }: Kept, what: string): void => {
    const kept: Kept = { state: "home", by, sinceUs: nowUs() };
    set(person, kept);
    parts.onUncovered(person);
    void keep(person, kept, what, gatewayPerson, {});
  };

  const spend = (person: string) => {
    const now = clock.monotonicUs();
    const bucket = buckets.get(person) ?? createTokenBucket(presenceLimits.changes, now);
    buckets.set(person, bucket);
    if (!bucket.take(now))
      throw new GatewayError("presence.too_many_changes", "operator", "Where this person is changes too often; wait half a minute.");
  };

  return {
    isCovered: (person) => entries.get(person)?.covers === true,
    of(person) {
      requirePerson(person);
      return presenceOf(person);
    },
    async say(person, { state, untilUs: given }, { role, name: by }) {
      requirePerson(person);
      const before = entries.get(person);
      const isSame = state === (before?.state ?? "home") && (given === undefined || given === before?.untilUs);
      if (isSame && before?.seenAgainUs === undefined && !(before !== undefined && isOverdue(before)))
        return { presence: presenceOf(person), already: true };
      const untilUs = untilOf(state, given, role, nowUs());
      spend(person);
      const kept: Kept = { state, by, sinceUs: nowUs(), ...(untilUs === undefined ? {} : { untilUs }) };
      set(person, kept);
      parts.setOverdue(person, false);
      if (state === "home") parts.onUncovered(person);
      else parts.onCovered(person, reasonOf(state, by), role === "caregiver" || role === "admin");
      await keep(person, kept, `presence.${state}`, by, untilUs === undefined ? {} : { untilUs });
      return { presence: presenceOf(person), already: false };
    },
    seenAgain(person) {
      const entry = entries.get(person);
      if (entry === undefined || entry.state === "home" || entry.seenAgainUs !== undefined) return;
      if (entry.state === "paused") return end(person, entry, "presence.seen-again");
      const seen = { ...keptOf(entry), seenAgainUs: nowUs() };
      set(person, seen);
      parts.setOverdue(person, false);
      parts.onUncovered(person);
      void keep(person, seen, "presence.seen-again", gatewayPerson, {});
    },
    async resume() {
      for (const { id } of people()) {
        const kept = readKept((await store.getValue(valueKey(id))) ?? new Uint8Array());
        if (kept === undefined || entries.has(id)) continue;
        // What was left of it when the process ended, by the clock; never more than anybody may say.
        const leftUs = Math.min((kept.untilUs ?? 0) - nowUs(), kept.state === "home" ? 0 : presenceLimits[kept.state].most * 1e6);
        const entry = set(id, kept, leftUs);
        if (isOverdue(entry)) parts.setOverdue(id, true);
        else if (kept.state === "paused" && !entry.covers) end(id, kept, "presence.pause-over");
      }
    },
    axisMoved() {
      for (const [person, entry] of entries) {
        if (entry.untilUs === undefined) continue;
        const movedUs = nowUs() + entry.dueUs - clock.monotonicUs() - entry.untilUs;
        const moved = { ...entry, sinceUs: entry.sinceUs + movedUs, untilUs: entry.untilUs + movedUs };
        entries.set(person, moved);
        store.putValue(valueKey(person), bytesOf(moved)).catch(parts.onStoreError);
      }
    },
    close() {
      for (const { stop } of entries.values()) stop();
    },
  };
}

const reasonOf = (state: PresenceState, by: string) =>
  state === "away" ? `${by} says that they are away.` : `${by} says that they wear no sensor for a while.`;

/** Throws `presence.bad_until`. */
function untilOf(state: PresenceState, given: number | undefined, role: Actor["role"], nowUs: number): number | undefined {
  if (state === "home") {
    if (given !== undefined) throw badUntil("Whoever is at home has no time of return.");
    return undefined;
  }
  const { most: ofPeople, mostOfPrograms, usual } = presenceLimits[state];
  const most = role === "integrator" ? mostOfPrograms : ofPeople;
  const untilUs = given ?? nowUs + Math.min(usual, most) * 1e6;
  if (untilUs <= nowUs) throw badUntil("'until' is over already.");
  if (untilUs - nowUs > most * 1e6) {
    const whose = role === "integrator" ? ", as a program says it" : "";
    throw badUntil(`Somebody is ${state} for ${most / 3600} hours at most${whose}; say it again then.`);
  }
  return untilUs;
}

function badUntil(says: string): GatewayError {
  return new GatewayError("presence.bad_until", "operator", says, { fields: { field: "until" } });
}

/** A line of text: state, times in µs with - for none, and the rest is the name. */
const bytesOf = ({ state, sinceUs, untilUs, seenAgainUs, by }: Kept) =>
  new TextEncoder().encode(`${state} ${sinceUs} ${untilUs ?? "-"} ${seenAgainUs ?? "-"} ${by}`);

/** Undefined for what this version does not understand: then the person counts as at home, and everything is told. */
function readKept(bytes: Uint8Array): Kept | undefined {
  const [, word, since, until, seen, by] = /^([a-z]+) (\d+) (\d+|-) (\d+|-) (.+)$/.exec(new TextDecoder().decode(bytes)) ?? [];
  const state = presenceStates.find((each) => each === word);
  if (state === undefined || by === undefined || (state !== "home" && until === "-")) return undefined;
  const times = { ...(until === "-" ? {} : { untilUs: Number(until) }), ...(seen === "-" ? {} : { seenAgainUs: Number(seen) }) };
  return { state, by, sinceUs: Number(since), ...times };
}

function keptOf({ state, by, sinceUs, untilUs, seenAgainUs }: Kept): Kept {
  return { state, by, sinceUs, ...(untilUs === undefined ? {} : { untilUs }), ...(seenAgainUs === undefined ? {} : { seenAgainUs }) };
}
