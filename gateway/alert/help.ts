/** `manual.help`: somebody presses for a person, a countdown runs in which it can be taken back, and then it is told as a high alert until a named person has it. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen } from "../../device-drivers/contract/event.ts";
import { gatewayPerson } from "../people/registry.ts";
import { createTokenBucket, type TokenBucket } from "../runtime/token-bucket.ts";
import type { Store } from "../store/store-port.ts";
import { type Help, type HelpState, helpCountdownS, helpTakenBack } from "./outside-port.ts";
import type { AlertDesk } from "./write-then-tell.ts";

const helpRule = "manual.help";
interface HelpBook extends Help {
  /** Countdowns of the last run go on. */
  resume(): Promise<void>;
  close(): void;
}

interface HelpParts {
  readonly clock: Pick<Clock, "after" | "monotonicUs">;
  readonly nowUs: () => number;
  readonly people: () => readonly { readonly id: string }[];
  readonly store: Pick<Store, "commit" | "getValue" | "putValue">;
  readonly desk: Pick<AlertDesk, "decideStored" | "retire">;
  readonly held: () => readonly AlertRecord[];
  readonly onStoreError: (error: GatewayError) => void;
}

interface Call {
  readonly by: string;
  readonly pressedUs: number;
  readonly dueUs: number;
}

const bytesOf = ({ pressedUs, dueUs, by }: Call) => new TextEncoder().encode(`${pressedUs} ${dueUs} ${by}`);
function callOf(bytes: Uint8Array): Call | undefined {
  const [, pressed, due, by] = /^(\d+) (\d+) (.+)$/.exec(new TextDecoder().decode(bytes)) ?? [];
  return by === undefined ? undefined : { pressedUs: Number(pressed), dueUs: Number(due), by };
}
/** Erased with the person, see store/erase-rows.ts. */
const valueKey = (person: string) => `help/${person}`;

export function createHelp({ clock, nowUs, people, store, desk, held, onStoreError }: HelpParts): HelpBook {
  const counting = new Map<string, Call & { readonly stop: () => void }>();
  const takenBack = new Map<string, TokenBucket>();

  const requirePerson = (person: string) => {
    if (!people().some(({ id }) => id === person))
      throw new GatewayError("registry.unknown", "operator", `There is no person "${person}" in this home.`);
  };
  const openCall = (person: string) => held().find((alert) => alert.person === person && alert.rule === helpRule && isOpen(alert));

  const state = (person: string): HelpState => {
    const call = counting.get(person);
    if (call !== undefined) return { person, state: "counting", by: call.by, dueUs: call.dueUs };
    const alert = openCall(person);
    if (alert === undefined) return { person, state: "none" };
    return { person, state: "told", ...(alert.said === undefined ? {} : { by: alert.said.by }), dueUs: alert.raisedUs, alert: alert.id };
  };

  /** An empty value stands for none. The row of the audit takes what is written before it to the disk. */
  const keep = async (person: string, call: Call | undefined, what: string, by: string) => {
    const bytes = call === undefined ? new Uint8Array() : bytesOf(call);
    const audit = [{ atUs: nowUs(), what, by, subject: person, detail: { person } }];
    await Promise.all([store.putValue(valueKey(person), bytes), store.commit({ person, audit }, true)]).catch(onStoreError);
  };

  const raise = async (person: string, { by, pressedUs }: Call): Promise<void> => {
    // One that somebody has taken is over: a new press is a new call, told at once.
    const taken = held().filter((alert) => alert.person === person && alert.rule === helpRule && !isOpen(alert));
    desk.retire(taken, "Help was called for again.");
    await desk.decideStored(person, {
      ...{ kind: "begin", rule: helpRule, device: gatewayPerson, stream: "", priority: "high", alertKind: "physiological" },
      ...{ onsetUs: pressedUs, timeUs: nowUs(), quality: "unknown", said: { by } },
    });
    await store.putValue(valueKey(person), new Uint8Array());
  };

  const count = (person: string, call: Call) => {
    const dueMs = Math.min(helpCountdownS * 1000, Math.max(0, (call.dueUs - nowUs()) / 1000));
    const stop = clock.after(dueMs, () => {
      counting.delete(person);
      raise(person, call).catch(onStoreError);
    });
    counting.set(person, { ...call, stop });
  };

  return {
    state(person) {
      requirePerson(person);
      return state(person);
    },
    async call(person, by) {
      requirePerson(person);
      const before = state(person);
      if (before.state !== "none" && openCall(person)?.state !== "expired") return { help: before, already: true };
      const pressedUs = nowUs();
      const call = { by, pressedUs, dueUs: pressedUs + helpCountdownS * 1_000_000 };
      count(person, call);
      const help = state(person);
      await keep(person, call, "help.called", by);
      return { help, already: false };
    },
    async cancel(person, by) {
      requirePerson(person);
      const call = counting.get(person);
      if (call === undefined) {
        const now = state(person);
        if (now.state === "none") return { help: now, already: true };
        throw new GatewayError("help.told", "operator", "The call has been told; somebody who can be named must acknowledge its alert.");
      }
      const bucket = takenBack.get(person) ?? createTokenBucket(helpTakenBack, clock.monotonicUs());
      takenBack.set(person, bucket);
      if (!bucket.take(clock.monotonicUs()))
        throw new GatewayError("help.too_many_taken_back", "operator", "Calls of this person are taken back too often: this one is told.");
      call.stop();
      counting.delete(person);
      await keep(person, undefined, "help.cancelled", by);
      return { help: state(person), already: false };
    },
    async resume() {
      for (const { id } of people()) {
        const call = callOf((await store.getValue(valueKey(id))) ?? new Uint8Array());
        if (call !== undefined && !counting.has(id) && openCall(id) === undefined) count(id, call);
      }
    },
    close() {
      for (const { stop } of counting.values()) stop();
    },
  };
}
