/** Hearth Stream 1 over MQTT: sorts a device's messages by stream and asks for descriptors that are missing. Gaps are left to the reorder stage, because re-sent batches come late. */

import { type Chunk, type Driver, type DriverInstance, emptyCounters } from "../contract/driver.ts";
import type { RefusalCode } from "../contract/refusal.ts";
import type { Block } from "../contract/sample-block.ts";
import { createRefusals } from "../framing/refusals.ts";
import { checkMeta } from "./meta-fields.ts";
import { type HearthStreamOptions, hearthStreamOptions } from "./options.ts";
import { createStreamDecoder, type StreamDecoder, type StreamState } from "./stream-decoder.ts";

const maxStreams = 32;
const noReplies: readonly { readonly channel: string; readonly bytes: Uint8Array }[] = [];
const streamName = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** A device that doesn't answer is asked again after this long. */
const askAgainUs = 10_000_000;

interface DeviceState {
  readonly streams: readonly (readonly [stream: string, state: StreamState])[];
}

export const hearthStream: Driver<HearthStreamOptions> = {
  name: "hearth-stream",
  title: "Hearth Stream 1 (MQTT)",
  options: hearthStreamOptions,
  silenceMs: 10_000,
  create: (_options, device, state) => createHearthStream(device, state as DeviceState | undefined),
  check: (channel, bytes) => (channel.endsWith("/meta") ? checkMeta(bytes) : undefined),
};

function createHearthStream(device: string, saved?: DeviceState): DriverInstance {
  const counters = emptyCounters();
  const refusals = createRefusals();
  const streams = new Map<string, StreamDecoder>();
  const create = (stream: string, state?: StreamState) => {
    const isKnownElsewhere = (hash: string) => [...streams].some(([other, decoder]) => other !== stream && decoder.knows(hash));
    return createStreamDecoder({ device, stream, counters, refusals, isKnownElsewhere }, state);
  };
  for (const [stream, state] of saved?.streams ?? []) streams.set(stream, create(stream, state));
  const asked = new Map<string, { readonly hash: string; readonly atUs: number }>();
  const requests = new Map<string, string>();

  const discard = (reason: RefusalCode): Block[] => {
    counters.discarded[reason] = (counters.discarded[reason] ?? 0) + 1;
    refusals.add(reason, "");
    return [];
  };

  const decoderOf = (stream: string): StreamDecoder | undefined => {
    const known = streams.get(stream);
    if (known !== undefined || streams.size >= maxStreams) return known;
    const decoder = create(stream);
    streams.set(stream, decoder);
    return decoder;
  };

  const askIfWanted = (stream: string, decoder: StreamDecoder, nowUs: number) => {
    const hash = decoder.wantedHash();
    if (hash === undefined) {
      asked.delete(stream);
      requests.delete(stream);
      return;
    }
    const last = asked.get(stream);
    if (last?.hash === hash && nowUs - last.atUs < askAgainUs) return;
    asked.set(stream, { hash, atUs: nowUs });
    requests.set(stream, hash);
  };

  return {
    counters,
    refusals: refusals.list,
    takeRefused: refusals.take,
    push({ channel, bytes, stamps }: Chunk) {
      if (channel === "status") return [];
      const [stream = "", leaf, ...rest] = channel.split("/");
      if (!streamName.test(stream) || rest.length > 0 || (leaf !== "raw" && leaf !== "meta")) return discard("driver.unknown_channel");
      // An empty retained message takes a descriptor off the broker; batches that name it can still come.
      if (leaf === "meta" && bytes.length === 0) return [];
      const decoder = decoderOf(stream);
      if (decoder === undefined) return discard("driver.too_many_streams");
      const blocks = leaf === "meta" ? decoder.pushMeta(bytes) : decoder.pushRaw(bytes, stamps);
      askIfWanted(stream, decoder, stamps.monotonicUs);
      return blocks;
    },
    state: (): DeviceState => ({ streams: [...streams].map(([stream, decoder]) => [stream, decoder.state()]) }),
    takeReplies() {
      if (requests.size === 0) return noReplies;
      const replies = [...requests].map(([stream, hash]) => ({
        channel: "cmd/meta",
        bytes: new TextEncoder().encode(JSON.stringify({ id: `${stream}-${hash}`, stream, m: hash })),
      }));
      requests.clear();
      return replies;
    },
  };
}
