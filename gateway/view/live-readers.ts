/** Who reads the live stream, and what of it: samples and results are made only where somebody wants them. */

import type { ChannelKind } from "../../device-drivers/contract/sample-block.ts";
import { drawnKinds, type LiveMessage, type LiveWants } from "./view-port.ts";

type Listener = (message: LiveMessage) => void;

const ofPage: LiveWants = { channelKinds: drawnKinds, results: false };

export function createLiveReaders() {
  const wantsOf = new Map<Listener, LiveWants>();
  /** Of all readers together. */
  let kinds: ReadonlySet<ChannelKind> = new Set();
  let areResultsWanted = false;
  const gather = () => {
    const all = [...wantsOf.values()];
    kinds = new Set(all.flatMap(({ channelKinds }) => [...channelKinds]));
    areResultsWanted = all.some(({ results }) => results);
  };
  const isWanted = (message: LiveMessage, { channelKinds, results }: LiveWants) =>
    message.kind === "samples" ? channelKinds.has(message.channelKind) : message.kind !== "result" || results;
  return {
    add(listener: Listener, wants: LiveWants = ofPage): () => void {
      wantsOf.set(listener, wants);
      gather();
      return () => {
        wantsOf.delete(listener);
        gather();
      };
    },
    publish(message: LiveMessage): void {
      for (const [listener, wants] of wantsOf) if (isWanted(message, wants)) listener(message);
    },
    channelKinds: () => kinds,
    wantResults: () => areResultsWanted,
  };
}
