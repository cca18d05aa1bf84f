/** Why a pose was refused, as a sentence with the way out. */

import type { PoseFault } from "../stream/body/held-pose.ts";
import { stillDeg } from "../stream/body/held-pose.ts";

/** @param title what the household calls the device. */
export function poseFaultText({ code, device, placement, deg = 0 }: PoseFault, title: string | undefined): string {
  const [name, place] = [title ?? device ?? "The sensor", placement?.replace("-", " ")];
  const sensor = place === undefined || name.toLowerCase().includes(place) ? name : `${name} (${place})`;
  if (code === "moved")
    return `${sensor} turned by ${deg}° while it was to be still (at most ${stillDeg}°): stand still, and calibrate again.`;
  if (code === "gravity")
    return `${sensor} takes for down what is ${deg}° off: lay it still for ten seconds so that it finds its level, put it on, and calibrate again.`;
  if (code === "swapped")
    return "By the arms you face the other way than by all other sensors, as where left and right forearm are swapped: swap the two sensors, or say where each is worn, and calibrate again.";
  if (code === "arms")
    return "No arm was seen to be raised from hanging to the side, or both say otherwise where forwards is: begin with hanging arms and raise them straight to the sides when you are told to, with all sensors in one magnetic surrounding; or choose the pose with hanging arms.";
  return device === undefined
    ? "No motion sensor sent anything: switch them on, and calibrate again."
    : `${sensor} sent too little: see that it is on, charged and near, and calibrate again; or calibrate without it.`;
}
