/** How much of a payload for the twin may leave the house under the consents of those whom it tells of. Pure; what may not is taken out, never rewritten. */

import type { PersonEvent, VitalEvent } from "../../device-drivers/contract/event.ts";
import { modeNeeded } from "../semantic/mode.ts";
import type { EventsPayload } from "../semantic/payloads/events.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import type { PosePayload } from "../semantic/payloads/pose.ts";
import type { WindowPayload } from "../semantic/payloads/window.ts";
import { allowedFromUs, allowsAnything, type Consent, everyAllowedFromUs } from "./consent.ts";

/** Undefined of somebody who has given none: nothing of them leaves. */
export type ConsentOf = (person: string) => Consent | undefined;

/** @param house stands for the house itself in rows, which belongs to nobody. @returns the same object where all of it may leave, undefined where nothing may. */
export function mayLeave(payload: TwinPayload, consentOf: ConsentOf, house: string): TwinPayload | undefined {
  switch (payload.kind) {
    case "leave":
    case "renamed":
      // They ask for less to be kept, whatever was allowed.
      return payload;
    case "heartbeat": {
      const isTold = (person: string | undefined) => {
        const consent = person === undefined ? undefined : consentOf(person);
        return person === undefined || (consent !== undefined && allowsAnything(consent));
      };
      const people = payload.people.filter(({ id }) => isTold(id));
      const devices = payload.devices.filter(({ person }) => isTold(person));
      const isWhole = people.length === payload.people.length && devices.length === payload.devices.length;
      return isWhole ? payload : { ...payload, people, devices };
    }
    case "alert": {
      const { person, lastSeenUs, raisedUs, endedUs = 0 } = payload.alert;
      if (person === house) return payload;
      return isFrom(consentOf(person)?.alertsFromUs, Math.max(raisedUs, lastSeenUs, endedUs)) ? payload : undefined;
    }
    case "acted":
      return payload.person === house || isFrom(consentOf(payload.person)?.alertsFromUs, payload.timeUs) ? payload : undefined;
    case "events":
      return eventsThatMayLeave(payload, consentOf(payload.person));
    case "window":
      return windowThatMayLeave(payload, consentOf(payload.person));
    case "pose":
      return poseMayLeave(payload, consentOf(payload.person)) ? payload : undefined;
    default:
      return recordingMayLeave(payload, consentOf(payload.person)) ? payload : undefined;
  }
}

function isFrom(allowedUs: number | undefined, timeUs: number): boolean {
  return allowedUs !== undefined && timeUs >= allowedUs;
}

/** Samples in whatever form: all of one payload or nothing, by its first sample. */
function recordingMayLeave(
  payload: Exclude<TwinPayload, { kind: "leave" | "renamed" | "heartbeat" | "alert" | "acted" | "events" | "window" | "pose" }>,
  consent?: Consent,
): boolean {
  if (consent === undefined) return false;
  const isRoundAlert = payload.kind === "strip" && payload.alertIds.length > 0;
  const allowedUs = isRoundAlert ? consent.stripsFromUs : allowedFromUs(consent, payload.stream, modeNeeded(payload));
  return isFrom(allowedUs, payload.startUs);
}

/** It was made of several streams: each of them must allow it. */
function poseMayLeave(payload: PosePayload, consent?: Consent): boolean {
  const mode = modeNeeded(payload);
  return consent !== undefined && payload.about.every(({ stream }) => isFrom(allowedFromUs(consent, stream, mode), payload.startUs));
}

/** Its events and each of its waveforms by themselves: events that are left alone go as events. */
function windowThatMayLeave(payload: WindowPayload, consent: Consent | undefined): WindowPayload | EventsPayload | undefined {
  const waveforms = payload.waveforms.filter((waveform) => recordingMayLeave(waveform, consent));
  const events = eventsThatMayLeave(payload.events, consent);
  if (waveforms.length === 0) return events;
  if (events === payload.events && waveforms.length === payload.waveforms.length) return payload;
  const none = { beats: [], rhythms: [], vitals: [], gaps: [], watched: [] };
  return { ...payload, events: events ?? { ...payload.events, ...none }, waveforms };
}

function eventsThatMayLeave(payload: EventsPayload, consent: Consent | undefined): EventsPayload | undefined {
  if (consent === undefined) return undefined;
  const derivedUs = everyAllowedFromUs(consent, "event");
  const ofStream = (stream: string, timeUs: number) => isFrom(allowedFromUs(consent, stream, "event"), timeUs);
  const ofVital = ({ stream, timeUs }: VitalEvent) => (stream === undefined ? isFrom(derivedUs, timeUs) : ofStream(stream, timeUs));
  const left = {
    beats: payload.beats.filter(({ stream, timeUs }) => ofStream(stream, timeUs)),
    rhythms: payload.rhythms.filter(({ stream, timeUs }) => ofStream(stream, timeUs)),
    vitals: payload.vitals.filter(ofVital),
    gaps: payload.gaps.filter(({ stream, fromUs }) => ofStream(stream, fromUs)),
    watched: payload.watched.filter(({ fromUs }) => isFrom(derivedUs, fromUs)),
  };
  const count = (of: Record<keyof typeof left, readonly PersonEvent[]>) => Object.values(of).reduce((sum, { length }) => sum + length, 0);
  const { beats, rhythms, vitals, gaps, watched } = payload;
  const whole = count({ beats, rhythms, vitals, gaps, watched });
  if (count(left) === 0 && whole > 0) return undefined;
  return count(left) === whole ? payload : { ...payload, ...left };
}
