/** Which ECG channel of a stream is analysed. One rule for the live river, strips and replay. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";

/** Outside this the QRS detector and the beat model have never been shown to work; such a stream is kept and shown, not analysed. */
export const slowestHz = 100;
export const fastestHz = 2000;

/** Lead II as headers write it: "II", "MLII", "ii", "ECG II", "ECG lead II", "Lead_II". */
const leadII = /^(?:(?:ecg|ekg)[\s,_-]*)?(?:lead[\s_-]*)?(?:ml)?ii$/i;

/** Lead II by name where a record has it (recordings do not keep an order of leads), else the first ECG channel. */
export function chooseEcg(descriptor: StreamDescriptor): Channel | undefined {
  if (descriptor.rateHz < slowestHz || descriptor.rateHz > fastestHz) return undefined;
  const leads = descriptor.channels.filter((channel) => channel.kind === "ecg");
  return leads.find(({ lead }) => lead !== undefined && leadII.test(lead)) ?? leads[0];
}
