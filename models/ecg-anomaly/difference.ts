/** In which way one beat's curve differs from the usual one, as a person would say it. */

import type { Difference } from "../personal-spec.ts";
import { qrsFrom, qrsTo } from "../signal/beat-window.ts";

/** A fifth more or less is nothing to speak of. */
const much = 1.25;

/** Both curves as the network is shown them; `cameEarly` where the moment is more unusual than the shape. */
export function differenceOf(shown: Float32Array, usual: Float32Array, cameEarly: boolean): Difference {
  if (cameEarly) return "earlier";
  const wider = widthOf(shown) / widthOf(usual);
  if (wider >= much) return "wider";
  const taller = heightOf(shown) / heightOf(usual);
  if (taller >= much) return "taller";
  if (taller <= 1 / much) return "flatter";
  return wider <= 1 / much ? "narrower" : "other";
}

/** Samples of the QRS part and a little behind it that lie farther from the line before it than a third of its height. */
function widthOf(curve: Float32Array): number {
  const part = curve.subarray(qrsFrom, qrsTo + 8);
  const line = part[0] as number;
  const most = part.reduce((height, value) => Math.max(height, Math.abs(value - line)), 1e-6);
  return Math.max(part.filter((value) => Math.abs(value - line) > most / 3).length, 1);
}

function heightOf(curve: Float32Array): number {
  const part = curve.subarray(qrsFrom, qrsTo);
  return Math.max(Math.max(...part) - Math.min(...part), 1e-6);
}
