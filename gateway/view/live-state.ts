/** What the house sees right now: streams, vitals, watched time, and the live messages made of them. Derived; nothing decides by it. */

import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { AlertChange } from "../alert/core.ts";
import { useWords } from "../alert/device-words.ts";
import { beatOf } from "../facts/beat.ts";
import type { Body } from "../facts/body.ts";
import type { Fact } from "../facts/fact.ts";
import type { HeartRateFact } from "../facts/heart-rate.ts";
import type { Learning } from "../facts/learning.ts";
import { type VitalNumber, vitalOf } from "../facts/pulse.ts";
import type { OpenSpans } from "../rules/watched-spans.ts";
import type { Placed, PlacedBlock } from "../stream/reorder.ts";
import { usesOf } from "../stream/use.ts";
import type { AlertLog } from "./alert-log.ts";
import { createLearningNow } from "./learning-now.ts";
import { createLiveReaders } from "./live-readers.ts";
import { createMovementNow } from "./movement-now.ts";
import { poseMessage } from "./pose-message.ts";
import { resultMessage } from "./result-messages.ts";
import { sampleMessages } from "./sample-messages.ts";
import type { LiveMessage, LiveWants, MovementView, StreamView, VitalView } from "./view-port.ts";

interface PersonNow {
  readonly heartRate?: HeartRateFact;
  readonly quality: StreamView["quality"];
  readonly vitals: readonly VitalView[];
  /** What is being learnt of this person, or was, as far as signal has come since the process started. */
  readonly learning: readonly Learning[];
  readonly movement?: MovementView;
  /** Since the process started, to this moment. */
  readonly watchedS: Readonly<Record<string, number>>;
}

