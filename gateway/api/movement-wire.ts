/** How a person's movement looks in REST and on the page. */

import Type, { type Static } from "typebox";
import { isoOf } from "../runtime/iso-time.ts";
import type { PersonView } from "../view/view-port.ts";

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const MovementSchema = Type.Object(
  {
    at: Type.String({ format: "date-time", description: "End of the second that it is of." }),
    steps: orNull(Type.Integer({ description: "Since the gateway started; null where no sensor can tell." })),
    cadence_per_min: orNull(Type.Number({ description: "Steps a minute; null unless somebody walks." })),
    still_s: orNull(Type.Number({ description: "For how long no worn sensor has moved; null where none is known to be worn." })),
    posture: orNull(
      Type.Enum(["lying", "leaning", "upright", "sitting", "standing"], {
        description: "Sitting and standing only where a network tells the legs.",
      }),
    ),
    posture_completed: Type.Boolean({ description: "A sensor of a leg is silent: sitting or standing was completed by the network." }),
    sensors: Type.Array(
      Type.Object({
        device: Type.String(),
        placement: Type.String(),
        worn: orNull(Type.Boolean({ description: "Null while not known." })),
      }),
    ),
  },
  { description: "By the motion sensors of a body, of the newest second." },
);

export function movementToWire(movement: PersonView["movement"]): Static<typeof MovementSchema> | null {
  if (movement === undefined) return null;
  const { timeUs, steps, cadencePerMin, stillS, posture, isCompleted = false, sensors } = movement;
  return {
    ...{ at: isoOf(timeUs), steps: steps ?? null, cadence_per_min: cadencePerMin ?? null, still_s: stillS ?? null },
    ...{ posture: posture ?? null, posture_completed: isCompleted },
    sensors: sensors.map(({ device, placement, isWorn }) => ({ device, placement, worn: isWorn ?? null })),
  };
}
