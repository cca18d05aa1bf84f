/** What an ECG without beats comes to, alone and beside a pleth: a person's whole river without models, on signals that are cut together from a real recording. */

import { expect, test } from "vitest";
import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { normalAt, uniformAt } from "../../firmware-sim/signal/noise.ts";
import type { Fact } from "../../gateway/facts/fact.ts";
import { createPerson } from "../../gateway/pipeline/person.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import type { RuleDecision } from "../../gateway/rules/rule.ts";

const excerpt = await loadExcerpt("bidmc-23");
const rateHz = excerpt.rateHz;
const startUs = 1_700_000_000_000_000;
const channelOf = (lead: string) => {
  const found = excerpt.channels.find((each) => each.lead === lead);
  if (found === undefined) throw new Error(`no ${lead}`);
  return found;
};
const [leadII, pleth] = [channelOf("II"), channelOf("PLETH")];
const length = leadII.samples.length;
const sorted = [...pleth.samples].sort((a, b) => a - b);
const swing = (sorted[Math.floor(0.95 * length)] ?? 0) - (sorted[Math.floor(0.05 * length)] ?? 0);

/** The signal at a time; the excerpt is played in a loop. */
type Signal = (s: number) => number;
const ecg: Signal = (s) => (leadII.samples[Math.round(s * rateHz) % length] ?? 0) * leadII.scale + leadII.offset;
const pulse: Signal = (s) => {
  const place = (s * rateHz) % length;
  const from = Math.floor(place);
  return (pleth.samples[from] ?? 0) * (1 - place + from) + (pleth.samples[(from + 1) % length] ?? 0) * (place - from);
};
const noise =
  (seed: number, count: number): Signal =>
  (s) =>
    Math.round(1.5 * (2 * uniformAt(seed, Math.round(s * 1000)) - 1)) * count;
const until =
  (endS: number, first: Signal, then: Signal): Signal =>
  (s) =>
    s < endS ? first(s) : then(s);
const lsbMv = 0.005;
const flatEcg =
  (seed = 1): Signal =>
  (s) =>
    lsbMv * Math.round(0.4 * normalAt(seed, Math.round(s * 1000)));

interface Stream {
  readonly signal: Signal;
  readonly kind: "ecg" | "ppg";
  readonly rateHz?: number;
  readonly contact?: StreamDescriptor["contact"];
  readonly range?: readonly [number, number];
}

interface Heard {
  readonly told: readonly string[];
  readonly quality: readonly (Fact & { kind: "quality" })[];
  readonly watchedS: (rule: string) => number;
}

/** Lives `seconds` of signal in blocks of half a second, and says what was told of hearts and sensors, at which second. */
function live(seconds: number, streams: Readonly<Record<string, Stream>>): Heard {
  const decisions: RuleDecision[] = [];
  const quality: (Fact & { kind: "quality" })[] = [];
  const person = createPerson({
    profile: defaultProfile,
    models: [],
    versions: {},
    submit: () => {},
    onSettled({ input, decisions: decided }) {
      decisions.push(...decided);
      if (input.kind === "quality" && input.stream.startsWith("ecg")) quality.push(input);
    },
  });
  const opened = Object.entries(streams).map(([stream, { kind, signal, contact = "measured", range, ...of }]) => {
    const channel = { id: stream, kind, unit: kind === "ecg" ? "mV" : "1", scale: 1, offset: 0, ...(range === undefined ? {} : { range }) };
    const descriptor: StreamDescriptor = {
      device: stream,
      stream,
      rateHz: of.rateHz ?? rateHz,
      channels: [channel],
      sentinels: [],
      contact,
    };
    return { descriptor, signal, sent: 0 };
  });
  for (let endS = 0.5; endS <= seconds; endS += 0.5)
    for (const each of opened) {
      const end = Math.round(endS * each.descriptor.rateHz);
      person.push(blockOf(each.descriptor, each.signal, each.sent, end));
      each.sent = end;
    }
  person.end();
  const s = (timeUs: number) => Math.round((timeUs - startUs) / 1e6);
  return {
    told: decisions.flatMap((each) => {
      if (each.kind === "begin" && each.inhibitedBy === undefined && each.rule !== "rhythm.pause")
        return [`${each.rule} ${each.priority} ${s(each.timeUs)}`];
      return each.kind === "update" && each.priority !== undefined ? [`${each.rule} ${each.priority} ${s(each.timeUs)}`] : [];
    }),
    quality,
    watchedS: (rule) =>
      decisions.reduce((sum, each) => sum + (each.kind === "watched" && each.rule === rule ? (each.toUs - each.fromUs) / 1e6 : 0), 0),
  };
}

function blockOf(descriptor: StreamDescriptor, signal: Signal, from: number, to: number): SampleBlock {
  const timeUs = startUs + Math.round((to * 1e6) / descriptor.rateHz);
  return {
    ...{ kind: "samples", descriptor, bootId: "boot", firstIndex: from, count: to - from, deviceClock: 1 },
    deviceTimeUs: Math.round((from * 1e6) / descriptor.rateHz),
    stamps: { timeUs, monotonicUs: timeUs - startUs, wallUs: timeUs, wallQuality: "ntp" },
    channels: [Float32Array.from({ length: to - from }, (_, i) => signal((from + i) / descriptor.rateHz))],
  };
}

const arrests = ({ told }: Heard) => told.filter((line) => line.startsWith("rhythm."));
const stops = { kind: "ecg", signal: until(90, ecg, flatEcg()) } as const;
const inTime = [expect.stringMatching(/^rhythm\.asystole high 9[3-6]$/)];

