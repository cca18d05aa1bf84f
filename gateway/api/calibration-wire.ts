/** How the calibration of a person's motion sensors looks in REST and on the page: contract names, seconds and ISO 8601. */

import Type, { type Static } from "typebox";
import { maxNameLength } from "../../device-drivers/contract/name.ts";
import { calibrationPoses, type DatedCalibration } from "../facts/mount.ts";
import { isoOf, isoOrNull } from "../runtime/iso-time.ts";
import type { CalibrationPort } from "../setup/calibration-port.ts";

type CalibrationView = ReturnType<CalibrationPort["calibration"]>;

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const iso = (description: string) => Type.String({ format: "date-time", description });
const pose = Type.Enum([...calibrationPoses], {
  description:
    "arms-out: upright, arms hanging, then raised straight to the sides, palms down, and held. arms-down: upright with hanging arms, held; for whoever can't raise them. Then sensors are taken to be strapped on roughly as they should be.",
});

const CalibrationRunSchema = Type.Object({
  pose,
  without: Type.Array(Type.String(), { description: "Placements that were left out." }),
  state: Type.Enum(["running", "done", "refused"]),
  start: iso("Begin of the count-down: stand upright, arms hanging."),
  ready: iso("The arms are raised from here on, in arms-out."),
  hold_from: iso("Hold still from here on …"),
  hold_to: iso("… to here."),
  faults: Type.Array(
    Type.Object({
      code: Type.Enum(["missing", "moved", "gravity", "arms", "swapped", "not-kept"]),
      device: nullable(Type.String()),
      placement: nullable(Type.String()),
      text: Type.String({ description: "A sentence with the way out." }),
    }),
    { description: "Why it was refused; nothing has changed then." },
  ),
  number: nullable(Type.Integer({ description: "Under which it is kept." })),
});

export const calibrationSchemas = {
  CalibrationRun: CalibrationRunSchema,
  Calibration: Type.Object({
    person: Type.String(),
    sensors: Type.Array(
      Type.Object({
        device: Type.String(),
        placement: Type.String(),
        calibrated_at: nullable(iso("Null while it is not, or no longer since it was put on anew or elsewhere.")),
      }),
    ),
    run: nullable(CalibrationRunSchema),
    acts: Type.Array(
      Type.Object({
        number: Type.Integer(),
        act: Type.Enum(["pose", "undo"]),
        by: Type.String(),
        from: iso("It holds from here on."),
        devices: Type.Array(Type.String()),
        undoes: nullable(Type.Integer()),
      }),
      { description: "Newest first." },
    ),
  }),
  CalibrationBody: Type.Object(
    {
      act: Type.Enum(["start", "undo"], { description: "undo: what held before the newest calibration holds again." }),
      pose: Type.Optional(pose),
      without: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 8, description: "Placements to leave out." })),
      by: Type.Optional(Type.String({ maxLength: maxNameLength, description: "Who says so, where the token names nobody." })),
    },
    { additionalProperties: false },
  ),
};

export function runToWire(run: NonNullable<CalibrationView["run"]>): Static<typeof CalibrationRunSchema> {
  return {
    ...{ pose: run.pose, without: [...run.without], state: run.state, start: isoOf(run.startUs), ready: isoOf(run.readyUs) },
    ...{ hold_from: isoOf(run.heldFromUs), hold_to: isoOf(run.heldToUs), number: run.number ?? null },
    faults: run.faults.map(({ code, device, placement, text }) => ({ code, device: device ?? null, placement: placement ?? null, text })),
  };
}

export function calibrationToWire(person: string, { sensors, run, acts }: CalibrationView): Static<typeof calibrationSchemas.Calibration> {
  return {
    person,
    sensors: sensors.map(({ device, placement, calibratedUs }) => ({ device, placement, calibrated_at: isoOrNull(calibratedUs) })),
    run: run === undefined ? null : runToWire(run),
    acts: acts.map(actToWire).reverse(),
  };
}

function actToWire({ number, fromUs, by, act }: DatedCalibration) {
  return {
    ...{ number, act: act.kind, by, from: isoOf(fromUs), devices: act.kind === "pose" ? [...act.devices] : [] },
    undoes: act.kind === "undo" ? act.number : null,
  };
}
