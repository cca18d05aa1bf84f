/** The gateway as pages, REST and the CLI see it. What stands here is public (contracts.md); the composition root implements it. */

import type { FieldCheck } from "../../device-drivers/contract/driver.ts";
import type { AlertRecord, BeatLabel, PersonEvent, RateKind, VitalCode } from "../../device-drivers/contract/event.ts";
import type { Outcome, Pass } from "../../device-drivers/contract/result.ts";
import type { ChannelKind, DeviceClockQuality } from "../../device-drivers/contract/sample-block.ts";
import type { Help, HelpState, Outside } from "../alert/outside-port.ts";
import type { Presence, PresencePort } from "../alert/presence-port.ts";
import type { Verb } from "../alert/verbs.ts";
import type { ConsentDesk } from "../consent/consent-desk.ts";
import type { Learning } from "../facts/learning.ts";
import type { MovementFact, Posture } from "../facts/movement.ts";
import type { VitalWithout } from "../facts/pulse.ts";
import type { Stance } from "../facts/stance.ts";
import type { ModelInfo } from "../inference/inference-port.ts";
import type { Reach } from "../lan/reach.ts";
import type { Refusal } from "../runtime/refusals.ts";
import type { Setup } from "../setup/setup-port.ts";
import type { AlertQuery, OutboxFigures, Wearing } from "../store/store-port.ts";
import type { StreamTiming } from "../stream/clock/stream-timing.ts";
import type { StripView } from "../strips/strip-view.ts";
import type { UplinkStatus } from "../sync/start-sync.ts";
import type { StreamsIn } from "./streams-in-port.ts";

export type { ConsentView } from "../consent/consent-desk.ts";

export type Role = "patient" | "caregiver" | "integrator" | "admin";

/** Who asks: the name is what an acknowledgement is signed with. */
export interface Caller {
  readonly role: Role;
  readonly name: string;
}

