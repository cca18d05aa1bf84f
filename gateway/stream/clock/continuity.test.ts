import { expect, test } from "vitest";
import type { SampleBlock, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createContinuity } from "./continuity.ts";

const descriptor = { rateHz: 360, channels: [] } as unknown as StreamDescriptor;
const blockUs = 250_000;
const samples = 90;
/** Block `n` of a strap with a right clock that the gateway hears at `heardUs` on its monotonic clock, with its axis `aheadUs` before that. */
const block = (n: number, heardUs: number, aheadUs: number): SampleBlock =>
  ({
    ...{ bootId: "a", firstIndex: n * samples, count: samples, deviceTimeUs: n * blockUs, deviceClock: 1, descriptor, channels: [] },
    stamps: { timeUs: heardUs + aheadUs, monotonicUs: heardUs },
  }) as unknown as SampleBlock;

test.each([0.5, 1, 1.5, 2, 3, 5])(
  "a gateway that was off for %d s, of which its axis knows nothing, takes no strap for a fast one",
  (offS) => {
    for (let restartAt = 20; restartAt < 60; restartAt++) {
      let continuity = createContinuity();
      const offUs = offS * 1e6;
      const backUs = (restartAt + 1) * blockUs + offUs;
      for (let n = 0; n < 200; n++) {
        if (n === restartAt) continuity = createContinuity(structuredClone(continuity.state()));
        // What the strap measured meanwhile comes at once.
        const heardUs = n < restartAt ? (n + 1) * blockUs : Math.max(backUs, (n + 1) * blockUs);
        const { blocks, faults } = continuity.push(block(n, heardUs + 20_000, n < restartAt ? 0 : -offUs));
        expect(faults).toEqual([]);
        expect(blocks.map((each) => each.descriptor)).toEqual([descriptor]);
      }
      expect(continuity.measuredHz).toBeCloseTo(360, 3);
    }
  },
);
