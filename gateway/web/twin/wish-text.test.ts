import { expect, test } from "vitest";
import { wishLines } from "./wish-text.ts";

const nameOf = (id: string) => (id === "person-a" ? "Person A" : id);

test("what leaves of each person is told in words, whatever else a wish has as it is written, and a broken one breaks nothing", () => {
  const people = {
    "person-a": { alerts: true, strips: true, modes: { "*": "event", ecg: "semantic" } },
    "person-b": { alerts: false, strips: false, modes: { "*": "none" } },
    "person-c": { modes: { ecg: "raw" } },
    "person-d": {},
    "person-e": 3,
  };
  expect(wishLines({ people, decoders: ["a", "b"], flush: 30 }, nameOf)).toEqual([
    "Person A: heartbeats, alerts, the signal around them and the waveform of ecg",
    "person-b: nothing",
    "person-c: every sample of ecg",
    "2 codecs that it may use",
    "flush: 30",
  ]);
  expect([wishLines({}, nameOf), wishLines({ people: [] }, nameOf), wishLines({ people: {} }, nameOf)]).toEqual([[], [], []]);
});
