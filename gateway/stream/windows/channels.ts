/** Which channels of a stream a model is shown, and how they come to its unit. */

import type { Channel, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { chooseEcg } from "../ecg/choose-ecg.ts";
import { millivoltsPer } from "../ecg/millivolts.ts";
import { gPer } from "../motion/gravity.ts";

interface ShownChannel {
  readonly channel: Channel;
  /** In the descriptor. */
  readonly index: number;
  /** Of the channel's unit to the model's. */
  readonly factor: number;
}

/** Those of the input's kind whose unit can be brought to the input's, in the stream's order; of an ECG the lead that is analysed comes first. */
export function shownChannels(descriptor: StreamDescriptor, { kind, unit }: ModelSpec["input"]): ShownChannel[] {
  const shown = descriptor.channels.flatMap((channel, index) => {
    const factor = channel.kind === kind ? factorTo(unit, channel.unit) : undefined;
    return factor === undefined ? [] : [{ channel, index, factor }];
  });
  const analysed = kind === "ecg" ? chooseEcg(descriptor) : undefined;
  return [...shown.filter(({ channel }) => channel === analysed), ...shown.filter(({ channel }) => channel !== analysed)];
}

function factorTo(wanted: string, unit: string): number | undefined {
  if (unit === wanted || wanted === "any") return 1;
  for (const per of [millivoltsPer, gPer]) {
    const [own, other] = [per(unit), per(wanted)];
    if (own !== undefined && other !== undefined) return own / other;
  }
  return undefined;
}
