/** Days of a person that need all families and all that they remember, and the pieces of which a random day is made. */

import type { VitalCode } from "../../../device-drivers/contract/event.ts";
import { defaultProfile } from "../index.ts";
import type { RuleProfile } from "../rule.ts";
import { numbersOf, pulseOf, scenario, us } from "./scenario.ts";

/** Every limit of their own is set. */
export const profile: RuleProfile = {
  ...{ ...defaultProfile, hrLimitHighBpm: 120, hrLimitLowBpm: 45, spo2LimitLowPct: 90 },
  ...{ tempLimitHighCel: 38, tempLimitLowCel: 35, respLimitHighPerMin: 25, respLimitLowPerMin: 8 },
};

type Scenario = ReturnType<typeof scenario>;
const none = { contact: "unknown", contactMeasured: "none" } as const;
const off = { level: "bad", contact: "off" } as const;
const poor = { level: "poor", noisy: true } as const;

/** Numbers of a clip, one every two seconds. */
function numbers(on: Scenario, code: VitalCode, fromS: number, values: readonly (number | undefined)[]): Scenario {
  values.forEach((value, i) => {
    const timeUs = us(fromS + 2 * i);
    const given = value === undefined ? { without: "absent" as const } : { value };
    const of = { device: "strap", stream: `clip-${code}`, code, timeUs, unit: "u", freshUs: timeUs + 10_000_000 };
    on.items.push({ atUs: timeUs, rank: 1, input: { kind: "vital", ...of, ...given } });
  });
  return on;
}
const times = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);

/** Faults of the time, at their seconds. */
function timing(on: Scenario, facts: readonly (readonly [atS: number, fault: "clock" | "index" | "rate", rateHz?: number])[]): Scenario {
  for (const [atS, fault, rateHz = 250] of facts) {
    const base = { kind: "timing", device: "strap", stream: "ecg", timeUs: us(atS) } as const;
    on.items.push({ atUs: us(atS), rank: 1, input: fault === "rate" ? { ...base, fault, rateHz, nominalHz: 250 } : { ...base, fault } });
  }
  return on;
}

/** A pleth whose pulses follow beats. */
export function pulses(on: Scenario, fromS: number, toS: number, rrS: number, amplitude = 100): Scenario {
  for (let i = 0; fromS + i * rrS < toS; i++) on.life(fromS + i * rrS, "pulse", { amplitude });
  return on;
}

export interface Day {
  readonly untilS: number;
  /** Rules that begin in it. */
  readonly tells: readonly string[];
  /** A restart before every so-many-th fact, where the day is long. */
  readonly everyth?: number;
  make(strap: Scenario): Scenario;
}

