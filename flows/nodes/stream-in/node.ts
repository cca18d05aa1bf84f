/** `hearth stream in`: what wearables measure, live, as blocks of samples. */

import type { NodeType } from "../../node-red/host.ts";
import { createBlockSource } from "./blocks.ts";

/** A signal comes at least each second; a status that changes more often is read by nobody. */
const lookMs = 2000;
const leastHz = 0.5;

export const streamIn: NodeType = {
  type: "hearth stream in",
  open(settings, { gateway, send, status }) {
    const source = createBlockSource(settings);
    let blocks = 0;
    let seen = 0;
    let newest = { of: "", rateHz: 0, quality: "" };
    const stops = [
      gateway?.onEvent("quality", source.quality),
      gateway?.onEvent("samples", (data) => {
        for (const block of source.samples(data)) {
          blocks++;
          newest = { of: `${block.device}/${block.stream}/${block.channel}`, rateHz: block.rateHz, quality: block.quality };
          send({ topic: newest.of, payload: block });
        }
      }),
    ];
    const look = () => {
      const others = source.others();
      const isRate = ["", undefined].includes(settings.rateHz as string) || Number(settings.rateHz) >= leastHz;
      if (!isRate) status("failed", "stream-in.status.bad-rate");
      else if (blocks > seen) status(newest.quality === "bad" ? "attention" : "good", "stream-in.status.live", newest);
      else if (blocks > 0) status("waiting", "stream-in.status.silent", newest);
      else if (others.length > 0) status("attention", "stream-in.status.none-match", { others: others.join(", ") });
      else status("idle", "stream-in.status.nothing");
      seen = blocks;
    };
    look();
    const timer = setInterval(look, lookMs);
    return {
      close() {
        clearInterval(timer);
        for (const stop of stops) stop?.();
      },
    };
  },
};
