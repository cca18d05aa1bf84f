/** What rules are given and what they decide. One total order per person; a rule that cannot know is not watching, never "normal". */

import type { AlertCause, AlertKind, BeatLabel, Priority, VitalCode, VitalEvent } from "../../device-drivers/contract/event.ts";

export type QualityLevel = "good" | "poor" | "bad";
export type Contact = "on" | "off" | "unknown";

/** Why a window has no answer: the host's reasons, a window that could not be made, or an answer that could not be read. */
export type UnknownReason = "timeout" | "killed" | "refused" | "down" | "features" | "unreadable";

export type ModelOutcome =
  | { readonly kind: "label"; readonly label: string; readonly probability: number }
  | { readonly kind: "unknown"; readonly reason: UnknownReason };

export type RuleInput =
  /** A QRS complex has been detected. */
  | {
      readonly kind: "qrs";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly rrMs?: number;
    }
  /** A beat has its class: "first" half a second after R (rules on runs), "final" with the beats that follow (the stored event). */
  | {
      readonly kind: "beat";
      readonly run: "first" | "final";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly rrMs?: number;
      readonly label: BeatLabel | "unknown";
      /** Probability of the label, 0–1. */
      readonly confidence: number;
      /** Why the label is unknown. */
      readonly reason?: UnknownReason;
      readonly model?: { readonly id: string; readonly version: string };
    }
  /** What a model that classifies no beats said of a window. */
  | {
      readonly kind: "result";
      readonly run: "first" | "final";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly model: { readonly id: string; readonly version: string };
      readonly outcome: ModelOutcome;
    }
  /** Signal quality of one stream over the second (or less) that ends at `timeUs`. */
  | {
      readonly kind: "quality";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly level: QualityLevel;
      readonly contact: Contact;
      readonly contactMeasured: "measured" | "none" | "given";
      readonly saturated: boolean;
      readonly flat: boolean;
      readonly noisy: boolean;
      /** Movement artefact or drift typical of taking a sensor off within this second. */
      readonly removal: boolean;
      /** Of an ECG only: no beat for 10 s, or none yet. However even the signal is, it says nothing about the heart. */
      readonly beatless?: boolean;
    }
  | {
      readonly kind: "gap";
      readonly device: string;
      readonly stream: string;
      readonly fromUs: number;
      readonly timeUs: number;
      /** From here on there is signal after all: it is judged apart, as past. */
      readonly pastFromUs?: number;
    }
  /** Another sensor shows what only something alive does, if it is on this person at all: a pulse of a pleth, a turn of the body. */
  | {
      readonly kind: "life";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly sign: "pulse" | "movement";
      /** Height of the pulse in the channel's own unit. */
      readonly amplitude?: number;
    }
  /** A vital sign that a device gives as a number, over the second (or the sample) that ends at `timeUs`; without a value it has none now. */
  | {
      readonly kind: "vital";
      readonly device: string;
      readonly stream: string;
      readonly code: VitalCode;
      readonly timeUs: number;
      readonly unit: string;
      readonly value?: number;
      /** Why there is no value: the device says so, or no person can have it. */
      readonly without?: "absent" | "implausible";
      /** Until when the value stands for the present. */
      readonly freshUs: number;
    }
  /** A device's clock or sample numbers contradicted what arrived, or the rate to judge by has changed (back to nominal included). */
  | {
      readonly kind: "timing";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly fault: "clock" | "index";
    }
  | {
      readonly kind: "timing";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly fault: "rate";
      readonly rateHz: number;
      readonly nominalHz: number;
    }
  /** The 250 ms grid. `streams` are the live ones; each has passed this time or its reorder limit. */
  | { readonly kind: "tick"; readonly timeUs: number };

export interface ConditionBegin {
  readonly kind: "begin";
  readonly rule: string;
  readonly device: string;
  readonly stream: string;
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
  readonly model?: { readonly id: string; readonly version: string };
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
    }
  | { readonly kind: "end"; readonly rule: string; readonly device: string; readonly endUs: number; readonly timeUs: number }
  /** Time over which the rule could have raised its alert. */
  | { readonly kind: "watched"; readonly rule: string; readonly fromUs: number; readonly toUs: number }
  /** A rhythm change for the record: "(VT", "(ASYS", "(N" … */
  | { readonly kind: "rhythm"; readonly device: string; readonly stream: string; readonly timeUs: number; readonly label: string }
  | VitalEvent;

/** Person's own limits and conditions that rules read. */
export interface RuleProfile {
  readonly hrHighBpm: number;
  readonly hrLowBpm: number;
  readonly hrLimitHighBpm?: number;
  readonly hrLimitLowBpm?: number;
  readonly spo2LimitLowPct?: number;
  readonly tempLimitHighCel?: number;
  readonly tempLimitLowCel?: number;
  readonly respLimitHighPerMin?: number;
  readonly respLimitLowPerMin?: number;
  readonly asystoleS: number;
  readonly pauseS: number;
}

export interface Rule {
  readonly ids: readonly string[];
  push(input: RuleInput): RuleDecision[];
  /** Ids that could have raised their alert in the 250 ms up to the tick at `timeUs` (law 11). */
  watching(timeUs: number): readonly string[];
  /** The recording ends: conditions that are over and only wait to be sure of it. Others stay open. */
  finish?(): RuleDecision[];
  /** Structured-cloneable; given back to the factory on restart. */
  state(): unknown;
}

export type RuleFactory = (profile: RuleProfile, saved?: unknown) => Rule;
