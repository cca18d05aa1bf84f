/** What is known of people's vital signs now, as one reading each, and which of them are news. Pure. */

import type { Person } from "../../client/wire.ts";
import type { Settings } from "../../node-red/host.ts";
import { wordsOf } from "../settings.ts";

interface Reading {
  readonly person: string;
  readonly person_name: string;
  /** hr, spo2, temp, resp … */
  readonly code: string;
  /** Null = not known now; never an old number. */
  readonly value: number | null;
  readonly unit: string;
  /** Of the signal that it comes from. */
  readonly quality: string;
  /** Seconds since it was measured; null where nothing was. */
  readonly age_s: number | null;
  /** The device that measured it itself; null where the gateway found it in a signal. */
  readonly device: string | null;
  /** Why the device has no value: absent or implausible. */
  readonly without: string | null;
}

/** `nowMs` is the gateway's time. */
export function readingsOf(person: Person, nowMs: number): Reading[] {
  const whose = { person: person.id, person_name: person.name };
  // Of the sensor that the heart rate is from: it may be another than the ECG whose quality is the person's.
  const quality = person.heart_rate_source?.quality ?? person.quality;
  const own: Reading = {
    ...whose,
    ...{ code: "hr", value: person.heart_rate_bpm, unit: "/min", quality, age_s: person.heart_rate_age_s },
    ...{ device: null, without: null },
  };
  const measured = person.vitals.map(({ code, device, unit, value, without, at, fresh_until }): Reading => {
    const isFresh = Date.parse(fresh_until) >= nowMs;
    const ageS = Math.max(0, (nowMs - Date.parse(at)) / 1000);
    const quality = value === null ? "bad" : isFresh ? "good" : "unknown";
    return { ...whose, code, value: isFresh ? value : null, unit, quality, age_s: ageS, device, without };
  });
  return [own, ...measured];
}

interface VitalChoice {
  readonly persons: readonly string[];
  /** Empty = all. */
  readonly codes: readonly string[];
  /** Sent when it differs by so much, or when it becomes known, unknown or of another quality; undefined = sent at every look. */
  readonly step: number | undefined;
  readonly everyS: number;
}

/** `mode` is "change" (with `step`) or "interval" (with `everyS`). */
export function vitalChoice(settings: Settings): VitalChoice {
  const isOnChange = settings.mode !== "interval";
  return {
    persons: wordsOf(settings.persons),
    codes: wordsOf(settings.codes),
    step: isOnChange ? positive(settings.step, 1) : undefined,
    everyS: isOnChange ? 1 : Math.min(3600, Math.max(1, positive(settings.everyS, 10))),
  };
}

function positive(typed: unknown, usual: number): number {
  const number = Number(typed);
  return Number.isFinite(number) && number > 0 ? number : usual;
}

/** Keeps what was sent last and says which readings are to be sent now. */
export function createNews({ persons, codes, step }: VitalChoice): (readings: readonly Reading[]) => Reading[] {
  const last = new Map<string, Reading>();
  const isNews = (reading: Reading) => {
    const key = `${reading.person}/${reading.code}/${reading.device ?? ""}`;
    const before = last.get(key);
    const isSame =
      step !== undefined &&
      before !== undefined &&
      before.quality === reading.quality &&
      (before.value === null || reading.value === null ? before.value === reading.value : Math.abs(before.value - reading.value) < step);
    if (!isSame) last.set(key, reading);
    return !isSame;
  };
  const isWanted = ({ person, code }: Reading) =>
    (persons.length === 0 || persons.includes(person)) && (codes.length === 0 || codes.includes(code));
  return (readings) => {
    const wanted = readings.filter(isWanted);
    // Who has left and what is gone is forgotten.
    const present = new Set(wanted.map(({ person, code, device }) => `${person}/${code}/${device ?? ""}`));
    for (const key of last.keys()) if (!present.has(key)) last.delete(key);
    return wanted.filter(isNews);
  };
}
