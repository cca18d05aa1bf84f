/** What the ECG stage says of a second at the converter's rail, in every unit that a channel may state. */

import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
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
