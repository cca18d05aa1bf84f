import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { changed, firstConsent } from "./consent.ts";
import { createModeHistory } from "./mode-history.ts";
import { createModes } from "./modes.ts";
import { createSentToday } from "./sent-today.ts";
import { readWish } from "./wish.ts";

const startUs = 1_700_000_000_000_000;
const of = { device: "strap", stream: "ecg" };

function kept() {
  const values = new Map<string, Uint8Array>();
  return {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
}

test("a mode holds from a moment that was still to come when it was stored; a restart answers the same for the same samples", async () => {
  const clock = virtualClock(startUs);
  const store = kept();
  const history = createModeHistory(store, clock.wallUs);
  await history.open("person-a");
  expect(history.modeOf("person-a", of, startUs)).toBe("event");
  await history.change("person-a", { "*": "event", ecg: "semantic" });
  clock.advance(10_000);
  await history.change("person-a", { "*": "none" });
  const again = createModeHistory(store, clock.wallUs);
  await again.open("person-a");
  const seconds = Array.from({ length: 16 }, (_, i) => startUs + i * 1e6);
  const modes = seconds.map((timeUs) => history.modeOf("person-a", of, timeUs));
  expect(modes.slice(0, 2)).toEqual(["event", "semantic"]);
  expect(modes.slice(9, 12)).toEqual(["semantic", "semantic", "event"]);
  expect(seconds.map((timeUs) => again.modeOf("person-a", of, timeUs))).toEqual(modes);
  expect(history.modeOf("person-a", { device: "clip", stream: "ppg" }, startUs + 5e6)).toBe("event");
});

test("waveform is held back while more than a quarter of the outbox waits, comes back well below that, and each is told once", async () => {
  const clock = virtualClock(startUs);
  const consent = changed(firstConsent(0, "x"), { streams: { "*": "raw" } }, 1, "x");
  const told: boolean[] = [];
  let changes = 0;
  const modes = createModes({
    ...{ consents: { of: () => consent, onChange: () => () => {} }, history: createModeHistory(kept(), clock.wallUs) },
    ...{ people: () => ["person-a"], aliasOf: (person) => person, alarmed: () => new Set(), isDecodable: () => true },
    ...{ onChange: () => void changes++, onBacklog: (isLarge) => void told.push(isLarge), onStoreError: () => {} },
  });
  modes.setWish(readWish({}));
  const seen = [0, 300, 200, 100, 60, 100].map((megabytes) => {
    modes.setBacklog(megabytes * 2 ** 20);
    return modes.of("person-a")?.inForce["*"];
  });
  expect(seen).toEqual(["raw", "event", "event", "event", "raw", "raw"]);
  expect([told, changes]).toEqual([[true, false], 3]);
});

test("what left today is counted for each whom it tells of, over a restart, and begins anew at midnight", async () => {
  const clock = virtualClock(startUs);
  const store = kept();
  const first = createSentToday(store, clock);
  first.add(["person-a", "person-b", "person-a"], 100);
  clock.advance(60_000);
  first.add(["person-a"], 20);
  await first.close();
  const again = createSentToday(store, clock);
  await again.open(["person-a", "person-b", "person-c"]);
  expect(["person-a", "person-b", "person-c"].map(again.of)).toEqual([120, 100, 0]);
  clock.advance(86_400_000);
  expect(again.of("person-a")).toBe(0);
  again.add(["person-a"], 7);
  expect(again.of("person-a")).toBe(7);
  await again.close();
});
