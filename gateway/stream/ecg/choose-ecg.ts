/** Which ECG channel of a stream is analysed. One rule for the live river, strips and replay. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { millivoltsPer } from "./millivolts.ts";

/** Outside this the QRS detector and the beat model have never been shown to work; such a stream is kept and shown, not analysed. */
export const slowestHz = 100;
export const fastestHz = 2000;

/** Lead II as headers write it: "II", "MLII", "ii", "ECG II", "ECG lead II", "Lead_II". */
const leadII = /^(?:(?:ecg|ekg)[\s,_-]*)?(?:lead[\s_-]*)?(?:ml)?ii$/i;

export function hasEcgRate({ rateHz }: StreamDescriptor): boolean {
  return rateHz >= slowestHz && rateHz <= fastestHz;
}

/** Lead II by name where a record has it (recordings do not keep an order of leads), else the first ECG channel. */
export function chooseEcg(descriptor: StreamDescriptor): Channel | undefined {
  if (!hasEcgRate(descriptor)) return undefined;
  // Without a voltage nobody knows what is flat or loud. Old recordings name units of their own and were always read as millivolts.
  const isVoltage = ({ unit }: Channel) => descriptor.contact === "given" || millivoltsPer(unit) !== undefined;
  const leads = descriptor.channels.filter((channel) => channel.kind === "ecg" && isVoltage(channel));
  return leads.find(({ lead }) => lead !== undefined && leadII.test(lead)) ?? leads[0];
}
