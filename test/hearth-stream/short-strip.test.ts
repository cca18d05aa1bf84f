import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { hearthStream } from "../../device-drivers/hearth-stream/driver.ts";
import { decodePayload } from "../../gateway/semantic/payload-codec.ts";
import type { StripPayload } from "../../gateway/semantic/payloads/strip.ts";
import { noValue } from "../../gateway/semantic/strip-codec.ts";
import type { PersonCommit } from "../../gateway/store/store-port.ts";
import { anchorOf } from "../../gateway/stream/clock/anchor.ts";
import { createClockMap } from "../../gateway/stream/clock/clock-map.ts";
import { createContinuity } from "../../gateway/stream/clock/continuity.ts";
import { placeBlock } from "../../gateway/stream/clock/place.ts";
import { createStripFiller } from "../../gateway/strips/fill-strips.ts";

const rateHz = 100;
const beginUs = 1e12;
/** Batches of a second each without numbers of their own, from a device whose second lasts 1.02 s: each sample is its own number. */
const chunks = Array.from({ length: 300 }, (_, n): Chunk => {
  const timeUs = Math.round(beginUs + (n + 1) * 1_020_000 + (n % 3) * 40_000);
  const x = Array.from({ length: rateHz }, (_, i) => n * rateHz + i);
  const bytes = new TextEncoder().encode(JSON.stringify({ rateHz, unit: "mV", x }));
  return {
    link: "mqtt",
    device: "strap",
    channel: "ecg/raw",
    bytes,
    stamps: { timeUs, monotonicUs: timeUs - beginUs, wallUs: timeUs, wallQuality: "fake" },
  };
});

test("the strip round an alert is found again in the journal, although its samples came without numbers", async () => {
  const driver = hearthStream.create({}, "strap");
  const continuity = createContinuity();
  const clock = createClockMap();
  const placed = chunks.flatMap((chunk) =>
    driver
      .push(chunk)
      .flatMap((block) => continuity.push(block).blocks.map((each) => ({ at: placeBlock(each, clock), rateHz: each.descriptor.rateHz }))),
  );
  const alert = placed[250];
  if (alert === undefined) throw new Error("no block");
  const anchor = anchorOf(alert.at, alert.rateHz);
  const { timeUs } = anchor;
  const due = { alertId: "a1", person: "person-a", device: "strap", stream: "ecg", fromUs: timeUs - 5e6, toUs: timeUs + 5e6, anchor };
  const commits: PersonCommit[] = [];
  const filler = createStripFiller(
    {
      journal: {
        seek: async (_lane, fromUs) => chunks.findIndex(({ stamps }) => stamps.timeUs >= fromUs) + 1,
        async *read(_lane, from) {
          for (const [at, chunk] of chunks.entries()) if (at + 1 >= from) yield { position: at + 1, bootId: "b", chunk };
        },
      },
      store: { getValue: async () => undefined, commit: async (row) => void commits.push(row) },
      driverOf: () => ({ driver: hearthStream, options: {} }),
    },
    [due],
  );
  await filler.fill(timeUs + 40e6);
  const strip = decodePayload(commits[0]?.outbox?.[0]?.payload ?? new Uint8Array()) as StripPayload;
  expect(strip.samples.length).toBeGreaterThan(900);
  expect(strip.samples.includes(noValue)).toBe(false);
  expect(strip.samples.every((sample, i) => i === 0 || sample === (strip.samples[i - 1] ?? 0) + 1)).toBe(true);
  // At the alert's time stands what was shown then, within what arrivals jitter.
  const shown = strip.samples[Math.round(((timeUs - strip.startUs) * strip.rateHz) / 1e6)] ?? 0;
  expect(Math.abs(shown - 250 * rateHz)).toBeLessThanOrEqual(50);
});
