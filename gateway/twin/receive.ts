/**
 * Takes frames off the wire: checks, groups, commits, then acknowledges. Nothing is acknowledged before its commit, and nothing that is not signed by
 * its gateway is stored.
 */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { TrafficClass } from "../../device-drivers/contract/event.ts";
import type { Log } from "../ops/log.ts";
import { encodeAck } from "../semantic/acknowledgement.ts";
import { type Frame, parseFrame, verifyFrame } from "../semantic/frame.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import { countRefusal, type TwinCounters } from "./counters.ts";
import type { Received, TwinStore } from "./store/twin-store.ts";

export interface ReceiverOptions {
  readonly store: Pick<TwinStore, "commit">;
  readonly keyOf: (gateway: string) => KeyObject | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: TwinCounters;
  /** Ed25519 under the twin's key. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Sends `ack` to a gateway. */
  readonly acknowledge: (gateway: string, payload: Uint8Array) => void;
  /** Told what is new, after its commit. */
  readonly onStored: (received: Received) => void;
}

export interface Receiver {
  /** A message of `gateway` on `up/<class>`. `done` is called after the commit, with an error if it failed; for refused frames at once. */
  offer(gateway: string, name: TrafficClass, bytes: Uint8Array, done: (error?: Error) => void): void;
  /** Commits what waits. */
  flush(): void;
}

/** A group is committed when it has a sender's whole window, or after this time. */
const groupSize = 8;
const groupMs = 20;

export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, clock, log, counters } = options;
  let group: { received: Received; done: (error?: Error) => void }[] = [];
  let cancelTimer: (() => void) | undefined;

  const refuse = (reason: string, gateway: string, done: () => void) => {
    countRefusal(counters, reason);
    log.warn({ reason, gateway }, "a frame was refused");
    done();
  };

  const flush = () => {
    cancelTimer?.();
    cancelTimer = undefined;
    const taken = group;
    group = [];
    if (taken.length === 0) return;
    let isNew: boolean[];
    try {
      isNew = store.commit(
        taken.map(({ received }) => received),
        clock.wallUs(),
      );
    } catch (thrown) {
      const error = toGatewayError(thrown, "twin.not_stored");
      log.error({ code: error.code }, "frames could not be stored; they are not acknowledged");
      for (const { done } of taken) {
        countRefusal(counters, "unstored");
        done(error);
      }
      return;
    }
    counters.commitsTotal += 1;
    for (const { gateway, epoch, numbers } of byEpoch(taken.map(({ received }) => received.frame)))
      options.acknowledge(gateway, encodeAck(gateway, { epoch, numbers }, options.sign));
    taken.forEach(({ received, done }, i) => {
      if (isNew[i] === true) {
        counters.framesStoredTotal += 1;
        if (received.payload === undefined) counters.framesOpaqueTotal += 1;
        options.onStored(received);
      } else counters.framesRepeatedTotal += 1;
      done();
    });
  };

  return {
    offer(gateway, name, bytes, done) {
      let frame: Frame;
      try {
        frame = parseFrame(bytes);
      } catch {
        return refuse("malformed", gateway, done);
      }
      const key = options.keyOf(gateway);
      if (key === undefined || frame.g !== gateway || frame.c !== name) return refuse("foreign", gateway, done);
      if (!verifyFrame(frame, key)) return refuse("forged", gateway, done);
      group.push({ received: { frame, payload: payloadOf(frame, log) }, done });
      if (group.length >= groupSize) flush();
      else cancelTimer ??= clock.after(groupMs, flush);
    },
    flush,
  };
}

function payloadOf(frame: Frame, log: Log): Received["payload"] {
  try {
    return decodePayload(frame.p);
  } catch (thrown) {
    log.warn(
      { code: toGatewayError(thrown).code, gateway: frame.g },
      "an authentic frame is not readable by this version and is kept as it came",
    );
    return undefined;
  }
}

function byEpoch(frames: readonly Frame[]): { gateway: string; epoch: Uint8Array; numbers: number[] }[] {
  const groups = new Map<string, { gateway: string; epoch: Uint8Array; numbers: number[] }>();
  for (const { g, e, n } of frames) {
    const key = `${g}/${Buffer.from(e).toString("hex")}`;
    const known = groups.get(key) ?? { gateway: g, epoch: e, numbers: [] };
    known.numbers.push(n);
    groups.set(key, known);
  }
  return [...groups.values()];
}
