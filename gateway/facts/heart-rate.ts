/** The one heart rate of a person, and which sensor it is from. */

import type { RateKind } from "../../device-drivers/contract/event.ts";

interface RateSource {
  readonly device: string;
  readonly stream: string;
  readonly kind: RateKind;
}

/** What one sensor says. */
export interface RateReading extends RateSource {
  /** Over the newest seconds, beats/min. */
  readonly bpm: number;
  /** Over the last 15 s; absent where too little of it is known. Of a device's own number the number. */
  readonly meanBpm?: number;
  readonly quality: "good" | "poor";
  /** Of the newest beat, pulse or number that it rests on. */
  readonly atUs: number;
  /** Later than this it is no longer the present's. */
  readonly freshUs: number;
}

/** Good sensors that contradict each other for so long that none can be believed alone. */
export interface RateDisagreement {
  readonly sinceUs: number;
  readonly between: readonly [RateReading, RateReading];
}

export interface HeartRateFact {
  readonly kind: "heart-rate";
  readonly timeUs: number;
  /** Absent where no sensor knows it, or good ones contradict each other. A sensor that has fallen silent leaves its last one, with its time. */
  readonly reading?: RateReading;
  readonly disagreement?: RateDisagreement;
  /** How many good sensors know it now. */
  readonly sources: number;
}
