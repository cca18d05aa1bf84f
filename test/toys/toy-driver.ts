/** A toy device: each byte is one oxygen saturation, a second apart. */

import Type, { type Static } from "typebox";
import { type Driver, emptyCounters } from "../../device-drivers/contract/driver.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";

const options = Type.Object({ name: Type.String() }, { additionalProperties: false });

export const toyDriver: Driver<Static<typeof options>> = {
  name: "toy-clip",
  title: "Toy clip",
  options,
  silenceMs: 2000,
  create({ name }, device, saved) {
    const counters = emptyCounters();
    let nextIndex = (saved as number | undefined) ?? 0;
    return {
      counters,
      push({ bytes, stamps }) {
        const count = bytes.length;
        if (count === 0) return [];
        const firstIndex = nextIndex;
        nextIndex += count;
        counters.frames += count;
        const descriptor = descriptorOf(name, device);
        const timing = { bootId: "1", firstIndex, count, deviceTimeUs: firstIndex * 1e6, deviceClock: 1, stamps } as const;
        return [{ kind: "samples", descriptor, ...timing, channels: [Int16Array.from(bytes)] }];
      },
      state: () => nextIndex,
      refusals: () => [],
    };
  },
};

const descriptorOf = (stream: string, device: string): StreamDescriptor => ({
  ...{ device, stream, rateHz: 1, sentinels: [], contact: "none" },
  channels: [{ id: "spo2", kind: "spo2", unit: "%", scale: 1, offset: 0, range: [50, 100] }],
});
