/** `bench latency`: from the last sample of a ventricular run on the wire to the moment at which a channel has accepted the alert. */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import type { MqttLink } from "../../firmware-sim/link/mqtt.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { openBenchHouse } from "./bench-house.ts";

const wearables = 20;
/** The excerpt's run comes after 17 s; a second round is enough for a strap that started last. */
const lengthMs = 65_000;
const staggerMs = 370;

interface WireAlert {
  readonly rule: string;
  readonly person: string;
  /** Signal time at which the rule could first be true: the fifth V's class window is complete. */
  readonly t_s: number;
  readonly deliveries: readonly { readonly at: string }[];
}

export async function benchLatency(): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables });
  try {
    const clock = systemClock();
    const excerpt = await loadExcerpt("mitdb-205");
    const sentMs = new Map<string, number[]>();
    const straps = [];
    for (let index = 0; index < wearables; index++) {
      const sends: number[] = [];
      sentMs.set(`person-${index}`, sends);
      const link = noting(house.link(index), sends);
      const source = recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] });
      straps.push({ link, wearable: startWearable({ sources: [source], link, clock, bootId: randomBytes(8).toString("hex") }) });
      await sleep(staggerMs);
    }
    await sleep(lengthMs);
    const { alerts } = await house.get<{ alerts: WireAlert[] }>("/api/v1/alerts?limit=200");
    for (const { wearable, link } of straps) {
      wearable.stop();
      await link.close();
    }
    const delays = alerts
      .filter(({ rule, deliveries }) => rule === "rhythm.vt" && deliveries.length > 0)
      .map((alert) => delayMs(alert, sentMs.get(alert.person) ?? []));
    const sorted = delays.filter(Number.isFinite).sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
    return { figures: { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), events: sorted.length }, limits: { p95_ms: 1000 } };
  } finally {
    await house.close();
  }
}

function noting(link: MqttLink, sends: number[]): MqttLink {
  const send: MqttLink["send"] = (...batch) => {
    sends.push(Date.now());
    link.send(...batch);
  };
  return { ...link, send, close: () => link.close() };
}

/** The batch that carried the last sample went out at the first sending not before that sample's time. */
function delayMs({ t_s, deliveries }: WireAlert, sends: readonly number[]): number {
  const acceptedMs = Date.parse(deliveries[0]?.at ?? "");
  const wireMs = sends.find((sent) => sent >= t_s * 1000 - 1);
  return wireMs === undefined ? Number.NaN : acceptedMs - wireMs;
}
