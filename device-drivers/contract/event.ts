/** What the gateway believes: beats, rhythms, alerts, and the rows that carry them to the twin. Plain data, no behaviour. */

/** AAMI classes; Q = could not be classified. */
export const beatLabels = ["N", "S", "V", "F", "Q"] as const;
export type BeatLabel = (typeof beatLabels)[number];

export interface BeatEvent {
  readonly kind: "beat";
  readonly device: string;
  readonly stream: string;
  /** Time of the R peak on the gateway's axis. */
  readonly timeUs: number;
  readonly label: BeatLabel;
  /** Probability of the label, 0–1. */
  readonly confidence: number;
  /** RR interval that ends here; absent after a gap. */
  readonly rrMs?: number;
}

/** A rhythm change, noise mark or ventricular-flutter bracket; `label` as in an MIT annotation's aux ("(N", "(VT", "(ASYS", "~", "[", "]"). */
export interface RhythmEvent {
  readonly kind: "rhythm";
  readonly device: string;
  readonly stream: string;
  readonly timeUs: number;
  readonly label: string;
}

export const vitalCodes = ["hr", "spo2", "temp", "resp"] as const;
export type VitalCode = (typeof vitalCodes)[number];

export interface VitalEvent {
  readonly kind: "vital";
  readonly code: VitalCode;
  /** Where the device itself measures the number; absent for one that the house derived (the heart rate of an ECG). */
  readonly device?: string;
  readonly stream?: string;
  readonly timeUs: number;
  readonly value: number;
  readonly unit: string;
}

/** Time of one stream that has no samples; with a reason, time of which there are none to be looked at later. */
export interface GapEvent {
  readonly kind: "gap";
  readonly device: string;
  readonly stream: string;
  readonly fromUs: number;
  readonly toUs: number;
  /**
   * "judged, not kept": live samples were judged as they came, and the disk did not take them; arrival times.
   * "lost": there were samples, and the record of them can't be read any more.
   */
  readonly reason?: string;
}

