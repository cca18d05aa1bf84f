/** Who wears a device from now on: what it was for the one before is kept with them, and alerts and waiting go over to the new one. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertService } from "../alert/service.ts";
import type { Registry } from "../people/registry.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { isoOf } from "../runtime/iso-time.ts";

export interface WearParts {
  readonly nowUs: () => number;
  readonly registry: Registry;
  readonly pipeline: Pick<Pipeline, "snapshot">;
  readonly alertService: Pick<AlertService, "reassigned" | "missing">;
  /** Shows the device as it stands now. */
  readonly publish: (device: string) => void;
}

type Wear = (device: string, person: string | undefined, placement: string, sinceUs?: number) => Promise<void>;

/** The result throws `registry.unknown`; `setup.bad_field` for a time to come, `setup.conflict` for one at which somebody wore it. */
export function createWear({ nowUs, registry, pipeline, alertService, publish }: WearParts): Wear {
  return async (device, person, placement, sinceUs) => {
    if (sinceUs !== undefined) checkSince(registry, device, sinceUs, nowUs());
    const before = registry.wearing(device, nowUs())?.person;
    if (before !== undefined) await pipeline.snapshot(before);
    await registry.assign(device, person, placement, sinceUs ?? nowUs());
    alertService.reassigned(device);
    if (person === undefined) alertService.missing.unwatch(device);
    else alertService.missing.watch(person, device);
    publish(device);
  };
}

/** What came while somebody wore it has been judged as theirs and stays so; what is to come is told when it is true. */
function checkSince(registry: Registry, device: string, sinceUs: number, nowUs: number): void {
  if (sinceUs > nowUs)
    throw new GatewayError(
      "setup.bad_field",
      "operator",
      `'since' is to come; a change is told when it is made. Now it is ${isoOf(nowUs)}.`,
      {
        fields: { field: "since" },
      },
    );
  const worn = registry.wearings().find((each) => each.device === device && (each.toUs ?? Number.POSITIVE_INFINITY) > sinceUs);
  if (worn === undefined) return;
  const until = worn.toUs === undefined ? "still" : `until ${isoOf(worn.toUs)}`;
  const says = `${worn.person} has worn it since ${isoOf(worn.fromUs)}, ${until}: what came in that time was judged as theirs and stays theirs. Leave 'since' out, and it counts from now on.`;
  throw new GatewayError("setup.conflict", "operator", says, { fields: { field: "since" } });
}
