/** What somebody outside the gateway may raise, as REST and pages see it: conditions of other programs, and calls for help. Types and bounds only. */

import type { Priority } from "../../device-drivers/contract/event.ts";

export const outsideLimits = {
  /** Open at a time, of one account and of one person. */
  perAccount: 20,
  perPerson: 20,
  /** Of all accounts. */
  all: 200,
  /** Begins, changes and ends of one account: so many at once, then one each so many microseconds. */
  changes: { depth: 30, everyUs: 2_000_000 },
  /** Accounts whose changes are counted; a full list forgets the oldest. */
  accounts: 256,
  leaseS: { least: 10, most: 86_400, usual: 3600 },
} as const;

/** After `flow.` up to 48 of a–z, 0–9, dash and dot, as the house writes its own rules. */
export const flowRulePattern = "^flow\\.[a-z0-9]([a-z0-9.-]{0,46}[a-z0-9])?$";
export const isFromOutside = (rule: string): boolean => rule.startsWith("flow.") || rule === "manual.help";

/** One condition a person and rule, whoever says it. */
interface OutsideOf {
  readonly person: string;
  readonly rule: string;
}

export interface Saying {
  readonly title: string;
  readonly text?: string;
  readonly priority: Priority;
  readonly value?: number;
  readonly unit?: string;
  readonly limit?: number;
  /** Seconds for which it is believed without being said again. */
  readonly leaseS: number;
}

/** Who says it: the account's id, and the name that stands in alert and audit. */
interface Speaker {
  readonly account: string;
  readonly name: string;
}

export interface OutsideCondition extends OutsideOf, Saying {
  readonly by: string;
  /** The alert that it raised. */
  readonly alert: string;
  /** Gateway axis. */
  readonly sinceUs: number;
  readonly saidUs: number;
  readonly leaseUntilUs: number;
}

export interface Outside {
  /** Those that are true, the oldest first. */
  list(): readonly OutsideCondition[];
  /**
   * Begins the condition, or updates it; `already` where nothing of it is new. Answers when it is stored. Saying it again makes its lease anew.
   * Throws `condition.not_flow`, `condition.priority`, `condition.too_many_open`, `condition.too_many_changes`, `registry.unknown`.
   */
  say(of: OutsideOf, saying: Saying, by: Speaker): Promise<{ readonly condition: OutsideCondition; readonly already: boolean }>;
  /** Ends it; `already` where it is not true. Throws as `say`. */
  end(of: OutsideOf, by: Speaker): Promise<{ readonly condition: OutsideCondition | undefined; readonly already: boolean }>;
}

/** alerts.md §3. */
export const helpCountdownS = 10;
/** Calls for a person that are taken back: so many at once, then one each so many microseconds. A call itself is never refused. */
export const helpTakenBack = { depth: 20, everyUs: 30_000_000 } as const;

/** "counting": taken back it is told to nobody. "told": the alert is open, and waits for a named person. */
export interface HelpState {
  readonly person: string;
  readonly state: "none" | "counting" | "told";
  readonly by?: string;
  /** When it is, or was, told; gateway axis. */
  readonly dueUs?: number;
  readonly alert?: string;
}

export interface Help {
  /** Throws `registry.unknown`. */
  state(person: string): HelpState;
  /** Begins the countdown; `already` while one runs or a call is open. Answers when it is stored: a power cut does not lose it. Throws `registry.unknown`. */
  call(person: string, by: string): Promise<{ readonly help: HelpState; readonly already: boolean }>;
  /** Takes it back while the countdown runs; `already` where there is none. Throws `help.told`, `help.too_many_taken_back`, `registry.unknown`. */
  cancel(person: string, by: string): Promise<{ readonly help: HelpState; readonly already: boolean }>;
}
