/**
 * What a home with one wearer tells in event mode, at the rates of a recording through the pipeline: a beat each, the heart rate every 15 s, of every
 * rule what it has watched (`hearth replay RECORD --semantic event`). Pure; the same seed tells the same.
 */

import type { BeatEvent, OutboxItem, PersonEvent } from "../../../device-drivers/contract/event.ts";
import { createPacker, heartbeatItem } from "../../semantic/policy.ts";

const person = "person-a";
/** A calm home's frame holds five lines of this grid, as `semantic/policy.ts` has it. */
const flushS = 60;
export const stretchUs = 5 * flushS * 1_000_000;
const vitalUs = 15_000_000;
/** 75 beats a minute, told on the samples of an ECG at 250 Hz. */
const calmUs = 800_000;
const sampleUs = 4000;
const rules = [
  ...["signal.quality", "rhythm.vt", "rhythm.vt-run", "rhythm.asystole", "rhythm.pause"],
  ...["hr.high", "hr.low", "anomaly.morphology", "device.seat"],
];
const version = "bench";

interface HomeLife {
  /** The frames of the stretch that ends at `toUs`, a line of the grid. */
  stretch(toUs: number): OutboxItem[];
  heartbeat(timeUs: number, uptimeS: number, outboxDepth: number): OutboxItem;
  /** Rows that the twin makes of the stretches so far. */
  rows(): number;
}

/** @param random numbers from 0 to below 1 */
export function createHomeLife(random: () => number): HomeLife {
  const packer = createPacker({ person, flushS, isCalm: () => true });
  const normal = () => random() + random() + random() - 1.5;
  let nextUs = 0;
  let rrUs = calmUs;
  let rows = 0;
  return {
    stretch(toUs) {
      const fromUs = toUs - stretchUs;
      const events: PersonEvent[] = [];
      let timeUs = Math.max(nextUs, fromUs);
      while (timeUs < toUs) {
        events.push(beatAt(timeUs, rrUs / 1000, random()));
        rrUs = sampleUs * Math.round((calmUs + 0.9 * (rrUs - calmUs) + 24_000 * normal()) / sampleUs);
        timeUs += rrUs;
      }
      nextUs = timeUs;
      for (let atUs = fromUs + vitalUs; atUs <= toUs; atUs += vitalUs)
        events.push({ kind: "vital", code: "hr", timeUs: atUs - 1, value: Math.round(75 + 6 * normal()), unit: "bpm" });
      events.push(...rules.map((rule): PersonEvent => ({ kind: "watched", rule, fromUs, toUs: toUs - 1 })));
      rows += events.length;
      return [...events.flatMap(packer.push), ...packer.tick(toUs)];
    },
    heartbeat: (timeUs, uptimeS, outboxDepth) =>
      heartbeatItem({
        ...{ timeUs, uptimeS, version, outboxDepth },
        people: [{ id: person, name: "Person A" }],
        devices: [{ id: "strap", person, state: "live", lastSampleUs: timeUs }],
      }),
    rows: () => rows,
  };
}

/** One beat in five hundred is no normal one. */
const beatAt = (timeUs: number, rrMs: number, luck: number): BeatEvent => ({
  ...{ kind: "beat", device: "strap", stream: "ecg", timeUs, rrMs },
  label: luck < 0.001 ? "V" : luck < 0.002 ? "S" : "N",
  confidence: 1 - Math.round(luck * 3) / 31,
});
