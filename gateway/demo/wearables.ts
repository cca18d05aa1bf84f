/** The demo's MQTT wearables: the strap of Person A, the finger clip of Person B, the chest patch of Person C, the motion sensors of Person D, and a ring that nobody wears. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { openMqttLink } from "../../firmware-sim/link/mqtt.ts";
import { ppgSource } from "../../firmware-sim/signal/synthetic-body.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { type BodySensors, startBodySensors } from "./body-sensors.ts";
import * as persons from "./persons.ts";
import { type Strap, startStrap } from "./strap.ts";

interface WearablesParts {
  readonly clock: Clock;
  readonly url: string;
  readonly site: string;
  readonly accountOf: (device: string) => Promise<string>;
}

interface DemoWearables {
  readonly strap: Strap;
  readonly body: BodySensors;
  readonly origins: readonly string[];
  close(): Promise<void>;
}

export async function startWearables({ clock, url, site, accountOf }: WearablesParts): Promise<DemoWearables> {
  const open = async (device: string) =>
    openMqttLink({
      url,
      site,
      device,
      password: await accountOf(device),
      qos: 1,
      clock,
      random: Math.random,
      pauseMs: { first: 200, longest: 5000 },
    });
  const strapLink = await open(persons.strap);
  const clipLink = await open(persons.patch);
  const ringLink = await open(persons.spare);
  const patchLink = await open(persons.chestPatch);
  const strap = await startStrap({ clock, link: strapLink });
  const bidmc = await loadExcerpt("bidmc-23");
  const from = { placement: "finger" };
  const mitdb = await loadExcerpt("mitdb-230");
  const patch = startWearable({
    sources: [recordingSource(mitdb, { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] })],
    ...{ clock, link: patchLink, batchMs: 250 },
    bootId: randomBytes(8).toString("hex"),
  });
  const clip = startWearable({
    sources: [
      recordingSource(bidmc, { ...from, stream: "ecg", channels: [{ lead: "II", id: "ecg", kind: "ecg" }] }),
      recordingSource(bidmc, { ...from, stream: "ppg", channels: [{ lead: "PLETH", id: "ppg", kind: "ppg" }] }),
    ],
    ...{ clock, link: clipLink },
    bootId: randomBytes(8).toString("hex"),
  });
  const ring = startWearable({
    sources: [ppgSource({ seed: 7 })],
    clock,
    link: ringLink,
    bootId: randomBytes(8).toString("hex"),
    batchMs: 1000,
  });
  const body = await startBodySensors(clock, open);
  return {
    ...{ strap, body },
    origins: [
      bidmc.origin,
      `${mitdb.origin}: Person C’s patch learns what is usual for its wearer in ${persons.learnS} s here, at home in 5 min; the beats of another shape follow about 65 s after the start`,
      body.origin,
    ],
    async close() {
      for (const wearable of [strap, clip, ring, patch]) wearable.stop();
      await body.close();
      await Promise.all([strapLink, clipLink, ringLink, patchLink].map((link) => link.close()));
    },
  };
}
