/** How a person moves, in one calm line. */

import { durationText } from "./format.ts";
import { movementTexts as says } from "./texts-movement.ts";
import type { Movement } from "./wire-types.ts";

/** s. Shorter than this nobody is told to be still. */
const stillFromS = 10;

export function MovementLine({ movement }: { movement: Movement | null }) {
  if (movement === null) return null;
  const words = movementWords(movement);
  const off = movement.sensors.filter(({ worn }) => worn === false).map(({ placement }) => placement.replace("-", " "));
  return (
    <div data-movement>
      {words !== "" && <p>{words}</p>}
      {off.length > 0 && <p class="state-care">{says.off(off.join(", "))}</p>}
    </div>
  );
}

/** "Walking, 104 steps a minute. 312 steps since the gateway started." */
export function movementWords({ posture, posture_completed, cadence_per_min, still_s, steps }: Movement): string {
  // Who walks is upright: it goes without saying.
  const isPlain = posture === null || (cadence_per_min !== null && (posture === "upright" || posture === "standing"));
  const stands = isPlain ? [] : [`${says.postures[posture]}${posture_completed ? says.guess : ""}`];
  const moves =
    cadence_per_min !== null
      ? [says.walking(cadence_per_min)]
      : still_s !== null && still_s >= stillFromS
        ? [says.still(durationText(still_s))]
        : [];
  const now = [...stands, ...moves].join(", ");
  const first = now === "" ? [] : [now.charAt(0).toUpperCase() + now.slice(1)];
  return [...first, ...(steps === null ? [] : [says.steps(steps)])].map((sentence) => `${sentence}.`).join(" ");
}
