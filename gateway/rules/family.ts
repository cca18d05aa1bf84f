/** What a family of rules says of itself: its limits, and of each rule how it is told, what it covers and what is worse. The rest of the house is derived from it. */

import type { TNumber, TOptional } from "typebox";
import type { AlertKind, Priority } from "../../device-drivers/contract/event.ts";
import type { RuleText } from "./alert-words.ts";
import type { Rule, RuleProfile } from "./rule.ts";

/**
 * One schema is type, bounds, default and documentation of a limit in hearth.yaml. With a default it stands in `alerts.limits` and a person's profile may say
 * another; optional, it is the person's own alone, and without it the rule is off.
 */
export type LimitSchema = (TNumber | TOptional<TNumber>) & {
  readonly default?: number;
  /** As people read it. */
  readonly unit?: string;
  /** Rules that go by it. */
  readonly rules?: readonly string[];
  /** In which direction they tell less. Off, where that is possible, is quieter than any number. */
  readonly quieter?: "higher" | "lower";
};

export interface RuleAbout {
  /** As it begins; it may be raised while it lasts. */
  readonly priority: Priority;
  readonly alertKind: AlertKind;
  readonly text: RuleText;
  /** Words for the codes of its causes. */
  readonly causes?: Readonly<Record<string, string>>;
  /** Conditions that are logged, not told, while this one lasts; "stream": only those read from the very stream that this one was read from. */
  readonly covers?: { readonly rules: readonly string[]; readonly within: "person" | "stream" };
  /** How much worse than at its acknowledgement a value must be to break the quiet, in the value's unit and direction; without it none does. */
  readonly worseBy?: number;
  /** It says already why nothing usable comes from its device: no second alert tells the silence. */
  readonly explainsSilence?: boolean;
  /** One alert an hour counts all that follow in it. */
  readonly isCountedHourly?: boolean;
}

export interface Family {
  /** Of every rule that it may raise, by id. */
  readonly rules: Readonly<Record<string, RuleAbout>>;
  /** By name as in hearth.yaml; two families may name one limit when they share its schema. */
  readonly limits?: Readonly<Record<string, LimitSchema>>;
  /** Of what it keeps; 1 unless told. With another one it begins afresh at the next start. */
  readonly version?: number;
  /** Ids of the models without which it is blind. */
  readonly reads?: readonly string[];
  /** @param saved what `state()` of an earlier one gave. */
  create(profile: RuleProfile, saved?: unknown): Rule;
}
