/** How a motion sensor sits on its limb, as a pose that was held has shown it. */

type Turn = readonly [w: number, x: number, y: number, z: number];

export interface Mount {
  readonly device: string;
  /** Where it was worn then; worn elsewhere, or put on anew, the mount says nothing. */
  readonly placement: string;
  /** From the segment to the sensor: what the sensor tells, turned by this first, is the rotation of its segment. */
  readonly turn: Turn;
  /** Where the person faced in the pose, about the vertical of the sensor's world; from then on that way is forwards. */
  readonly facing: Turn;
  /** End of the pose, gateway axis. */
  readonly sinceUs: number;
}

export const calibrationPoses = ["arms-out", "arms-down"] as const;
export type CalibrationPose = (typeof calibrationPoses)[number];

type CalibrationAct =
  | { readonly kind: "pose"; readonly pose: CalibrationPose; readonly devices: readonly string[] }
  /** Takes back the act of that number: what held before it holds again. */
  | { readonly kind: "undo"; readonly number: number };

export interface DatedCalibration {
  /** Rises by one with every act. */
  readonly number: number;
  /** Gateway axis. */
  readonly fromUs: number;
  readonly by: string;
  readonly act: CalibrationAct;
  /** All that hold from then on. */
  readonly mounts: readonly Mount[];
}

/** Where a device is worn at a moment, and how it sits there if that is known. */
export interface Mounting {
  readonly placement: string | undefined;
  readonly mount?: Mount;
}

/** @param stated the placement that the device's own descriptor says. */
export type MountingOf = (device: string, stated: string | undefined, atUs: number) => Mounting;