/** Each needs what other families and other moments have left in the state. */
export const days: Readonly<Record<string, Day>> = {
  "beats unlike the usual ones, and a strap that is put on upside down behind them": {
    ...{ untilS: 620, tells: ["anomaly.morphology", "device.seat"], everyth: 7 },
    make: (strap) =>
      strap
        .signal(0, 440)
        .shapes(0.4, 60, 0.5)
        .shapes(60.4, 70, 0.999)
        .shapes(70.4, 440, 0.5)
        .gap(440, 480)
        .signal(480, 620)
        .shapes(480.4, 540, 0.999, { likeness: -0.9 })
        .shapes(540.4, 620, 0.4),
  },
  "a finger sensor that goes on where the strap has lost the skin: fast, without rhythm, with a pause, and another number than a watch": {
    ...{ untilS: 460, tells: ["hr.limit-high", "hr.high", "pulse.irregular", "pulse.pause", "device.disagree"], everyth: 11 },
    make: (strap) =>
      strap
        .signal(0, 60)
        .beats(0.5, 60, 60 / 170)
        .signal(60, 460, off)
        .with(pulseOf("finger", 0, 180, 60 / 170))
        .with(pulseOf("finger", 180, 200, [0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 3.2, 0.8]))
        .with(pulseOf("finger", 200, 380, [0.5, 0.93, 0.61, 1.07, 0.72, 0.55, 1.02, 0.83, 0.66, 1.15, 0.58, 0.97, 0.78]))
        .with(numbersOf("watch", 210, 330, 120))
        .with(pulseOf("finger", 380, 460, 0.8)),
  },
  "a VT that covers a high rate, which goes on behind it": {
    ...{ untilS: 260, tells: ["rhythm.vt", "hr.high", "hr.limit-high"] },
    make: (strap) => strap.signal(0, 260).beats(0.5, 30, 0.8).beats(30, 150, 0.36, "V").beats(150, 260, 0.36),
  },
  "short runs, couplets, pauses and beats without a class": {
    ...{ untilS: 120, tells: ["rhythm.vt-run", "rhythm.pause"] },
    make: (strap) =>
      strap
        .signal(0, 120)
        .beats(0.5, 20, 0.8)
        .row(20.4, 0.5, "NNVVVNNVVNVVVVN?VV?N")
        .beats(34, 40, 0.8)
        .beats(43.6, 60, 0.8)
        .row(60.3, 0.45, "NVV?VVVVFVVVNNN")
        .beats(70, 120, 0.8),
  },
  "an arrest, its end, and another one that contact explains": {
    ...{ untilS: 160, tells: ["rhythm.asystole", "device.lead-off"] },
    make: (strap) => strap.signal(0, 90).beats(0.5, 30, 0.8).beats(50, 90, 0.8).signal(90, 130, off).signal(130, 160).beats(131, 160, 0.8),
  },
  "a silence without measured contact, a look for removal, movement and life": {
    ...{ untilS: 260, tells: ["rhythm.no-signal", "signal.quality"] },
    make: (strap) =>
      strap
        .signal(0, 30, none)
        .beats(0.5, 30, 0.8)
        .life(15, "movement")
        .life(35, "movement")
        .signal(30, 200, { ...none, beatless: true })
        .signal(200, 201, { ...none, removal: true })
        .signal(201, 230, none)
        .signal(230, 260, none)
        .beats(205, 230, 0.8),
  },
  "a pleth that has earned belief speaks against an arrest until it pauses": {
    ...{ untilS: 160, tells: ["rhythm.asystole"] },
    make: (strap) => pulses(strap.signal(0, 160).beats(0.5, 80, 0.8), 0.75, 110, 0.8),
  },
  "a lead that is off for longer than a quarter of an hour": {
    ...{ untilS: 1000, tells: ["device.lead-off"], everyth: 5 },
    make: (strap) => strap.signal(0, 20).beats(0.5, 20, 0.8).signal(20, 960, off).signal(960, 1000),
  },
  "poor signal, a hole, and a strap that shows no beats": {
    ...{ untilS: 560, tells: ["signal.quality"] },
    make: (strap) => strap.signal(0, 20).beats(0.5, 20, 0.8).signal(20, 340, poor).gap(340, 350).signal(350, 480, { ...poor, beatless: true }).signal(480, 560),
  },
  "rates by beats and by a device's own number are one condition": {
    ...{ untilS: 200, tells: ["hr.limit-high", "hr.limit-low"] },
    make: (strap) =>
      numbers(strap.signal(0, 200).beats(0.5, 20, 0.8).beats(20, 60, 0.45).beats(60, 120, 0.8).beats(121, 200, 1.6), "hr", 10, [
        ...times(75, 10),
        ...times(130, 30),
        ...times(75, 20),
        ...times(undefined, 5),
        ...times(40, 25),
      ]),
  },
  "numbers beyond the person's own limits, with and without values": {
    ...{ untilS: 260, tells: ["spo2.low", "temp.limit-high", "resp.limit-low"] },
    make(strap) {
      numbers(strap, "spo2", 1, [...times(95, 10), ...times(86, 20), 84, 80, ...times(85, 5), undefined, ...times(88, 10), ...times(97, 40)]);
      numbers(strap, "temp", 1.5, [...times(37, 5), ...times(39, 60), ...times(37, 40)]);
      return numbers(strap, "resp", 2, [...times(14, 5), ...times(5, 40), ...times(14, 40)]);
    },
  },
  "faults of clock, numbers and rate, some of which come back": {
    ...{ untilS: 320, tells: ["device.clock", "device.index", "device.rate"] },
    make: (strap) =>
      timing(strap.signal(0, 320).beats(0.5, 320, 0.8), [
        [10, "clock"],
        [30, "index"],
        [60, "index"],
        [80, "rate", 200],
        [100, "clock"],
        [140, "rate", 190],
        [200, "rate", 250],
      ]),
  },
};

export const pieces = [
  ...["sinus", "fast", "slow", "runs", "vt", "pause", "arrest", "poor", "off", "gap", "silence", "unmeasured", "removal"],
  ...["low-spo2", "high-number", "rate", "clock", "index", "pleth"],
] as const;

/** 13 s of one kind from `s` on. */
export function piece(strap: Scenario, kind: string, s: number): void {
  const quality = { poor, off, unmeasured: none, removal: { ...none, removal: true } }[kind] ?? {};
  if (kind === "gap") strap.gap(s, s + 13);
  else if (kind !== "silence") strap.signal(s, s + 13, quality);
  const rrS = { fast: 0.38, slow: 1.7, vt: 0.4, runs: 0.5, arrest: 0, gap: 0, silence: 0, pause: 0, unmeasured: 0 }[kind] ?? 0.8;
  if (kind === "vt") strap.row(s + 0.3, rrS, "NVVVVVVFVVN?VVVVVNNNNVVVVVVN");
  else if (kind === "runs") strap.row(s + 0.3, rrS, "NNVVVNNVVFVNNNVVVN");
  else if (kind === "pause") strap.row(s + 0.3, 0.8, "NNN").beats(s + 5.5, s + 13, 0.8);
  else if (rrS > 0) strap.beats(s + 0.3, s + 13, rrS);
  if (kind === "pleth") pulses(strap, s + 0.55, s + 13, 0.8);
  if (kind === "removal") strap.life(s + 2, "movement");
  if (kind === "low-spo2") numbers(strap, "spo2", s, times(85, 6));
  if (kind === "high-number") numbers(strap, "hr", s, times(130, 6));
  if (kind === "rate") timing(strap, [[s + 3, "rate", 200]]);
  if (kind === "clock" || kind === "index") timing(strap, [[s + 3, kind]]);
}

