/** The demo's six motion sensors on one body: each a device of its own, with its own mounting, that walks with a recorded person. Each fault is set at one of them. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { loadWalk, walkOrigin } from "../../firmware-sim/excerpts/body-clip.ts";
import type { MqttLink } from "../../firmware-sim/link/mqtt.ts";
import { type BodyFaultName, setFault, wearBody } from "../../firmware-sim/worn-body.ts";
import { type bodyPlacements, bodySensors } from "./persons.ts";

type Placement = (typeof bodyPlacements)[number];

export interface BodySensors {
  readonly origin: string;
  has(fault: BodyFaultName): boolean;
  /** Begins it at this sensor, or ends it. */
  turn(fault: BodyFaultName, placement: Placement): void;
  close(): Promise<void>;
}

export async function startBodySensors(clock: Clock, open: (device: string) => Promise<MqttLink>): Promise<BodySensors> {
  const walk = await loadWalk();
  const links = await Promise.all(bodySensors.map(async ({ id, placement }) => ({ placement, link: await open(id) })));
  const body = wearBody(walk, links, clock);
  const now = new Set<BodyFaultName>();
  return {
    origin: walkOrigin,
    has: (fault) => now.has(fault),
    turn(fault, placement) {
      const begins = !now.delete(fault);
      if (begins) now.add(fault);
      setFault(body, fault, placement, begins ? undefined : 0);
    },
    async close() {
      for (const { wearable } of body) wearable.stop();
      await Promise.all(links.map(({ link }) => link.close()));
    },
  };
}
