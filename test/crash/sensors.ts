/** Two persons' wearables playing real recordings, with a book of what each has sent and what the gateway has acknowledged. */

import { randomBytes } from "node:crypto";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { type MqttLink, openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import type { SignalSource } from "../../firmware-sim/signal/signal-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";

/** A batch by its device, the device's boot and its number. */
export type BatchKey = `${string}/${string}/${number}`;

export interface Sensor {
  readonly device: string;
  readonly link: MqttLink;
  /** Seconds of the first stream measured so far. */
  measuredS(): number;
  /** Ends measuring; what is kept still goes. */
  stop(): void;
}

export interface Sensors {
  readonly published: ReadonlySet<BatchKey>;
  readonly acknowledged: ReadonlySet<BatchKey>;
  readonly strap: Sensor;
  readonly clip: Sensor;
  keptCount(): number;
  close(): Promise<void>;
}

export interface SensorsOptions {
  readonly url: string;
  readonly site: string;
  readonly passwords: Readonly<Record<string, string>>;
  readonly random: () => number;
  /** 1 where nothing else is said. */
  readonly qos?: 0 | 1;
}

/** `strap` plays MIT-BIH 205 (ventricular runs), `clip` BIDMC 23 (ECG and pleth). */
export async function openSensors({ url, site, passwords, random, qos = 1 }: SensorsOptions): Promise<Sensors> {
  const clock = systemClock();
  const published = new Set<BatchKey>();
  const acknowledged = new Set<BatchKey>();
  const open = (device: string, sources: SignalSource[]): Sensor => {
    const bootId = randomBytes(8).toString("hex");
    const key = (sequence: number): BatchKey => `${device}/${bootId}/${sequence}`;
    const link = openMqttLink({
      ...{ url, site, device, clock, random, qos, password: passwords[device] ?? "" },
      pauseMs: { first: 100, longest: 300 },
      onAck: (_stream, sequence) => acknowledged.add(key(sequence)),
    });
    const wearable = startWearable({
      ...{ sources, clock, bootId },
      link: {
        declare: link.declare,
        send(stream, sequence, bytes) {
          published.add(key(sequence));
          link.send(stream, sequence, bytes);
        },
      },
    });
    const rateHz = sources.reduce((sum, source) => sum + source.rateHz, 0);
    return { device, link, measuredS: () => wearable.sampleCount / rateHz, stop: wearable.stop };
  };
  const mitdb = await loadExcerpt("mitdb-205");
  const bidmc = await loadExcerpt("bidmc-23");
  const strap = open("strap", [
    recordingSource(mitdb, { placement: "chest", stream: "ecg", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] }),
  ]);
  const clip = open("clip", [
    recordingSource(bidmc, { placement: "finger", stream: "ecg", channels: [{ lead: "II", id: "ecg", kind: "ecg" }] }),
    recordingSource(bidmc, { placement: "finger", stream: "ppg", channels: [{ lead: "PLETH", id: "ppg", kind: "ppg" }] }),
  ]);
  return {
    ...{ published, acknowledged, strap, clip },
    keptCount: () => strap.link.keptCount + clip.link.keptCount,
    async close() {
      for (const sensor of [strap, clip]) {
        sensor.stop();
        await sensor.link.close();
      }
    },
  };
}
