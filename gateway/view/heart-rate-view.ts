/** The one heart rate as pages and programs are shown it: with its source and age, or why good sensors leave none. */

import type { HeartRateFact } from "../facts/heart-rate.ts";
import type { PersonView } from "./view-port.ts";

type Shown = Pick<PersonView, "heartRateBpm" | "heartRateAgeS" | "heartRateSource" | "heartRateDisagreement">;

/** @param isWorn whether this person wears a device now: what another wears since says nothing of them. */
export function heartRateView(known: HeartRateFact | undefined, isWorn: (device: string) => boolean, nowUs: number): Shown {
  const { reading, disagreement } = known ?? {};
  const differs = disagreement?.between.every(({ device }) => isWorn(device)) === true ? disagreement : undefined;
  return {
    ...(reading === undefined || !isWorn(reading.device) ? {} : ofReading(reading, nowUs)),
    ...(differs === undefined
      ? {}
      : {
          heartRateDisagreement: {
            sinceUs: differs.sinceUs,
            between: differs.between.map(({ device, stream, kind, bpm, meanBpm = bpm }) => ({
              device,
              stream,
              kind,
              bpm: Math.round(meanBpm),
            })),
          },
        }),
  };
}

function ofReading({ bpm, atUs, ...source }: NonNullable<HeartRateFact["reading"]>, nowUs: number): Shown {
  const { device, stream, kind, quality, freshUs } = source;
  return {
    heartRateBpm: Math.round(bpm),
    heartRateAgeS: (nowUs - atUs) / 1e6,
    heartRateSource: { device, stream, kind, quality, freshUs },
  };
}
