/** Numbers as an oximeter or a thermometer sends them: each a function of the sample's index, with the 16-bit "no value" where it gives none. */

import { noValue, type SignalSource } from "./signal-source.ts";

interface VirtualNumber {
  /** Also the channel's id. */
  readonly kind: string;
  readonly unit: string;
  /** Physical value of one count; 1 unless said. */
  readonly scale?: number;
  /** Physical value of sample `index`; undefined = the sensor has none. */
  at(index: number): number | undefined;
}

export function numberSource({
  stream,
  numbers,
  rateHz = 1,
  placement = "finger",
}: {
  readonly stream: string;
  readonly numbers: readonly VirtualNumber[];
  readonly rateHz?: number;
  readonly placement?: string;
}): SignalSource {
  return {
    ...{ stream, rateHz, placement, contact: "none" },
    channels: numbers.map(({ kind, unit, scale = 1 }) => ({ id: kind, kind, unit, scale, offset: 0 })),
    read: (first, count) => ({
      channels: numbers.map(({ at, scale = 1 }) =>
        Int16Array.from({ length: count }, (_, i) => {
          const value = at(first + i);
          return value === undefined ? noValue : Math.round(value / scale);
        }),
      ),
    }),
  };
}
