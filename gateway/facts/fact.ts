/**
 * What is known of a person at a moment: the one vocabulary in which streams and models tell, and rules, decisions and views listen. It stands in a folder of
 * its own below all of them, for the pipeline imports both those who tell and those who listen.
 */

import type { VitalCode } from "../../device-drivers/contract/event.ts";
import type { Pose } from "../../device-drivers/contract/pose.ts";
import type { Result, Source } from "../../device-drivers/contract/result.ts";
import type { Curves, Difference, Evidence, Judgement } from "../../models/personal-spec.ts";
import type { HeartRateFact } from "./heart-rate.ts";
import type { DatedLearnAct, Learning } from "./learning.ts";
import type { MovementFact } from "./movement.ts";

export type QualityLevel = "good" | "poor" | "bad";
export type Contact = "on" | "off" | "unknown";

export type Fact =
  /** A QRS complex has been detected. */
  | {
      readonly kind: "qrs";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly rrMs?: number;
    }
  /** What a model said of a window. */
  | Result
  /** Signal quality of one stream over the second (or less) that ends at `timeUs`. */
  | {
      readonly kind: "quality";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly level: QualityLevel;
      /**
       * What the signal's own measures say, where a model has called the newest seconds noise and `level` is therefore lower. Rules on arrest and
       * ventricular rhythm go by it: such a heart looks like noise to a network.
       */
      readonly signalLevel?: QualityLevel;
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
  /** A pulse beat seen by light. It follows the R peak by the time that the pulse takes from the heart to the sensor. */
  | {
      readonly kind: "pulse";
      readonly device: string;
      readonly stream: string;
      /** The middle of its stroke, from foot to peak. */
      readonly timeUs: number;
      readonly knownUs: number;
      /** Time since the pulse before; absent at a start and after a hole. */
      readonly ppMs?: number;
      /** Likeness to the wearer's last pulses, 0–1. */
      readonly quality: number;
    }
  /** The rate of a pulse seen by light over the seconds from `fromUs` to `timeUs`. Read it by `pulseRateOf` (pulse.ts). */
  | {
      readonly kind: "pulse-rate";
      readonly device: string;
      readonly stream: string;
      readonly channel: string;
      readonly fromUs: number;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly bpm?: number;
      /** Holds the rate in nine of ten cases. */
      readonly interval?: readonly [low: number, high: number];
      /** 0–1. */
      readonly quality: number;
      /** Why there is no rate: too few samples, too few pulses, pulses that are too unlike each other. */
      readonly without?: "no-signal" | "no-pulse" | "unsure";
    }
  /** A sensor was being shaken over the second that ends at `timeUs`; told of such seconds alone. It says what else may be disturbed, never that somebody lives. */
  | {
      readonly kind: "shaken";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      /** Standard deviation of the acceleration's size, in g. */
      readonly rmsG: number;
    }
  /** A vital sign that a device gives as a number, over the second (or the sample) that ends at `timeUs`; without a value it has none now. */
  | {
      readonly kind: "vital";
      readonly device: string;
      readonly stream: string;
      readonly code: VitalCode;
      /** The channel that carries it; absent in a state of before it was told. */
      readonly channel?: string;
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
  /** What a model's answer means for this person, by what was learnt of them at this placement. Follows the result that it is made of. */
  | {
      readonly kind: "unusual";
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly knownUs: number;
      readonly learning: Learning;
      /** Absent until it has learnt. */
      readonly judged?: Judgement & { readonly difference: Difference };
      /** Correlation of what was shown with what is usual, −1 to 1. */
      readonly likeness?: number;
      readonly evidence: Evidence;
      /** What is usual, on the same scale as what was shown. */
      readonly usual?: readonly number[];
      readonly curves?: Curves;
    }
  /** The body as its sensors alone show it over the span that ends at `timeUs`: of what no sensor is worn on nothing is known. */
  | {
      readonly kind: "pose";
      readonly device: string;
      readonly stream: string;
      readonly about: readonly [Source, ...Source[]];
      readonly timeUs: number;
      readonly knownUs: number;
      readonly pose: Pose;
    }
  /** Steps, stillness and posture by the motion sensors of a body, each second. */
  | MovementFact
  /** The one heart rate of all that the person wears, each second. Rules see it before the tick of its time. */
  | HeartRateFact
  /** Somebody has said what is normal for this person, or that it be learnt again: it holds from here on. */
  | ({ readonly kind: "learn"; readonly timeUs: number } & DatedLearnAct)
  /** Somebody has changed what this person's rules go by, by name as in hearth.yaml: it holds from here on. */
  | { readonly kind: "limits"; readonly timeUs: number; readonly profile: Readonly<Record<string, number | undefined>> }
  /** The 250 ms grid. `streams` are the live ones; each has passed this time or its reorder limit. */
  | { readonly kind: "tick"; readonly timeUs: number };
