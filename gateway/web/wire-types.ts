/** What the page reads from the API, as openapi.json describes it. The page knows the gateway only through these. */

type Priority = "high" | "medium" | "low" | "info";
export type Quality = "good" | "poor" | "bad" | "unknown";

export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly priority: Priority;
  readonly kind: "physiological" | "technical";
  readonly person: string;
  readonly person_name: string;
  readonly device: string;
  readonly device_title: string;
  readonly state: "active" | "notified" | "acknowledged" | "rejected" | "resolved" | "closed" | "expired";
  readonly mode: "real" | "test" | "demo";
  readonly title: string;
  readonly body: string;
  readonly onset_s: number;
  readonly t_s: number;
  readonly end_s: number | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly limit: number | null;
  readonly quality: string;
  readonly count: number;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_until: string | null;
  readonly snoozes: readonly { readonly by: string; readonly until: string }[];
  readonly close_reason: string | null;
  readonly notes: readonly { readonly by: string; readonly verb: "acknowledge" | "reject"; readonly text: string; readonly at: string }[];
  readonly about: { readonly stream: string; readonly channel?: string } | null;
  /** What a model saw that learns its wearer. */
  readonly evidence: {
    readonly placement: string;
    readonly learnt_from: string;
    readonly learnt_to: string | null;
    readonly from_s: number;
    readonly to_s: number;
    readonly usual: readonly number[];
    readonly beats: readonly { readonly at: string; readonly shown: readonly number[]; readonly difference: readonly number[] }[];
  } | null;
  /** False while the gateway's disk refuses it. */
  readonly stored: boolean;
}

interface Presence {
  readonly state: "home" | "away" | "paused";
  readonly by: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly seen_again_at: string | null;
  readonly overdue: boolean;
}

export interface Help {
  readonly state: "none" | "counting" | "told";
  readonly by: string | null;
  readonly due_at: string | null;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly heart_rate_bpm: number | null;
  readonly heart_rate_age_s: number | null;
  /** The sensor that it is from: "ecg", "ppg" or, of the device's own number, "device". */
  readonly heart_rate_source: {
    readonly device: string;
    readonly kind: string;
    readonly quality: string;
    readonly fresh_until: string;
  } | null;
  /** Good sensors that contradict each other. */
  readonly heart_rate_disagreement: {
    readonly between: readonly { readonly device: string; readonly kind: string; readonly bpm: number }[];
  } | null;
  readonly quality: Quality;
  readonly devices: readonly string[];
  readonly presence: Presence;
  readonly help: Help;
  readonly open_alerts: number;
  readonly vitals: readonly {
    readonly code: string;
    readonly device: string;
    readonly stream: string;
    readonly unit: string;
    readonly value: number | null;
    readonly without: string | null;
    readonly by: string | null;
    readonly at: string;
    readonly fresh_until: string;
  }[];
  readonly learning: readonly Learning[];
  readonly movement: Movement | null;
  readonly watched_s: Readonly<Record<string, number>>;
}

/** By motion sensors of a body, of the newest second. */
export interface Movement {
  readonly steps: number | null;
  readonly cadence_per_min: number | null;
  readonly still_s: number | null;
  readonly posture: "lying" | "leaning" | "upright" | "sitting" | "standing" | null;
  readonly posture_completed: boolean;
  readonly sensors: readonly { readonly device: string; readonly placement: string; readonly worn: boolean | null }[];
}

/** How motion sensors sit, and what came of the newest pose. */
export interface Calibration {
  readonly sensors: readonly { readonly device: string; readonly placement: string; readonly calibrated_at: string | null }[];
  readonly run: CalibrationRun | null;
  readonly acts: readonly {
    readonly number: number;
    readonly act: "pose" | "undo";
    readonly by: string;
    readonly from: string;
    readonly undoes: number | null;
  }[];
}

export interface CalibrationRun {
  readonly pose: "arms-out" | "arms-down";
  /** Placements that were left out. */
  readonly without: readonly string[];
  readonly state: "running" | "done" | "refused";
  readonly start: string;
  readonly ready: string;
  readonly hold_from: string;
  readonly hold_to: string;
  readonly faults: readonly { readonly code: string; readonly placement: string | null; readonly text: string }[];
}

/** What of a person leaves the house. */
export interface Consent {
  readonly alerts: boolean;
  readonly strips: boolean;
  /** By stream; "*" = every other. */
  readonly streams: Readonly<Record<string, string>>;
  readonly since: string;
  readonly today_bytes: number;
  readonly waiting: Readonly<Record<string, string>>;
  readonly held_by: string | null;
  readonly may: "give" | "take_back" | "look";
}

/** How far it is learnt what is usual for a person. */
export interface Learning {
  readonly model: string;
  readonly placement: string;
  readonly state: "learning" | "known" | "changed";
  readonly learnt_s: number;
  readonly needed_s: number;
  readonly since: string;
  readonly finished_at: string | null;
  readonly changed_since: string | null;
  readonly from_record: boolean;
  readonly normals: readonly { readonly number: number; readonly at: string; readonly by: string }[];
}

