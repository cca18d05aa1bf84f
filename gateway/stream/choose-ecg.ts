/** Which ECG channel of a stream is analysed. One rule for the live river, strips and replay. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";

/** Outside this the QRS detector and the beat model have never been shown to work; such a stream is kept and shown, not analysed. */
const slowestHz = 100;
const fastestHz = 2000;

/** Lead II by name where a record has it (recordings do not keep an order of leads), else the first ECG channel. */
export function chooseEcg(descriptor: StreamDescriptor): Channel | undefined {
  if (descriptor.rateHz < slowestHz || descriptor.rateHz > fastestHz) return undefined;
  const leads = descriptor.channels.filter((channel) => channel.kind === "ecg");
  return leads.find((channel) => channel.lead === "MLII" || channel.lead === "II") ?? leads[0];
}
