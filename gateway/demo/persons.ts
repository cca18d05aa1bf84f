/** Who lives in the demo and what they wear. The recordings are real and licensed; the persons are nobody. */

import type { Config } from "../config/schema.ts";

export const strap = "chest-strap";
export const patch = "finger-clip";
export const tag = "motion-tag";
export const band = "wrist-band";
export const spare = "spare-ring";
export const chestPatch = "chest-patch";

/** Where the motion sensors of one person are worn. */
export const bodyPlacements = ["pelvis", "head", "left-forearm", "right-forearm", "left-shank", "right-shank"] as const;
export const bodySensors = bodyPlacements.map((placement) => ({ id: `motion-${placement}`, placement }));

/** What is usual for the wearer of the patch is learnt in so many seconds, so that a visitor sees it; at home it is five minutes. */
export const learnS = 45;

export const people: Config["people"] = [
  { id: "person-a", name: "Person A", profile: {} },
  { id: "person-b", name: "Person B", profile: {} },
  { id: "person-c", name: "Person C", profile: { anomalyLearnS: learnS } },
  { id: "person-d", name: "Person D", profile: {} },
];

const mqtt = { kind: "mqtt" } as const;

/** `serialPath` and `tcpPort`: where the two motion sensors of the same make are plugged in. */
export function devices({ serialPath, tcpPort }: { serialPath: string; tcpPort: number }): Config["devices"] {
  const stream = { driver: "hearth-stream", link: mqtt, options: {} };
  const xsens = { driver: "xsens-mti", options: {} };
  return [
    { id: strap, title: "Chest strap", ...stream, wornBy: "person-a", placement: "chest" },
    { id: tag, title: "Motion tag", ...xsens, link: { kind: "serial", path: serialPath }, wornBy: "person-a", placement: "thigh" },
    { id: patch, title: "Finger clip", ...stream, wornBy: "person-b", placement: "finger" },
    {
      id: band,
      title: "Wrist band",
      ...xsens,
      link: { kind: "tcp", host: "127.0.0.1", port: tcpPort },
      wornBy: "person-b",
      placement: "wrist",
    },
    { id: chestPatch, title: "Chest patch", ...stream, wornBy: "person-c", placement: "chest" },
    ...bodySensors.map(({ id, placement }) => ({
      ...{ id, title: `Motion sensor, ${placement.replace("-", " ")}`, ...stream, wornBy: "person-d", placement },
    })),
    { id: spare, title: "Spare ring", ...stream },
  ];
}