export interface Device {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly link: string;
  readonly person: string | null;
  readonly placement: string | null;
  readonly state: string;
  readonly last_sample_at: string | null;
  readonly last_usable_at: string | null;
  readonly last_bytes_at: string | null;
  readonly battery_pct: number | null;
  readonly findings: readonly { readonly code: string; readonly stream: string; readonly text: string; readonly help?: string }[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface Stream {
  readonly device: string;
  readonly stream: string;
  readonly person: string | null;
  readonly rate_hz: number;
  readonly channels: readonly { readonly id: string; readonly kind: string; readonly unit: string; readonly lead?: string }[];
  readonly quality: Quality;
  readonly contact: "on" | "off" | "unknown";
  readonly uses: readonly { readonly channel: string; readonly text: string }[];
  readonly timing: Timing | null;
}

/** What a maker states against what arrives, and what could not be used. */
export interface Timing {
  readonly nominal_hz: number;
  readonly used_hz: number;
  readonly measured_hz: number | null;
  readonly lag_s: number | null;
  readonly uncertain: boolean;
  readonly clock_faults: number;
  readonly index_faults: number;
  readonly dropped: { readonly late: number; readonly history: number };
}

export interface Refusal {
  readonly where: string;
  readonly reason: string;
  readonly account: string | null;
  readonly device: string | null;
  readonly topic: string | null;
  readonly path: string | null;
  readonly address: string | null;
  readonly error: string | null;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
}

export interface Status {
  readonly gateway: string;
  readonly version: string;
  readonly mode: "real" | "demo";
  readonly time: string;
  readonly uptime_s: number;
  readonly devices: number;
  readonly open_alerts: number;
  readonly uplink: { readonly connected: boolean; readonly last_ack_at: string | null; readonly depth: number };
  readonly meter: {
    readonly bytes_raw: number;
    readonly bytes_sent: number;
    readonly ratio: number | null;
    readonly onset_to_alert_s: number | null;
  };
  readonly health: readonly { readonly part: string; readonly ok: boolean; readonly detail?: string }[];
  readonly repairs: readonly string[];
  readonly carers: readonly string[];
  readonly notice: string | null;
  /** The token's role and whether there is a twin to show; only in the answer of /status. */
  readonly role?: string;
  readonly refusals?: readonly Refusal[];
  readonly twin?: boolean;
}

export interface DemoAction {
  readonly id: string;
  readonly title: string;
  readonly explains: string;
  readonly expert: string | null;
  readonly active: boolean;
}

export interface Trace {
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly unit: string;
  readonly lead?: string;
  readonly rateHz: number;
  readonly startUs: number;
  readonly values: readonly (number | null)[];
}

export interface BeatMark {
  readonly kind: string;
  readonly device?: string;
  readonly stream?: string;
  readonly timeUs?: number;
  readonly label?: string;
}

export interface Strip {
  readonly traces: readonly Trace[];
  readonly events: readonly BeatMark[];
}

export interface SamplesMessage extends Trace {
  readonly person?: string;
}

/** A stretch of a body in motion. */
export interface PoseMessage {
  readonly person: string;
  readonly model: { readonly id: string; readonly version: string } | null;
  readonly startUs: number;
  readonly rateHz: number;
  /** Frame by frame fifteen quaternions, w x y z. */
  readonly rotations: readonly number[];
  /** A frame a word, a segment a digit: 0 unknown, 1 measured, 2 completed. */
  readonly states: readonly string[];
}

export interface QualityMessage {
  readonly person: string;
  readonly device: string;
  readonly stream: string;
  readonly timeUs: number;
  readonly level: Quality;
  readonly contact: "on" | "off" | "unknown";
}

/** What opens the page: a session of a browser, or a token. */
export interface Grant {
  readonly id: string;
  readonly kind: "session" | "token";
  readonly role: string;
  readonly name: string | null;
  readonly persons: readonly string[] | null;
  readonly used_at: string | null;
}

export interface SignInCode {
  readonly code: string;
  readonly expires_at: string;
  readonly urls: readonly string[];
  /** Rows of the first address as a QR code, "1" dark; null where no other machine reaches the page. */
  readonly qr: readonly string[] | null;
}

export interface Reach {
  readonly tls: {
    readonly port: number;
    readonly hosts: readonly string[];
    readonly authority: { readonly pem: string; readonly sha256: string } | null;
    readonly sha256: string;
    readonly expires_at: string;
  } | null;
  readonly plain: readonly { readonly host: string; readonly port: number }[];
  readonly faults: readonly string[];
  readonly example: string;
}

export interface Limit {
  readonly name: string;
  readonly describes: string;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly everybodys?: number;
  readonly own?: number;
  readonly rules: readonly string[];
}

/** The MQTT account of a device; its password is in the answer that makes it and in no other. */
export interface Account {
  readonly url: string;
  readonly networkUrl?: string;
  readonly user: string;
  readonly password: string;
  readonly topic: string;
}
