/** What each channel of a stream is used for, or why it is kept and shown only. It follows the choices of the analysers (`index.ts`), and makes none. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { placements } from "../../models/signal/body.ts";
import { slowestPulseHz } from "../../models/signal/pulse.ts";
import { chooseEcg, fastestHz, hasEcgRate, slowestHz } from "./ecg/choose-ecg.ts";
import { analysersOf } from "./index.ts";
import { accUnits, gPer } from "./motion/gravity.ts";
import { numericVital, numericVitals, vitalUnits } from "./vital/numeric-vital.ts";

export type Use = "beats" | "pulse" | "movement" | "vital" | "body";
type Unused = "other-lead" | "other-channel" | "rate" | "unit" | "axes" | "beside-ecg" | "placement" | "parts" | "kind";

interface ChannelUse {
  readonly channel: string;
  readonly kind: string;
  readonly use?: Use;
  /** Why it is used by nothing, with the field of the descriptor and what would be needed. */
  readonly unused?: Unused;
  readonly field?: string;
  readonly needs?: string;
}

/** One entry a channel, in the descriptor's order. */
export function usesOf(descriptor: StreamDescriptor): ChannelUse[] {
  const { channels, rateHz } = descriptor;
  const ecg = chooseEcg(descriptor);
  const vitals = numericVitals(descriptor);
  const analysedBy = new Set(analysersOf(descriptor).map(({ name }) => name));
  const pleth = channels.find(({ kind }) => kind === "ppg");
  const axes = channels.filter(({ kind }) => kind === "acc").length;

  const judge = (channel: Channel, at: number): Omit<ChannelUse, "channel" | "kind"> => {
    const { kind } = channel;
    if (channel === ecg) return { use: "beats" };
    if (kind === "ecg") {
      if (!hasEcgRate(descriptor)) return { unused: "rate", field: "rateHz", needs: `${slowestHz}–${fastestHz} Hz, not ${rateHz}` };
      return ecg === undefined
        ? { unused: "unit", field: `channels[${at}].unit`, needs: "mV, uV, V" }
        : { unused: "other-lead", needs: ecg.id };
    }
    if (vitals.some((vital) => vital.channel === channel)) return { use: "vital" };
    if (numericVital(channel) !== undefined) return { unused: "other-channel", needs: kind };
    // A breathing wave is no number in a wrong unit.
    if (kind !== "resp" && vitalUnits(kind).length > 0)
      return { unused: "unit", field: `channels[${at}].unit`, needs: vitalUnits(kind).slice(0, 3).join(", ") };
    if (kind === "quaternion") {
      if (channels.filter((each) => each.kind === kind).length < 4) return { unused: "parts", field: "channels", needs: "4" };
      const isOnBody = placements.some((placement) => placement === descriptor.placement);
      return isOnBody ? { use: "body" } : { unused: "placement", field: "placement", needs: placements.join(", ") };
    }
    if (kind !== "ppg" && kind !== "acc") return { unused: "kind", field: `channels[${at}].kind`, needs: kind };
    if (!analysedBy.has("life")) return { unused: "beside-ecg" };
    if (kind === "ppg" && channel !== pleth) return { unused: "other-channel", needs: pleth?.id ?? "" };
    if (kind === "ppg")
      return rateHz >= slowestPulseHz
        ? { use: "pulse" }
        : { unused: "rate", field: "rateHz", needs: `${slowestPulseHz} Hz or more, not ${rateHz}` };
    if (axes !== 3) return { unused: "axes", field: "channels", needs: "3" };
    if (gPer(channel.unit) === undefined) return { unused: "unit", field: `channels[${at}].unit`, needs: accUnits.join(", ") };
    return { use: "movement" };
  };
  return channels.map((channel, at) => ({ channel: channel.id, kind: channel.kind, ...judge(channel, at) }));
}
