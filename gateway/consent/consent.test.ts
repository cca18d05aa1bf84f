import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import {
  allowances,
  allowedFromUs,
  allowedMode,
  type Consent,
  type ConsentChange,
  changed,
  everyStream,
  firstConsent,
  isWider,
  notLaterThan,
} from "./consent.ts";

const by = "Person A";
const first = firstConsent(5, "the home's first start");

test("a home that nobody has asked lets events, alerts and strips leave, whenever they were recorded, and no waveform", () => {
  expect([first.alertsFromUs, first.stripsFromUs, allowedFromUs(first, "ecg", "event")]).toEqual([0, 0, 0]);
  expect([allowedFromUs(first, "ecg", "semantic"), allowedFromUs(first, "ecg", "raw")]).toEqual([undefined, undefined]);
});

test("what is given is given from now on; what stays keeps its time; what was taken back and is given again has lost the time between", () => {
  const more = changed(first, { streams: { ecg: "raw" } }, 100, by);
  expect([allowedFromUs(more, "ecg", "event"), allowedFromUs(more, "ecg", "raw"), allowedMode(more, "ppg")]).toEqual([0, 100, "event"]);
  const less = changed(more, { alerts: false, streams: { ecg: "event" } }, 200, by);
  expect([less.alertsFromUs, less.stripsFromUs, allowedFromUs(less, "ecg", "raw"), less.sinceUs]).toEqual([undefined, 0, undefined, 200]);
  const again = changed(less, { alerts: true, streams: { ecg: "semantic" } }, 300, by);
  expect([again.alertsFromUs, allowedFromUs(again, "ecg", "semantic"), allowedFromUs(again, "ecg", "event")]).toEqual([300, 300, 0]);
});

test("a stream without a word of its own follows all others; one with its own does not", () => {
  const own = changed(first, { streams: { ecg: "none", [everyStream]: "semantic" } }, 10, by);
  expect([allowedMode(own, "ecg"), allowedMode(own, "ppg")]).toEqual(["none", "semantic"]);
  const back = changed(own, { streams: { [everyStream]: "raw" } }, 20, by);
  expect([allowedMode(back, "ecg"), allowedMode(back, "ppg")]).toEqual(["none", "raw"]);
  expect([isWider(own, back), isWider(back, own), isWider(own, own)]).toEqual([true, false, false]);
});

test("a clock that was wrong leaves no grant that has yet to come", () => {
  const ahead = changed(first, { streams: { ecg: "raw" } }, 9e15, by);
  expect(notLaterThan(ahead, 50)).toMatchObject({ streams: { ecg: { event: 0, semantic: 50, raw: 50 } }, sinceUs: 50 });
});

const change: fc.Arbitrary<ConsentChange> = fc.record(
  {
    alerts: fc.boolean(),
    strips: fc.boolean(),
    streams: fc.dictionary(fc.constantFrom("ecg", "ppg", everyStream), fc.constantFrom(...allowances)),
  },
  { requiredKeys: [] },
);

test("whatever is changed and in whichever order, nothing may leave that was recorded before the last time at which it was not allowed", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      let consent: Consent = first;
      const forbiddenUs = new Map<string, number>();
      changes.forEach((each, i) => {
        const atUs = (i + 1) * 100;
        const before = consent;
        consent = changed(before, each, atUs, by);
        for (const stream of ["ecg", "ppg", "acc"])
          for (const mode of ["event", "semantic", "raw"] as const) {
            const [was, is] = [allowedFromUs(before, stream, mode), allowedFromUs(consent, stream, mode)];
            if (was === undefined) forbiddenUs.set(`${stream} ${mode}`, atUs);
            if (is !== undefined) expect(is).toBeGreaterThanOrEqual(forbiddenUs.get(`${stream} ${mode}`) ?? 0);
            if (was === undefined && is !== undefined) expect(isWider(before, consent)).toBe(true);
          }
      });
    }),
    runs(300),
  );
});
