/** Pulse beats and the rate of a pleth. Whether a pulse speaks for a living heart is decided by the signs of life alone. */

import { slowestPulseHz } from "../../../models/signal/pulse.ts";
import { pulseModel } from "../../facts/pulse.ts";
import type { Analyser } from "../analyser.ts";
import { createPulseStream } from "./pulse-stream.ts";

export const pulse: Analyser = {
  name: "pulse",
  version: 1,
  wants({ channels, rateHz }) {
    const pleth = channels.find(({ kind }) => kind === "ppg");
    return pleth === undefined || rateHz < slowestPulseHz ? undefined : [pleth];
  },
  create({ descriptor, channels: [channel], models }, saved) {
    if (channel === undefined) throw new RangeError("a pulse without a pleth");
    const tellsRates = !models.some(({ spec }) => spec.id === pulseModel);
    return createPulseStream({ descriptor, channel, tellsRates }, saved);
  },
};