export interface LiveState {
  placed(person: string, descriptor: StreamDescriptor, placed: Placed): void;
  fact(person: string, input: Fact, watching: OpenSpans): void;
  /** The next stretch of a person's body. */
  body(person: string, body: Body): void;
  /** As the rules know it. */
  heartRate(person: string, known: HeartRateFact | undefined): void;
  events(person: string, events: readonly PersonEvent[]): void;
  alerts(changes: readonly AlertChange[]): void;
  publish(message: LiveMessage): void;
  live(listener: (message: LiveMessage) => void, wants?: LiveWants): () => void;
  streams(): StreamView[];
  person(id: string): PersonNow;
  /** The axis begins anew here: what was watched counts from now on. */
  axisMoved(nowUs: number): void;
  /** The device whose ECG this person wears now. */
  ecgDeviceOf(person: string): string | undefined;
  /** Newest sample of a device on the axis. */
  lastSampleUs(device: string): number | undefined;
  /** Newest sample of a device that has a value and is worn. */
  lastUsableUs(device: string): number | undefined;
  /** Seconds between onset and telling of the newest alert. */
  readonly onsetToAlertS: number | undefined;
  readonly alertLog: AlertLog;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @param recorded ids of models whose results come as events of the record. */
export function createLiveState(started: number, alertLog: AlertLog, recorded: ReadonlySet<string> = new Set()): LiveState {
  let startedUs = started;
  const readers = createLiveReaders();
  const { publish } = readers;
  const streams = new Map<string, Writable<StreamView>>();
  const kinds = new Map<string, string>();
  const vitals = new Map<string, VitalView & { readonly person: string }>();
  const heartRates = new Map<string, HeartRateFact>();
  const learnt = createLearningNow();
  const movements = createMovementNow();
  const toldS = new Map<string, Record<string, number>>();
  const watchingByPerson = new Map<string, OpenSpans>();
  let onsetToAlertS: number | undefined;

  const addSpan = (sums: Record<string, number>, rule: string, { fromUs, toUs }: { fromUs: number; toUs: number }) => {
    sums[rule] = (sums[rule] ?? 0) + Math.max(0, toUs - Math.max(fromUs, startedUs)) / 1e6;
  };

  const watchedS = (person: string) => {
    const sums = { ...toldS.get(person) };
    for (const [rule, span] of watchingByPerson.get(person) ?? []) addSpan(sums, rule, span);
    return sums;
  };

  const streamOf = (person: string, descriptor: StreamDescriptor) => {
    const key = `${descriptor.device}/${descriptor.stream}`;
    const known = streams.get(key);
    if (known !== undefined && known.rateHz === descriptor.rateHz && known.channels.length === descriptor.channels.length) return known;
    const opened = openedStream(person, descriptor, known);
    streams.set(key, opened);
    kinds.set(key, descriptor.channels[0]?.kind ?? "other");
    return opened;
  };

  const vital = (person: string, input: VitalNumber) => {
    const { device, stream, code, without, by } = input;
    const key = `${device}/${stream}/${code}`;
    if (isOutranked(by, vitals.get(key))) return;
    vitals.set(key, { ...input, person });
    const view = streams.get(`${device}/${stream}`);
    if (by === undefined && view !== undefined && without !== undefined && without !== "unsure")
      view.noValueTotal = { ...view.noValueTotal, [without]: view.noValueTotal[without] + 1 };
  };

  const newestOf = (device: string, timeOf: (view: StreamView) => number | undefined) => {
    const times = [...streams.values()].flatMap((view) => (view.device === device ? (timeOf(view) ?? []) : []));
    return times.length === 0 ? undefined : Math.max(...times);
  };

  return {
    placed(person, descriptor, placed) {
      const view = streamOf(person, descriptor);
      view.person = person;
      if (placed.kind === "gap") view.gapSecondsTotal += placed.count / descriptor.rateHz;
      else {
        view.samplesTotal += placed.count;
        view.lastSampleUs = placed.startUs + Math.round((placed.count * 1e6) / descriptor.rateHz);
        const usable = newestUsable(placed);
        if (usable >= 0) view.lastUsableUs = placed.startUs + Math.round(((usable + 1) * 1e6) / descriptor.rateHz);
      }
      // A gap longer than a screen is told by the jump of time; it is not sent point by point.
      if (placed.count < 30 * descriptor.rateHz)
        for (const message of sampleMessages(person, descriptor, placed, readers.channelKinds())) publish(message);
    },
    fact(person, input, watching) {
      watchingByPerson.set(person, watching);
      const result = readers.wantResults() ? resultMessage(person, input, recorded) : undefined;
      if (result !== undefined) publish(result);
      const beat = beatOf(input);
      if (beat?.pass === "first") {
        const { device, stream, timeUs, label } = beat;
        return publish({ kind: "beat", person, device, stream, timeUs, label: label === "unknown" ? "Q" : label });
      }
      const number = vitalOf(input);
      if (number !== undefined) return vital(person, number);
      if (input.kind === "movement") return movements.note(person, input);
      if (input.kind === "unusual") return learnt.note(person, input.learning);
      if (input.kind !== "quality") return;
      const key = `${input.device}/${input.stream}`;
      const { device, stream, timeUs, contact } = input;
      // An even line without beats is not shown as good, nor is an ECG in which nobody looks for beats.
      const isJudged = kinds.get(key) !== "ecg" || input.beatless === false;
      const level = input.level === "good" && !isJudged ? "unknown" : input.level;
      const view = streams.get(key);
      if (view === undefined || (view.quality === level && view.contact === contact)) return;
      view.quality = level;
      view.contact = contact;
      publish({ kind: "quality", person, device, stream, timeUs, level, contact });
    },
    body(person, body) {
      movements.body(person, body);
      if (readers.wantPoses()) publish(poseMessage(person, body));
    },
    heartRate(person, known) {
      if (known !== undefined) heartRates.set(person, known);
    },
    events(person, events) {
      for (const event of events) {
        if (event.kind === "watched") {
          const sums = toldS.get(person) ?? {};
          addSpan(sums, event.rule, event);
          toldS.set(person, sums);
        } else publish({ kind: "event", person, event });
      }
    },
    alerts(changes) {
      for (const { alert, why } of changes) {
        if (alert.kind === "physiological" && alert.count === 1) onsetToAlertS = (alert.raisedUs - alert.onsetUs) / 1e6;
        publish(alertLog.add(alert, why));
      }
    },
    ...{ publish, alertLog },
    axisMoved(nowUs) {
      startedUs = nowUs;
      toldS.clear();
      watchingByPerson.clear();
      streams.clear();
      heartRates.clear();
      movements.clear();
    },
    live: readers.add,
    streams: () => [...streams.values()],
    person(id) {
      const ecg = [...streams].filter(([key, view]) => view.person === id && kinds.get(key) === "ecg");
      const quality = (["good", "poor", "bad"] as const).find((level) => ecg.some(([, view]) => view.quality === level)) ?? "unknown";
      const heartRate = heartRates.get(id);
      const own = [...vitals.values()].filter(({ person }) => person === id);
      const shown = own.map(({ person: _, ...each }) => each);
      const known = { ...(heartRate === undefined ? {} : { heartRate }), ...movements.of(id) };
      return { ...known, quality, vitals: shown, learning: learnt.of(id), watchedS: watchedS(id) };
    },
    ecgDeviceOf: (person) =>
      [...streams.values()].find((view) => view.person === person && view.channels.some(({ kind }) => kind === "ecg"))?.device,
    lastSampleUs: (device) => newestOf(device, (view) => view.lastSampleUs),
    lastUsableUs: (device) => newestOf(device, (view) => view.lastUsableUs),
    get onsetToAlertS() {
      return onsetToAlertS;
    },
  };
}

const unusable = Flag.absent | Flag.leadOff | Flag.notWorn | Flag.synthetic | Flag.imputed;

/** Index of the newest sample that any rule could believe; −1 where there is none. */
function newestUsable({ count, channels, flags }: PlacedBlock): number {
  for (let i = count - 1; i >= 0; i--) {
    const isHidden = ((flags?.[i] ?? 0) & unusable) !== 0;
    if (!isHidden && channels.some((samples) => !Number.isNaN(samples[i] ?? Number.NaN))) return i;
  }
  return -1;
}

/** A device's own number stands before what is read of its light. */
function isOutranked(by: VitalNumber["by"], known: VitalView | undefined): boolean {
  return by !== undefined && known !== undefined && known.by === undefined;
}

/** What was counted of it under another descriptor goes on. */
function openedStream(person: string, descriptor: StreamDescriptor, known: StreamView | undefined): Writable<StreamView> {
  const { device, stream, rateHz, channels } = descriptor;
  return {
    ...{ device, stream, person, rateHz, quality: "unknown", contact: "unknown" },
    channels: channels.map(({ id, kind, unit, lead }) => ({ id, kind, unit, ...(lead === undefined ? {} : { lead }) })),
    samplesTotal: known?.samplesTotal ?? 0,
    gapSecondsTotal: known?.gapSecondsTotal ?? 0,
    uses: usesOf(descriptor).map((use) => ({ ...use, text: useWords(use) })),
    noValueTotal: known?.noValueTotal ?? { absent: 0, implausible: 0 },
  };
}
