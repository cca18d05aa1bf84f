/** What motion sensors say of a person without a network, each second: steps, stillness, posture, and whether each sensor is worn. Of what is measured alone. */

import type { Source } from "../../device-drivers/contract/result.ts";

export type Posture = "lying" | "leaning" | "upright";

export interface MovementFact {
  readonly kind: "movement";
  readonly device: string;
  readonly stream: string;
  /** All sensors that gave samples in this second. */
  readonly about: readonly [Source, ...Source[]];
  /** End of the second. */
  readonly timeUs: number;
  readonly knownUs: number;
  /** Steps that became known in this second; absent where no worn sensor can tell. */
  readonly steps?: number;
  /** Placement whose sensor counted them; one leg counts for both. */
  readonly stepsBy?: string;
  /** Steps a minute; absent unless somebody walks. */
  readonly cadencePerMin?: number;
  /** `motion.still`: for how long no worn sensor has moved, s; 0 while one does, absent where none is known to be worn. */
  readonly stillS?: number;
  /** Of the trunk: more than 60° from upright is lying, more than 35° leaning. Absent where no sensor can tell. */
  readonly posture?: Posture;
  readonly sensors: readonly SensorWear[];
}

interface SensorWear {
  readonly device: string;
  readonly placement: string;
  /** Absent while it is not known. */
  readonly isWorn?: boolean;
}