/** Time during which a rule could have raised its alert (law 11). */
export interface WatchedEvent {
  readonly kind: "watched";
  readonly rule: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export type PersonEvent = BeatEvent | RhythmEvent | VitalEvent | GapEvent | WatchedEvent;

export type Priority = "high" | "medium" | "low" | "info";
export type AlertKind = "physiological" | "technical";

/** Condition, acknowledgement and delivery are three axes (alerts.md §4); `state` is the headline a person reads. */
export type AlertState = "active" | "notified" | "acknowledged" | "rejected" | "resolved" | "closed" | "expired";

/** States in which an alert still asks for somebody, or its condition is still true; for a query that cannot call `isOpen`. */
export const openStates: readonly AlertState[] = ["active", "notified", "acknowledged", "rejected", "expired"];

/** What "open alert" means everywhere. A resolved one is not open, though it is the same alert again if its condition comes back within the minute. */
export function isOpen({ state }: { readonly state: AlertState }): boolean {
  return openStates.includes(state);
}

/** What a condition is about, as data: a stable code and where it lies. Texts make a sentence of it. "device.number": the value is the device's own; "device.pulse": it is read from a pulse by light. */
export interface AlertCause {
  readonly code: string;
  readonly stream?: string;
  /** A field as the device's own format names it ("channels[0].scale"), and what is wrong with it; for `analysis.fault` the parts that fail. */
  readonly field?: string;
  readonly fault?: string;
  /** What would be accepted, in the field's own words; for `analysis.fault` the rules that are blind. */
  readonly needs?: string;
}

/** The signal that a condition was read from; without a channel it is the one that the stream's analyser chose. */
interface AlertAbout {
  readonly stream: string;
  readonly channel?: string;
}

/** What a model saw that learns its wearer, so that a person can look at it and say what it is. Numbers as in the model's vector. */
export interface AlertEvidence {
  /** The placement that it was learnt at. */
  readonly of: string;
  readonly model: { readonly id: string; readonly version: string };
  readonly beats: readonly {
    readonly timeUs: number;
    readonly vector: readonly number[];
    readonly rrMs?: number;
    readonly rrBeforeMs: readonly number[];
  }[];
  /** From which minutes it was learnt. */
  readonly learnt: { readonly fromUs: number; readonly toUs?: number };
  /** What is usual, on the scale of what was shown. */
  readonly usual?: readonly number[];
  /** Where curves stand in the vector: the difference to what is expected, and what was shown; seconds from the beat. */
  readonly curves?: {
    readonly residualAt: number;
    readonly shownAt: number;
    readonly points: number;
    readonly fromS: number;
    readonly toS: number;
  };
}

/** By what a heart rate is known, the most direct first: beats of an ECG, pulses of a light sensor, a number that a device measures itself. */
export const rateKinds = ["ecg", "ppg", "device"] as const;
export type RateKind = (typeof rateKinds)[number];

/** What two sensors of one person say that contradict each other, the better source first; rates in beats/min. */
export type AlertBetween = readonly { readonly device: string; readonly kind: RateKind; readonly bpm: number }[];

/** Why an alert speaks although somebody has acknowledged it, or one of the same person, rule and device shortly before. */
export interface SpokeAgain {
  /** "still-true": the quiet time is over. "new": the one that was acknowledged had ended, and it has begun anew. */
  readonly why: "still-true" | "worse" | "higher" | "new";
  readonly acknowledgedBy: string;
  readonly acknowledgedAtUs: number;
  /** When the one that was acknowledged ended; only with "new". */
  readonly endedUs?: number;
}

/** What somebody outside the gateway says of a condition that they have begun: a program of the home, or whoever calls for help. */
export interface SaidOutside {
  /** Name of the token or of the person. */
  readonly by: string;
  readonly title?: string;
  readonly text?: string;
  /** Seconds for which it is believed without being said again; absent for what a press has begun. */
  readonly leaseS?: number;
}

/** What somebody said when they acted on an alert. A close has its `closeReason` instead. */
export interface AlertNote {
  readonly by: string;
  readonly verb: "acknowledge" | "reject";
  readonly atUs: number;
  readonly text: string;
}

export interface AlertRecord {
  readonly id: string;
  readonly person: string;
  readonly rule: string;
  readonly device: string;
  readonly priority: Priority;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly mode: "real" | "test" | "demo";
  /** When the condition began, when the gateway could tell, when it was last seen, when it ended. Gateway axis. */
  readonly onsetUs: number;
  readonly raisedUs: number;
  readonly lastSeenUs: number;
  readonly endedUs?: number;
  readonly count: number;
  readonly value?: number;
  readonly unit?: string;
  readonly limit?: number;
  readonly quality: string;
  readonly cause?: AlertCause;
  readonly evidence?: AlertEvidence;
  readonly between?: AlertBetween;
  /** Absent for what no signal shows, and in records of before it was kept. */
  readonly about?: AlertAbout;
  readonly model?: { readonly id: string; readonly version: string };
  readonly acknowledgedBy?: string;
  readonly acknowledgedAtUs?: number;
  readonly acknowledgedUntilUs?: number;
  readonly spokeAgain?: SpokeAgain;
  readonly snoozes: readonly { readonly by: string; readonly untilUs: number }[];
  readonly deliveries: readonly { readonly channel: string; readonly receipt: string; readonly atUs: number }[];
  readonly closeReason?: string;
  /** Oldest first, the last few; all of them stand in the audit. Absent where nobody said anything. */
  readonly notes?: readonly AlertNote[];
  /** Absent for what the gateway itself has found. */
  readonly said?: SaidOutside;
}

/** Drain order of every queue (law 6). */
export const trafficClasses = ["alert", "status", "semantic", "raw"] as const;
export type TrafficClass = (typeof trafficClasses)[number];

/** A row for the twin; the store gives it its number. */
export interface OutboxItem {
  readonly class: TrafficClass;
  readonly timeUs: number;
  /** CBOR of a TwinPayload. */
  readonly payload: Uint8Array;
}

/** Lossless samples that are owed to the twin once `toUs` has passed; filled from the journal. */
export interface StripDue {
  readonly alertId: string;
  readonly person: string;
  readonly device: string;
  readonly stream: string;
  /** As in AlertAbout. */
  readonly channel?: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** One sample whose time is known: sample i of this boot lies at timeUs + (i − index)·10⁶/rateHz. */
  readonly anchor: { readonly bootId: string; readonly index: number; readonly timeUs: number; readonly rateHz?: number };
}
