/** What the ECG stage says of a second at the converter's rail, in every unit that a channel may state. */

import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { loadExcerpt } from "../../../firmware-sim/excerpts/excerpt.ts";
import { createEcgStream } from "./ecg-stream.ts";

/** 11 bit, 200 counts per mV, zero at 1024, as mitdb has it. */
const channelIn = (unit: string, perMv: number) => ({
  id: "MLII",
  kind: "ecg" as const,
  unit,
  scale: perMv / 200,
  offset: (-1024 * perMv) / 200,
  range: [(-1024 * perMv) / 200, (1023 * perMv) / 200] as const,
});

test.each([
  ["mV", 1],
  ["uV", 1000],
  ["µV", 1000],
  ["V", 0.001],
])("a sample at either rail is saturated, one a count away is not (%s)", (unit, perMv) => {
  const channel = channelIn(unit, perMv);
  const descriptor: StreamDescriptor = { device: "d", stream: "ecg", rateHz: 360, channels: [channel], sentinels: [], contact: "given" };
  const judged = (count: number) => {
    const stage = createEcgStream({ descriptor, channel, models: [] });
    const place = { bootId: "b", firstIndex: 0, count: 360, startUs: 0 };
    const block = { kind: "samples" as const, ...place, channels: [new Float32Array(360).fill(count)] };
    return stage.push(block as unknown as Parameters<typeof stage.push>[0]).find(({ kind }) => kind === "quality");
  };
  for (const [count, saturated] of [
    [0, true],
    [1, false],
    [1024, false],
    [2046, false],
    [2047, true],
  ] as const)
    expect(judged(count)).toMatchObject({ saturated });
});

test("a second is beatless until three beats were seen, and again after ten seconds without one, whatever was seen in noise", async () => {
  const { channels, rateHz } = await loadExcerpt("mitdb-205");
  const [ecg] = channels;
  if (ecg === undefined) throw new Error("no ECG");
  const channel = { id: "MLII", kind: "ecg" as const, unit: ecg.unit, scale: ecg.scale, offset: ecg.offset };
  const descriptor: StreamDescriptor = { device: "d", stream: "ecg", rateHz, channels: [channel], sentinels: [], contact: "none" };
  const stage = createEcgStream({ descriptor, channel, models: [] });
  const flat = new Int16Array(30 * rateHz).fill(1024);
  const spike = flat.slice();
  for (let i = 0; i < 36; i++) spike[15 * rateHz + i] = 1024 + Math.round(250 * Math.sin((Math.PI * i) / 36));
  const signal = Int16Array.from([...flat, ...ecg.samples.slice(0, 30 * rateHz), ...spike]);
  const place = { bootId: "b", firstIndex: 0, count: signal.length, startUs: 0 };
  const items = stage.push({ kind: "samples" as const, ...place, channels: [signal] } as unknown as Parameters<typeof stage.push>[0]);
  const seen = items.flatMap((item) => (item.kind === "quality" && item.beatless === false ? [item.timeUs / 1e6] : []));
  expect(items.filter((item) => item.kind === "qrs" && item.timeUs > 70e6)).toHaveLength(1);
  expect(seen[0]).toBeGreaterThanOrEqual(31);
  expect(seen[0]).toBeLessThanOrEqual(35);
  expect(seen.at(-1)).toBeGreaterThanOrEqual(69);
  expect(seen.at(-1)).toBeLessThanOrEqual(70);
  expect(seen).toHaveLength((seen.at(-1) ?? 0) - (seen[0] ?? 0) + 1);
});
