/** Events of every kind, from a seed, as they may stand in one frame. */

import fc from "fast-check";
import { type BeatEvent, vitalCodes } from "../../../device-drivers/contract/event.ts";
import { confidenceSteps } from "../beat-codec.ts";
import type { EventsPayload } from "../payloads/events.ts";

export const baseUs = 1_700_000_040_000_000;
const source = fc.constantFrom(
  { device: "strap-a", stream: "ecg" },
  { device: "strap-a", stream: "ppg" },
  { device: "patch-b", stream: "ecg" },
);
const timeUs = fc.integer({ min: baseUs - 90_000_000, max: baseUs + 90_000_000 });
const span = fc
  .record({ fromUs: timeUs, lengthUs: fc.nat({ max: 60_000_000 }) })
  .map(({ fromUs, lengthUs }) => ({ fromUs, toUs: fromUs + lengthUs }));
const beat = fc
  .record({
    source,
    timeUs,
    label: fc.constantFrom("N", "S", "V", "F", "Q" as const),
    step: fc.nat({ max: confidenceSteps }),
    rrUs: fc.option(fc.nat({ max: 4_000_000 }), { nil: undefined }),
  })
  .map(
    ({ source: from, step, rrUs, ...rest }): BeatEvent => ({
      kind: "beat",
      ...from,
      ...rest,
      confidence: step / confidenceSteps,
      ...(rrUs === undefined ? {} : { rrMs: rrUs / 1000 }),
    }),
  );
export const anyEvents: fc.Arbitrary<EventsPayload> = fc.record({
  kind: fc.constant("events" as const),
  person: fc.constantFrom("person-a", "zoë"),
  fromUs: fc.constant(baseUs),
  toUs: fc.constant(baseUs + 60_000_000),
  beats: fc.array(beat, { maxLength: 30 }),
  rhythms: fc.array(
    fc
      .record({ source, timeUs, label: fc.constantFrom("(N", "(VT", "~noise", "(own mark") })
      .map(({ source: from, ...rest }) => ({ kind: "rhythm" as const, ...from, ...rest })),
    { maxLength: 6 },
  ),
  vitals: fc.array(
    fc
      .record({
        code: fc.constantFrom(...vitalCodes),
        from: fc.option(source),
        timeUs,
        value: fc.oneof(fc.nat({ max: 250 }), fc.double({ noNaN: true })),
        unit: fc.constantFrom("bpm", "/min", "%"),
      })
      .map(({ from, ...rest }) => ({ kind: "vital" as const, ...from, ...rest })),
    { maxLength: 6 },
  ),
  gaps: fc.array(
    fc.tuple(source, span).map(([from, at]) => ({ kind: "gap" as const, ...from, ...at })),
    { maxLength: 4 },
  ),
  watched: fc.array(
    fc.tuple(fc.constantFrom("rhythm.vt", "hr.high", "own.rule"), span).map(([rule, at]) => ({ kind: "watched" as const, rule, ...at })),
    { maxLength: 12 },
  ),
});
