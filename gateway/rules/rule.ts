/** What rules decide of a person's facts. One total order per person; a rule that cannot know is not watching, never "normal". */

import type {
  AlertBetween,
  AlertCause,
  AlertEvidence,
  AlertKind,
  Priority,
  SaidOutside,
  VitalEvent,
} from "../../device-drivers/contract/event.ts";
import type { Fact, QualityLevel } from "../facts/fact.ts";

export interface ConditionBegin {
  readonly kind: "begin";
  readonly rule: string;
  readonly device: string;
  readonly stream: string;
  /** The one channel that it was read from; absent where it is the one that the stream's analyser chose. */
  readonly channel?: string;
  readonly priority: Priority;
  readonly alertKind: AlertKind;
  readonly onsetUs: number;
  /** Signal time at which it is told (all delays over). */
  readonly timeUs: number;
  readonly value?: number;
  readonly unit?: string;
  readonly limit?: number;
  readonly quality: QualityLevel | "unknown";
  readonly cause?: AlertCause;
  readonly evidence?: AlertEvidence;
  readonly between?: AlertBetween;
  readonly model?: { readonly id: string; readonly version: string };
  readonly said?: SaidOutside;
  /** Another active condition covers this one: logged, not told. */
  readonly inhibitedBy?: string;
}

export type RuleDecision =
  | ConditionBegin
  | {
      readonly kind: "update";
      readonly rule: string;
      readonly device: string;
      readonly timeUs: number;
      readonly value?: number;
      readonly priority?: Priority;
      /** In other words than before; the value is then the newest and not the worst. */
      readonly said?: SaidOutside;
    }
  | {
      readonly kind: "end";
      readonly rule: string;
      readonly device: string;
      readonly endUs: number;
      readonly timeUs: number;
      /** Who says so, where it is not the gateway. */
      readonly by?: string;
    }
  /** Time over which the rule could have raised its alert. */
  | { readonly kind: "watched"; readonly rule: string; readonly fromUs: number; readonly toUs: number }
  /** A rhythm change for the record: "(VT", "(ASYS", "(N" … */
  | { readonly kind: "rhythm"; readonly device: string; readonly stream: string; readonly timeUs: number; readonly label: string }
  | VitalEvent;

/** Limits by name, as the families' schemas describe them; what is not there is off. */
export type RuleProfile = Readonly<Record<string, number | undefined>>;

export interface Rule {
  readonly ids: readonly string[];
  push(input: Fact): RuleDecision[];
  /** Ids that could have raised their alert in the 250 ms up to the tick at `timeUs` (law 11). */
  watching(timeUs: number): readonly string[];
  /** The recording ends: conditions that are over and only wait to be sure of it. Others stay open. */
  finish?(): RuleDecision[];
  /** Structured-cloneable; given back to the factory on restart. */
  state(): unknown;
}
