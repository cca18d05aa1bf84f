/** R peaks, quality and windows for models of one ECG lead. */

import type { Analyser } from "../analyser.ts";
import { chooseEcg } from "./choose-ecg.ts";
import { createEcgStream } from "./ecg-stream.ts";

export const ecg: Analyser = {
  name: "ecg",
  version: 1,
  wants(descriptor) {
    const channel = chooseEcg(descriptor);
    return channel === undefined ? undefined : [channel];
  },
  create({ descriptor, channels: [channel], models }, saved) {
    if (channel === undefined) throw new RangeError("an ECG without a channel");
    return createEcgStream({ descriptor, channel, models }, saved);
  },
};
