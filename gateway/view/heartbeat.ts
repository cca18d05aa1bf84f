/** What the house tells its twin of itself once a minute. */

import type { Registry } from "../people/registry.ts";
import type { Heartbeat } from "../sync/start-sync.ts";
import type { DeviceViews } from "./device-views.ts";

interface HeartbeatParts {
  readonly nowUs: () => number;
  readonly startedUs: number;
  readonly version: string;
  readonly registry: Pick<Registry, "people">;
  readonly devices: Pick<DeviceViews, "all">;
}

export function heartbeatOf({ nowUs, startedUs, version, registry, devices }: HeartbeatParts): Heartbeat {
  return {
    timeUs: nowUs(),
    uptimeS: Math.round((nowUs() - startedUs) / 1e6),
    version,
    people: registry.people().map(({ id, name }) => ({ id, name })),
    devices: devices.all().map(({ id, person, state, lastSampleUs }) => ({
      id,
      state,
      ...(person === undefined ? {} : { person }),
      ...(lastSampleUs === undefined ? {} : { lastSampleUs }),
    })),
  };
}
