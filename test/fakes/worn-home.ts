/** The people and devices of a home for `sampleConfig`: each device is a Hearth Stream over MQTT, worn by the person that it is mapped to. */

import type { Config } from "../../gateway/config/schema.ts";

export function wornHome(personByDevice: Readonly<Record<string, string>>): Pick<Config, "people" | "devices"> {
  return {
    people: [...new Set(Object.values(personByDevice))].map((id) => ({ id, name: id, profile: {} })),
    devices: Object.entries(personByDevice).map(([id, wornBy]) => ({
      id,
      driver: "hearth-stream",
      link: { kind: "mqtt" as const },
      options: {},
      wornBy,
    })),
  };
}
