/** Which channels carry a vital sign as a number, in which unit the house tells it, and what is plausible of it. One rule for the live river and the card. */

import type { VitalCode } from "../../../device-drivers/contract/event.ts";
import type { Channel, ChannelKind, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";

export interface NumericVital {
  readonly code: VitalCode;
  /** The house's unit. */
  readonly unit: string;
  readonly channel: Channel;
  /** A physical value in the house's unit, to 0.1; undefined where no living person or no working sensor can have it. */
  read(physical: number): number | undefined;
}

interface Measure {
  readonly code: VitalCode;
  readonly unit: string;
  /** Spellings of units (UCUM first) and how a value in it becomes one in the house's. */
  readonly units: Readonly<Record<string, (value: number) => number>>;
  /** Outside stand what sensors send for "nothing": 0, 127 and 255, 511, the 85 °C and −127 °C of a DS18B20. */
  readonly plausible: readonly [low: number, high: number];
}

const same = (value: number) => value;
const perMinute = { "/min": same, "1/min": same, "min-1": same };

const hr: Measure = {
  code: "hr",
  unit: "bpm",
  units: { ...perMinute, bpm: same, "{beats}/min": same, "{beat}/min": same, "beats/min": same },
  plausible: [20, 250],
};
const resp: Measure = {
  code: "resp",
  unit: "{breaths}/min",
  units: { ...perMinute, "{breaths}/min": same, "{breath}/min": same, "breaths/min": same },
  plausible: [2, 80],
};
const measures: Readonly<Partial<Record<ChannelKind, Measure>>> = {
  hr,
  // A breathing wave has another unit; the same kind in breaths a minute is the rate.
  resp,
  rr: resp,
  spo2: { code: "spo2", unit: "%", units: { "%": same, "1": (share) => share * 100 }, plausible: [40, 100] },
  temp: {
    code: "temp",
    unit: "Cel",
    units: {
      ...{ Cel: same, "°C": same, degC: same },
      ...{ K: (kelvin) => kelvin - 273.15, "[degF]": (f) => (f - 32) / 1.8, "°F": (f) => (f - 32) / 1.8 },
    },
    plausible: [20, 45],
  },
};

/** Every unit in which this kind of channel is understood as a number, none for a kind that is no vital sign. */
export function vitalUnits(kind: ChannelKind): readonly string[] {
  return Object.keys(measures[kind]?.units ?? {});
}

export function numericVital(channel: Channel): NumericVital | undefined {
  const measure = measures[channel.kind];
  const convert = measure?.units[channel.unit.trim()];
  if (measure === undefined || convert === undefined) return undefined;
  const [low, high] = measure.plausible;
  return {
    code: measure.code,
    unit: measure.unit,
    channel,
    read(physical) {
      // The descriptor's own range is narrower knowledge of this sensor.
      if (channel.range !== undefined && (physical < channel.range[0] || physical > channel.range[1])) return undefined;
      const value = Math.round(convert(physical) * 10) / 10;
      return value >= low && value <= high ? value : undefined;
    },
  };
}

/** The first channel of each vital sign: a second one of the same stream could not be told from it. */
export function numericVitals({ channels }: StreamDescriptor): NumericVital[] {
  const found = new Map<VitalCode, NumericVital>();
  for (const channel of channels) {
    const vital = numericVital(channel);
    if (vital !== undefined && !found.has(vital.code)) found.set(vital.code, vital);
  }
  return [...found.values()];
}
