/** What analyses a stream: one folder and one line in `index.ts` each. Every analyser that wants a stream is given all of its blocks. */

import type { Channel, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { StreamStage } from "./stream-item.ts";
import type { AskedModel } from "./windows/asked-model.ts";

interface Analysed {
  readonly descriptor: StreamDescriptor;
  /** What it said that it wants, at least one. */
  readonly channels: readonly Channel[];
  readonly models: readonly AskedModel[];
  /** One analyser of a stream judges its quality and tells its gaps; what another says of these is left out. */
  readonly judges: boolean;
}

export interface Analyser {
  /** Names its state in snapshots: never used again for something else. */
  readonly name: string;
  /** Of what it keeps; with another number it begins afresh. */
  readonly version: number;
  /** It is not given a stream that one of these wants. */
  readonly notBeside?: readonly string[];
  wants(descriptor: StreamDescriptor): readonly Channel[] | undefined;
  /** `saved`: what its `state()` gave; throws where it cannot go on from it. */
  create(of: Analysed, saved?: unknown): StreamStage;
}