test("an ECG that breaks while the real pulse goes on raises no arrest, and asks to look at the sensor", () => {
  const heard = live(230, { ecg: stops, ppg: { kind: "ppg", signal: pulse } });
  expect(heard.told).toEqual([
    expect.stringMatching(/^signal.quality low (129|13\d)$/),
    expect.stringMatching(/^signal.quality medium 2[12]\d$/),
  ]);
});

test.each<[string, number, (signal: Signal) => Signal]>([
  ["at 25 Hz", 25, (signal) => signal],
  ["at 64 Hz, upside down", 64, (signal) => (s) => -signal(s)],
  ["at 500 Hz with noise", 500, (signal) => (s) => signal(s) + 0.03 * swing * normalAt(3, Math.round(s * 1000))],
  ["in ten counts of height", 125, (signal) => (s) => Math.round((10 * signal(s)) / swing)],
  ["in volts", 100, (signal) => (s) => signal(s) / 1e9],
  ["clipped", 100, (signal) => (s) => Math.min(signal(s), sorted[Math.floor(0.75 * length)] ?? 0)],
  ["half a second late", 125, (signal) => (s) => signal(Math.max(0, s - 0.5))],
])("the same with a pleth %s", (_, plethHz, of) => {
  expect(arrests(live(130, { ecg: stops, ppg: { kind: "ppg", rateHz: plethHz, signal: of(pulse) } }))).toEqual([]);
});

test("when both stop, the arrest is told in time", () => {
  expect(arrests(live(110, { ecg: stops, ppg: { kind: "ppg", signal: until(90.5, pulse, () => pulse(90.5)) } }))).toEqual(inTime);
});

const inCounts: Signal = (s) => pulse(s) / (swing / 200);
test.each<[string, Signal]>([
  ["noise of one count all the time", noise(4, 1)],
  ["a real pulse that becomes noise of one count", until(90.5, inCounts, noise(5, 1))],
  ["a real pulse that becomes noise of ten counts", until(90.5, inCounts, noise(6, 10))],
  ["a real pulse that becomes noise as high as it was", until(90.5, inCounts, noise(7, 100))],
  ["a lamp's flicker at the pace of a heart", (s) => Math.round(200 * Math.sin(2 * Math.PI * 1.07 * s))],
  ["a lamp that blinks once a second", (s) => (s % 1 < 0.5 ? 200 : 0)],
  ["a drift", (s) => Math.round(40 * s)],
  ["a rail", () => 2047],
  ["a simulator of 60 beats a minute", (s) => inCounts(16 + ((s % 1) * 57) / 60)],
  ["a pulse of somebody else", (s) => inCounts(0.93 * s + 7)],
  ["a pulse that has been there for ten seconds", until(80, () => 0, inCounts)],
])("%s hides no arrest", (_, signal) => {
  for (const plethHz of [25, 64, 125, 500])
    expect(arrests(live(110, { ecg: stops, ppg: { kind: "ppg", rateHz: plethHz, signal } }))).toEqual(inTime);
});

const hum =
  (hz: number, mv: number): Signal =>
  (s) =>
    mv * Math.sin(2 * Math.PI * hz * s);
const unworn: Readonly<Record<string, { signal: Signal; range?: readonly [number, number] }>> = {
  "on a table, flat": { signal: () => 0 },
  "on a table, the last count trembling": { signal: flatEcg(2) },
  "on a table beside a lamp": { signal: (s) => hum(50, 0.1)(s) + flatEcg(3)(s) },
  "in the hand": { signal: (s) => hum(50, 0.35)(s) + 0.3 * Math.sin(2 * Math.PI * 0.7 * s) + 0.1 * normalAt(4, Math.round(s * 1000)) },
  "in water": { signal: (s) => 0.8 * Math.sin(0.4 * s) + 0.3 * Math.sin(1.9 * s) + 0.02 * normalAt(5, Math.round(s * 1000)) },
  "open, at the rail": { signal: () => 5, range: [-5, 5] },
};

test.each(Object.entries(unworn))(
  "a strap %s never has good signal: the sensor is to be looked at after 30 s, and nothing counts as watched",
  (_, of) => {
    const heard = live(130, { ecg: { kind: "ecg", contact: "none", rateHz: 250, ...of } });
    expect(heard.told).toEqual(["signal.quality low 30", "signal.quality medium 120"]);
    expect(heard.quality.length).toBeGreaterThan(120);
    expect(heard.quality.every(({ level, beatless }) => level !== "good" || beatless === true)).toBe(true);
    for (const rule of ["rhythm.asystole", "rhythm.no-signal", "rhythm.pause", "rhythm.vt", "hr.high", "hr.low"])
      expect(heard.watchedS(rule)).toBe(0);
  },
);

test("a strap on the skin that is flat from its first sample is an arrest after 15 s", () => {
  expect(live(40, { ecg: { kind: "ecg", signal: flatEcg(6), rateHz: 250 } }).told).toEqual([
    expect.stringMatching(/^rhythm\.asystole high 1[4-6]$/),
  ]);
});

test("a wearer whose R is 0.1 mV is seen, with measured contact and without", () => {
  const tall = Math.max(...Array.from({ length }, (_, i) => Math.abs(ecg(i / rateHz))));
  const low: Signal = (s) => lsbMv * Math.round(((0.1 / tall) * ecg(s)) / lsbMv);
  for (const contact of ["measured", "none"] as const) {
    const heard = live(60, { ecg: { kind: "ecg", signal: low, contact } });
    expect(heard.told).toEqual([]);
    expect(heard.quality.filter(({ level, beatless }) => level === "good" && beatless === false).length).toBeGreaterThan(50);
  }
});
