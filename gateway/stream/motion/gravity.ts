/** The units in which a channel may state acceleration. A turn of a body is found by gravity, so the size of a unit must be known. */

const standardGravityMps2 = 9.80665;
const gPerUnit: Readonly<Record<string, number>> = {
  g: 1,
  "[g]": 1,
  mg: 0.001,
  "m[g]": 0.001,
  "m/s2": 1 / standardGravityMps2,
  "m/s^2": 1 / standardGravityMps2,
  "m/s²": 1 / standardGravityMps2,
};

export const accUnits: readonly string[] = Object.keys(gPerUnit);

/** What one of `unit` is in g; undefined where the unit is no acceleration. */
export function gPer(unit: string): number | undefined {
  return gPerUnit[unit];
}