export interface DeviceView {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly link: string;
  readonly person?: string;
  readonly placement?: string;
  /** "online", "silent", "offline", "lead-off", "waiting" … in words a person reads. */
  readonly state: string;
  /** Newest sample that was decoded; bytes alone are no sample. */
  readonly lastSampleUs?: number;
  /** Newest sample that has a value and is worn. */
  readonly lastUsableUs?: number;
  readonly lastBytesUs?: number;
  /** As the device says, 0–100. */
  readonly batteryPct?: number;
  /** What keeps its data from being used, the cause first; empty while all is well. */
  readonly findings: readonly DeviceFinding[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface DeviceFinding {
  /** A code of the drivers' list, or why a decoded channel is used by nothing. */
  readonly code: string;
  readonly stream: string;
  readonly field?: string;
  readonly fault?: string;
  /** How often since the stream last gave samples. */
  readonly count?: number;
  readonly sinceUs?: number;
  /** The same as a sentence. */
  readonly text: string;
  /** What to do about it, a sentence; absent where there is nothing to do. */
  readonly help?: string;
}

/** Messages that came on one topic while a device was probed; the topic below the device's prefix, "" for a port. */
export interface ProbedTopic {
  readonly topic: string;
  readonly count: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  readonly encoding: "CBOR" | "JSON" | "bytes" | "mixed";
}

/** One stream while its device was probed; where no sample came only its description. */
export interface ProbedStream {
  readonly stream: string;
  /** The device's own description field by field; empty where the driver has none. */
  readonly fields: readonly FieldCheck[];
  /** As the device says. */
  readonly rateHz?: number;
  /** As samples arrived; absent where too few came. */
  readonly measuredHz?: number;
  readonly batches?: {
    readonly count: number;
    readonly leastSamples: number;
    readonly mostSamples: number;
    readonly boots: number;
    readonly missingSamples: number;
  };
  readonly clock?: DeviceClockQuality;
  /** Lowest and highest physical value; absent where there was none. */
  readonly channels?: readonly { readonly channel: string; readonly unit: string; readonly low?: number; readonly high?: number }[];
  readonly uses?: readonly StreamUse[];
}

/** What a device sent in some seconds, and what of it is wrong. */
export interface ProbeView {
  readonly device: string;
  readonly seconds: number;
  readonly messages: number;
  readonly topics: readonly ProbedTopic[];
  readonly streams: readonly ProbedStream[];
  readonly findings: readonly DeviceFinding[];
}

interface StreamUse {
  readonly channel: string;
  readonly kind: string;
  /** "beats", "pulse", "movement", "vital", "body"; absent where nothing uses it. */
  readonly use?: string;
  readonly unused?: string;
  readonly field?: string;
  readonly needs?: string;
  readonly text: string;
}

/** A number that a device measures itself, or that is read of its light, as it stands now. */
export interface VitalView {
  readonly code: VitalCode;
  readonly device: string;
  readonly stream: string;
  readonly unit: string;
  /** Absent where there is none now: `without` says why. */
  readonly value?: number;
  readonly without?: VitalWithout;
  readonly by?: "light";
  readonly timeUs: number;
  /** Later than this the value is no longer the present's. */
  readonly freshUs: number;
}

export interface StreamView {
  readonly device: string;
  readonly stream: string;
  readonly person?: string;
  readonly rateHz: number;
  readonly channels: readonly { readonly id: string; readonly kind: string; readonly unit: string; readonly lead?: string }[];
  readonly quality: "good" | "poor" | "bad" | "unknown";
  readonly contact: "on" | "off" | "unknown";
  readonly lastSampleUs?: number;
  readonly samplesTotal: number;
  readonly gapSecondsTotal: number;
  /** Absent for a stream that nobody wears now. */
  readonly timing?: StreamTiming;
  /** One entry a channel. */
  readonly uses: readonly StreamUse[];
  /** Seconds (or samples) in which a vital sign had no value, by reason. */
  readonly noValueTotal: Readonly<Record<"absent" | "implausible", number>>;
  readonly lastUsableUs?: number;
}

/** By what the one heart rate is known. */
interface RateSourceView {
  readonly device: string;
  readonly stream: string;
  readonly kind: RateKind;
  readonly quality: "good" | "poor";
  /** Later than this it is no longer the present's. */
  readonly freshUs: number;
}

/** Good sensors that contradict each other: there is no one heart rate unless a third bears one out. */
interface RateDisagreementView {
  readonly sinceUs: number;
  readonly between: readonly { readonly device: string; readonly stream: string; readonly kind: RateKind; readonly bpm: number }[];
}

/** Steps, posture and stillness by motion sensors, of the newest second. */
export interface MovementView
  extends Omit<MovementFact, "kind" | "device" | "stream" | "about" | "knownUs" | "steps" | "stepsBy" | "posture"> {
  /** Since the gateway started. */
  readonly steps?: number;
  readonly posture?: Posture | Stance["stance"];
  /** It was completed by a network while a sensor was silent. */
  readonly isCompleted?: boolean;
}

export interface PersonView {
  readonly id: string;
  readonly name: string;
  readonly heartRateBpm?: number;
  readonly heartRateAgeS?: number;
  readonly heartRateSource?: RateSourceView;
  readonly heartRateDisagreement?: RateDisagreementView;
  readonly quality: "good" | "poor" | "bad" | "unknown";
  readonly devices: readonly string[];
  readonly presence: Presence;
  readonly help: HelpState;
  readonly openAlerts: number;
  readonly vitals: readonly VitalView[];
  /** How far models have learnt what is usual for them; empty until the first signal of this run of the gateway. */
  readonly learning: readonly Learning[];
  /** Absent while no motion sensor of a body sends anything. */
  readonly movement?: MovementView;
  /** Seconds watched per rule since the gateway started. */
  readonly watchedS: Readonly<Record<string, number>>;
}

export interface StatusView {
  readonly gateway: string;
  readonly version: string;
  readonly mode: "real" | "demo";
  readonly timeUs: number;
  readonly uptimeS: number;
  readonly people: number;
  readonly devices: number;
  readonly openAlerts: number;
  readonly uplink: UplinkStatus;
  readonly meter: { readonly bytesRaw: number; readonly bytesSent: number; readonly ratio?: number; readonly onsetToAlertS?: number };
  readonly health: readonly { readonly part: string; readonly ok: boolean; readonly detail?: string }[];
  /** Damaged files that were set aside at this start: what, and the way out, one sentence each. */
  readonly repairs: readonly string[];
  /** What was refused or failed lately, the newest first. */
  readonly refusals: readonly Refusal[];
  /** Who has a channel of their own: only their snooze quiets something. */
  readonly carers: readonly string[];
  /** Where the demo's recordings are from. */
  readonly notice?: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** What a model said of a window, as its own outcome has it, or what that means for this person ("personal"); only for those who ask. */
export interface LiveResult {
  readonly kind: "result";
  readonly person: string;
  readonly model: { readonly id: string; readonly version: string };
  readonly device: string;
  readonly stream: string;
  readonly timeUs: number;
  readonly fromUs?: number;
  /** "first": looked at early; the final one follows. */
  readonly pass: Pass;
  /** The model's results stand in the person's record as well, and come as events. */
  readonly recorded: boolean;
  readonly outcome:
    | Exclude<Outcome, { kind: "vector" | "tokens" | "pose" }>
    /** Of long ones the size alone. */
    | { readonly kind: "vector" | "tokens" | "pose"; readonly size: number }
    /** `score` near 1: nothing like it was among the person's own minutes. */
    | { readonly kind: "personal"; readonly score: number; readonly difference: string; readonly likeness?: number };
}

/** A stretch of a person's body in motion. Segments stand in the order of models/signal/body.ts. */
export interface LivePose {
  readonly kind: "pose";
  readonly person: string;
  /** Sensors that it was made of. */
  readonly devices: readonly string[];
  /** Null where no network completed anything. */
  readonly model: { readonly id: string; readonly version: string } | null;
  /** Of the first frame. */
  readonly startUs: number;
  readonly rateHz: number;
  /** Frame by frame, segment by segment: w x y z from the segment to the world, y up. */
  readonly rotations: readonly number[];
  /** A frame a word, a segment a digit: 0 unknown (its rotation means nothing), 1 measured, 2 completed. */
  readonly states: readonly string[];
}

/** Channels that the page draws. */
export const drawnKinds: ReadonlySet<ChannelKind> = new Set(["ecg", "ppg", "acc"]);

/** What a listener wants beside what everybody gets. */
export interface LiveWants {
  /** Samples of channels of these kinds. */
  readonly channelKinds: ReadonlySet<ChannelKind>;
  readonly results: boolean;
  readonly poses?: boolean;
}

/** One message of the live stream (SSE event name = kind). */
export type LiveMessage =
  | {
      readonly kind: "samples";
      readonly person?: string;
      readonly device: string;
      readonly stream: string;
      readonly channel: string;
      readonly channelKind: ChannelKind;
      readonly unit: string;
      readonly startUs: number;
      readonly rateHz: number;
      /** Physical values; null = no sample. */
      readonly values: readonly (number | null)[];
    }
  | {
      readonly kind: "quality";
      readonly person: string;
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly level: "good" | "poor" | "bad" | "unknown";
      readonly contact: "on" | "off" | "unknown";
    }
  /** A beat with its first class, half a second after R; the event of the same beat follows with the final one. */
  | {
      readonly kind: "beat";
      readonly person: string;
      readonly device: string;
      readonly stream: string;
      readonly timeUs: number;
      readonly label: BeatLabel;
    }
  | { readonly kind: "event"; readonly person: string; readonly event: PersonEvent }
  | LiveResult
  | LivePose
  | {
      readonly kind: "alert";
      readonly alert: AlertRecord;
      /** What changed, as in the audit; absent where only the outcome is known. */
      readonly why?: string;
      /** The number by which whoever comes back goes on from here, see alert-log.ts. */
      readonly id?: string;
    }
  | { readonly kind: "device"; readonly device: DeviceView }
  | { readonly kind: "status"; readonly status: StatusView };

interface VerbOutcome {
  readonly alert: AlertRecord;
  /** True when somebody had done it before: "already done by X at T". */
  readonly already: boolean;
}

export interface DemoAction {
  readonly id: string;
  readonly title: string;
  readonly explains: string;
  /** The same in an expert's words, where there is more to say. */
  readonly expert: string | null;
  /** True while it is in effect (a pulled strap, a cut line). */
  readonly active: boolean;
}

export interface GatewayView {
  status(): StatusView;
  people(): PersonView[];
  devices(): DeviceView[];
  streams(): StreamView[];
  models(): readonly ModelInfo[];
  /** Watches the device for so long. Throws `registry.unknown`, `device.busy`. */
  probe(device: string, seconds: number): Promise<ProbeView>;
  wearings(): Promise<Wearing[]>;
  /** What the household may change while the house runs. */
  readonly setup: Setup;
  alerts(query: AlertQuery): Promise<{ alerts: AlertRecord[]; cursor?: string }>;
  alert(id: string): Promise<AlertRecord | undefined>;
  /** False while the disk refuses the alert's newest record: it is held in memory and stored when there is room. */
  isStored(alert: string): boolean;
  /** Throws GatewayError `alert.unknown`, `alert.not_allowed`, `alert.bad_request`. `minutes` for acknowledge and snooze; `reason` for close. */
  act(id: string, verb: Verb, caller: Caller, options: { minutes?: number; reason?: string }): Promise<VerbOutcome>;
  /** Conditions that other programs of the home raise. */
  readonly outside: Outside;
  readonly help: Help;
  /** What of a person leaves the house. */
  readonly consent: ConsentDesk;
  /** Who is at home, away or paused. */
  readonly presence: PresencePort;
  /** Samples over HTTP. */
  readonly streamsIn: StreamsIn;
  /** How devices reach the broker. */
  reach(): Reach;
  outbox(): Promise<OutboxFigures>;
  strip(person: string, fromUs: number, toUs: number): Promise<StripView>;
  /** The channel that the alert was read from, 15 s on either side. Throws `alert.unknown`. */
  alertStrip(id: string): Promise<StripView>;
  coverage(person: string, fromUs: number, toUs: number): Promise<Record<string, number>>;
  /** Without `wants`: samples of the kinds that the page draws, and no results. */
  live(listener: (message: LiveMessage) => void, wants?: LiveWants): () => void;
  /** The number of now, and what changed of alerts since an earlier one; undefined where that is too long ago or not known here. */
  alertsNow(): string;
  alertsAfter(id: string): Promise<readonly Extract<LiveMessage, { kind: "alert" }>[] | undefined>;
  /** Prometheus text. */
  metrics(): string;
  /** Demo only; empty in real mode. */
  demoActions(): DemoAction[];
  demoAct(id: string, upload?: { name: string; bytes: Uint8Array }[]): Promise<void>;
}
