/**
 * Whether a motion sensor is on the body or lies about. Worn sensors move now and then; one that lies still while the others walk is not worn, and one that has
 * not moved at all for an hour is not either (after van Hees et al. 2011, who ask for less than 13 mg over an hour). Between, it stays as it was.
 */

import type { SensorSecond } from "./sensor-motion.ts";

interface WearState {
  readonly isWorn: boolean | undefined;
  /** Seconds in a row: in which it moved; in which it was quite still; in which it was still while others walked. */
  readonly movedS: number;
  readonly quietS: number;
  readonly leftS: number;
}

/** rad/s and g above which it moves, and below which nothing alive holds it. */
const moves = { turnRadps: 0.15, shakeG: 0.04 };
const quiet = { turnRadps: 0.04, shakeG: 0.013 };
const [wornAfterS, leftAfterS, quietAfterS] = [3, 10, 3600];

export const stillBelow = { turnRadps: 0.06, shakeG: 0.03 };

export function createWearWatch(saved?: WearState) {
  let s: WearState = { isWorn: undefined, movedS: 0, quietS: 0, leftS: 0, ...saved };
  return {
    /** @param othersWalk another sensor of the person counts steps in a rhythm. */
    push({ turnRadps, shakeG }: SensorSecond, othersWalk: boolean): void {
      const isMoving = turnRadps > moves.turnRadps || shakeG > moves.shakeG;
      const isQuiet = turnRadps < quiet.turnRadps && shakeG < quiet.shakeG;
      const movedS = isMoving ? s.movedS + 1 : 0;
      const quietS = isQuiet ? s.quietS + 1 : 0;
      const leftS = isMoving ? 0 : othersWalk ? s.leftS + 1 : s.leftS;
      const isOff = leftS >= leftAfterS || quietS >= quietAfterS;
      s = { movedS, quietS, leftS, isWorn: isOff ? false : movedS >= wornAfterS ? true : s.isWorn };
    },
    get isWorn() {
      return s.isWorn;
    },
    state: () => s,
  };
}
