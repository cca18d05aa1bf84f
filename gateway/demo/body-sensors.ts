/** The demo's six motion sensors on one body: each a device of its own, with its own mounting, that walks with a recorded person. One can be pulled out. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { loadWalk, walkOrigin } from "../../firmware-sim/excerpts/body-clip.ts";
import type { MqttLink } from "../../firmware-sim/link/mqtt.ts";
import { bodyImuSource } from "../../firmware-sim/signal/body-imu.ts";
import { startWearable, type Wearable } from "../../firmware-sim/wearable.ts";
import { type bodyPlacements, bodySensors } from "./persons.ts";

export interface BodySensors {
  readonly origin: string;
  /** Of a sensor that is pulled out nothing comes any more. */
  readonly pulled: (typeof bodyPlacements)[number] | undefined;
  pull(placement: (typeof bodyPlacements)[number] | undefined): void;
  close(): Promise<void>;
}

/** How far a strap lets a sensor sit askew. */
const mountDeg = 5;

export async function startBodySensors(clock: Clock, open: (device: string) => Promise<MqttLink>): Promise<BodySensors> {
  const walk = await loadWalk();
  const links: MqttLink[] = [];
  const wearables = new Map<string, Wearable>();
  for (const [seed, { id, placement }] of bodySensors.entries()) {
    const link = await open(id);
    links.push(link);
    const source = bodyImuSource(walk, { placement, seed: seed + 1, mountDeg });
    wearables.set(placement, startWearable({ sources: [source], link, clock, bootId: randomBytes(8).toString("hex"), batchMs: 200 }));
  }
  let pulled: BodySensors["pulled"];
  return {
    origin: walkOrigin,
    get pulled() {
      return pulled;
    },
    pull(placement) {
      pulled = placement;
      for (const [at, { faults }] of wearables) faults.strap = at === placement ? "silent" : "on";
    },
    async close() {
      for (const wearable of wearables.values()) wearable.stop();
      await Promise.all(links.map((link) => link.close()));
    },
  };
}
