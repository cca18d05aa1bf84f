/** What readers of the live stream are sent of a block: a message for each channel that one of them wants, in the channel's unit. */

import { type ChannelKind, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Placed } from "../stream/reorder.ts";
import type { LiveMessage } from "./view-port.ts";

/** What a person may see although no rule may believe it. */
const shownFlags = Flag.saturated | Flag.motion;

/** A sample without a value, or that was not measured on the wearer, is null. Values are rounded to 0.0001 of the unit. */
export function sampleMessages(
  person: string,
  descriptor: StreamDescriptor,
  placed: Placed,
  kinds: ReadonlySet<ChannelKind>,
): LiveMessage[] {
  const { device, stream, rateHz } = descriptor;
  return descriptor.channels.flatMap((channel, index): LiveMessage[] => {
    if (!kinds.has(channel.kind)) return [];
    const values: (number | null)[] = [];
    for (let i = 0; i < placed.count; i++) {
      const isHidden = placed.kind === "gap" || ((placed.flags?.[i] ?? 0) & ~shownFlags) !== 0;
      const raw = isHidden ? Number.NaN : (placed.channels[index]?.[i] ?? Number.NaN);
      values.push(Number.isNaN(raw) ? null : Math.round((raw * channel.scale + channel.offset) * 10_000) / 10_000);
    }
    return [
      {
        kind: "samples",
        person,
        device,
        stream,
        channel: channel.id,
        channelKind: channel.kind,
        unit: channel.unit,
        startUs: placed.startUs,
        rateHz,
        values,
      },
    ];
  });
}
