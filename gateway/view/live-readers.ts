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
  let arePosesWanted = false;
  const gather = () => {
    const all = [...wantsOf.values()];
    kinds = new Set(all.flatMap(({ channelKinds }) => [...channelKinds]));
    areResultsWanted = all.some(({ results }) => results);
    arePosesWanted = all.some(({ poses }) => poses === true);
  };
  const isWanted = (message: LiveMessage, { channelKinds, results, poses }: LiveWants) => {
    if (message.kind === "samples") return channelKinds.has(message.channelKind);
    if (message.kind === "pose") return poses === true;
    return message.kind !== "result" || results;
  };
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
    wantPoses: () => arePosesWanted,
  };
}
