import * as fc from "fast-check";
import { expect, test } from "vitest";
import { vitalCodes } from "../../device-drivers/contract/event.ts";
import { endUs, longestSpanUs, type PackedEvent, packEvents, runsOf, startUs, unpackEvents } from "./event-codec.ts";

const time = fc.integer({ min: 1.6e15, max: 1.6e15 + 2e9 });
const source = { device: fc.constantFrom("strap-1", "strap-2"), stream: fc.constantFrom("ecg", "ppg") };
const events = fc.array(
  fc.oneof(
    fc
      .record({
        kind: fc.constant("beat" as const),
        ...source,
        timeUs: time,
        label: fc.constantFrom("N" as const, "S" as const, "V" as const, "F" as const, "Q" as const),
        confidence: fc.integer({ min: 0, max: 65535 }).map((step) => step / 65535),
        rrMs: fc.option(
          fc.integer({ min: 1, max: 4e6 }).map((us) => us / 1000),
          { nil: undefined },
        ),
      })
      .map(({ rrMs, ...beat }) => (rrMs === undefined ? beat : { ...beat, rrMs })),
    fc.record({ kind: fc.constant("rhythm" as const), ...source, timeUs: time, label: fc.constantFrom("(N", "(VT", "~", "[") }),
    fc
      .record({
        from: fc.option(fc.record(source)),
        code: fc.constantFrom(...vitalCodes),
        timeUs: time,
        value: fc.double({ noNaN: true }),
        unit: fc.constant("/min"),
      })
      .map(({ from, ...rest }) => ({ kind: "vital" as const, ...from, ...rest })),
    fc
      .record({ kind: fc.constant("gap" as const), ...source, fromUs: time, lengthUs: fc.nat(4e10) })
      .map(({ lengthUs, ...gap }) => ({ ...gap, toUs: gap.fromUs + lengthUs })),
  ),
  { minLength: 1, maxLength: 40 },
);
/** JSON has one zero and no infinity. */
const told = (value: unknown) => (Object.is(value, -0) ? "-0" : String(value));
const sorted = (all: readonly PackedEvent[]) =>
  all
    .map((event) =>
      Object.entries(event)
        .map(([key, value]) => `${key} ${told(value)}`)
        .sort()
        .join(),
    )
    .sort();

test("any events come back from their blobs, each blob short enough or a single long event", () => {
  fc.assert(
    fc.property(events, (all: PackedEvent[]) => {
      const runs = runsOf(all);
      expect(sorted(runs.flatMap((run) => unpackEvents(packEvents(run))))).toEqual(sorted(all));
      for (const run of runs) {
        const spanUs = Math.max(...run.map(endUs)) - Math.min(...run.map(startUs));
        expect(spanUs < longestSpanUs || run.filter((event) => event.kind === "gap").length > 0).toBe(true);
      }
    }),
  );
});

test("a beat costs about a dozen bytes", () => {
  const beats = Array.from({ length: 100 }, (_, i) => ({
    ...{
      kind: "beat" as const,
      device: "strap-1",
      stream: "ecg",
      timeUs: 1.6e15 + i * 800_000,
      label: "N" as const,
      confidence: 0.97,
      rrMs: 800,
    },
  }));
  expect(packEvents(beats).length / 100).toBeLessThan(14);
});
