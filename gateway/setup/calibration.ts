/** What is asked of a person's calibration: seen, begun, taken back. Who did it stands in the audit. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Calibrations } from "../people/calibrations.ts";
import type { Person } from "../store/store-port.ts";
import type { Calibrator } from "./calibrate.ts";
import type { CalibrationPort } from "./calibration-port.ts";

interface CalibrationParts {
  readonly calibrations: Calibrations;
  readonly calibrator: Calibrator;
  /** Throws `registry.unknown`. */
  readonly personOf: (id: string) => Person;
  readonly audit: (what: string, by: string, subject: string, detail: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createCalibration({ calibrations, calibrator, personOf, audit, inTurn }: CalibrationParts): CalibrationPort {
  return {
    calibration(id) {
      personOf(id);
      const run = calibrator.run(id);
      return { sensors: calibrator.sensors(id), ...(run === undefined ? {} : { run }), acts: calibrations.of(id) };
    },
    async calibrate(id, pose, without, by) {
      personOf(id);
      return calibrator.start(id, pose, without, (mounts) =>
        inTurn(async () => {
          const { number, fromUs } = await calibrations.add(id, pose, mounts, by);
          await audit("person.calibrate", by, id, { pose, devices: mounts.map(({ device }) => device), number, fromUs });
          return number;
        }),
      );
    },
    undoCalibration: (id, by) =>
      inTurn(async () => {
        personOf(id);
        const dated = await calibrations.undo(id, by);
        if (dated === undefined)
          throw new GatewayError("setup.conflict", "operator", "There is no calibration that could be taken back.", {
            fields: { field: "act" },
          });
        await audit("person.calibrate", by, id, { ...dated.act, fromUs: dated.fromUs, as: dated.number });
        return dated;
      }),
  };
}
