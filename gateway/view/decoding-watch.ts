/** `device.decoding`: says of each device whether its data can be read, and shows the device anew where that has changed. */

import type { AlertService } from "../alert/service.ts";
import type { Registry } from "../people/registry.ts";
import type { DeviceViews } from "./device-views.ts";

interface DecodingWatchParts {
  readonly registry: Pick<Registry, "devices">;
  readonly devices: Pick<DeviceViews, "fault" | "publish" | "look">;
  readonly set: AlertService["set"];
}

/** The look itself; call it every second. */
export function createDecodingWatch({ registry, devices, set }: DecodingWatchParts): () => void {
  const isReadable = new Map<string, boolean>();
  return () => {
    devices.look();
    for (const { id } of registry.devices()) {
      const fault = devices.fault(id);
      if (fault === "unknown") continue;
      set("device.decoding", fault !== undefined, id, fault);
      if (isReadable.get(id) === (fault === undefined)) continue;
      isReadable.set(id, fault === undefined);
      devices.publish(id);
    }
  };
}
