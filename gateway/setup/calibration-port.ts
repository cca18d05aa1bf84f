/** A calibration of a person's motion sensors as pages, REST and the CLI see it. Times are of the gateway's axis. */

import type { CalibrationPose, DatedCalibration } from "../facts/mount.ts";

export interface CalibrationSensor {
  readonly device: string;
  readonly placement: string;
  /** Absent while it is not calibrated, or no longer since it was put on anew. */
  readonly calibratedUs?: number;
}

interface CalibrationFault {
  /** A sensor silent, one that moved, one whose level is off, arms that were not raised or are swapped, a disk that refuses. */
  readonly code: "missing" | "moved" | "gravity" | "arms" | "swapped" | "not-kept";
  readonly device?: string;
  readonly placement?: string;
  /** A sentence with the way out. */
  readonly text: string;
}

export interface CalibrationRun {
  readonly person: string;
  readonly pose: CalibrationPose;
  /** Placements that were left out. */
  readonly without: readonly string[];
  readonly state: "running" | "done" | "refused";
  readonly startUs: number;
  /** Until then the arms hang; then they are raised, where the pose asks for it. */
  readonly readyUs: number;
  readonly heldFromUs: number;
  readonly heldToUs: number;
  /** Why it was refused; empty otherwise. */
  readonly faults: readonly CalibrationFault[];
  /** Of what is kept, once it is done. */
  readonly number?: number;
}

interface CalibrationView {
  readonly sensors: readonly CalibrationSensor[];
  readonly run?: CalibrationRun;
  /** Oldest first. */
  readonly acts: readonly DatedCalibration[];
}

export interface CalibrationPort {
  /** Throws `registry.unknown`. */
  calibration(person: string): CalibrationView;
  /** Begins the count-down. Throws `registry.unknown`, `setup.conflict`. */
  calibrate(person: string, pose: CalibrationPose, without: readonly string[], by: string): Promise<CalibrationRun>;
  /** What held before the newest calibration holds again. Throws `registry.unknown`, `setup.conflict` where there is none. */
  undoCalibration(person: string, by: string): Promise<DatedCalibration>;
}
