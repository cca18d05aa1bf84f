/** Wearables of a home's two persons whose hearts can be stopped: real recordings over MQTT, a level trace while a heart stands still. */

import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { type ExcerptName, loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import type { SignalSource } from "../../firmware-sim/signal/signal-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";

/** The strap plays MIT-BIH 205, the clip's ECG BIDMC 23. */
const recordings: Readonly<Record<string, { name: ExcerptName; lead: string }>> = {
  strap: { name: "mitdb-205", lead: "MLII" },
  clip: { name: "bidmc-23", lead: "II" },
};

/** The ECG of a device; it stands at its first level while `isStill`, worn and undisturbed. */
export async function heartOf(device: string, isStill: () => boolean): Promise<SignalSource> {
  const { name, lead } = recordings[device] ?? { name: "mitdb-205", lead: "MLII" };
  const channels = [{ lead, id: "ecg", kind: "ecg" as const }];
  const source = recordingSource(await loadExcerpt(name), { stream: "ecg", placement: "chest", channels });
  const rest = source.read(0, 1).channels.map(([level]) => level ?? 0);
  return {
    ...source,
    read: (firstIndex, count) =>
      isStill() ? { channels: rest.map((level) => new Int16Array(count).fill(level)) } : source.read(firstIndex, count),
  };
}

export interface Heart {
  isStill: boolean;
  /** Seconds measured so far. */
  measuredS(): number;
  readonly keptCount: number;
  stop(): void;
  close(): Promise<void>;
}

export interface HeartOptions {
  readonly url: string;
  readonly site: string;
  readonly device: string;
  readonly password: string;
  readonly qos: 0 | 1;
  readonly clock?: Clock;
}

export async function openHeart({ clock = systemClock(), ...to }: HeartOptions): Promise<Heart> {
  let isStill = false;
  const source = await heartOf(to.device, () => isStill);
  const link = openMqttLink({ ...to, clock, random: () => 0.5, pauseMs: { first: 100, longest: 300 } });
  const wearable = startWearable({ sources: [source], link, clock, bootId: randomBytes(8).toString("hex") });
  return {
    get isStill() {
      return isStill;
    },
    set isStill(now) {
      isStill = now;
    },
    measuredS: () => wearable.sampleCount / source.rateHz,
    get keptCount() {
      return link.keptCount;
    },
    stop: wearable.stop,
    async close() {
      wearable.stop();
      await link.close();
    },
  };
}
