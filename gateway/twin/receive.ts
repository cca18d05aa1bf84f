/**
 * Takes frames off the wire: checks, groups, commits, then acknowledges. Nothing is acknowledged before its commit has resolved, and nothing that is not
 * signed by its gateway is stored. One commit is under way at a time; what comes meanwhile goes together into the next.
 */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { encodeAck } from "../semantic/acknowledgement.ts";
import { type Frame, parseFrame, verifyFrame } from "../semantic/frame.ts";
import { type PayloadCodec, shippedPayloads } from "../semantic/payload-codec.ts";
import { countRefusal, type TwinCounters } from "./counters.ts";
import { createDayShare } from "./day-share.ts";
import type { UpMessage } from "./ingest/port.ts";
import type { Received, TwinStore } from "./store/port.ts";

export interface ReceiverOptions {
  readonly store: Pick<TwinStore, "commit">;
  /** The key under which a gateway signs; undefined for one that is not enrolled. */
  readonly keyOf: (gateway: string) => Promise<KeyObject | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: TwinCounters;
  /** Ed25519 under the twin's key. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Sends `ack` to a gateway. */
  readonly acknowledge: (gateway: string, payload: Uint8Array) => Promise<void>;
  /** The kinds of payload that it reads; those that ship unless told. */
  readonly codec?: Pick<PayloadCodec, "decode">;
  /** What it stores of a gateway and class in a day, bytes; as `createDayShare` unless told. */
  readonly maxDayBytes?: number;
  /** Told what is new, after its commit. */
  readonly onStored: (received: Received) => void;
}

export interface Receiver {
  /** As `IngestHandlers.receive`. Rejects with `twin.busy` (world) beyond what may wait, else with the store's error. */
  receive(message: UpMessage): Promise<void>;
  /** Commits what waits at once, and resolves when everything received before is settled. */
  drain(): Promise<void>;
}

/** A group is committed when it has a sender's whole window, or after this time; what has gathered behind a commit goes at once. */
const groupSize = 8;
const groupMs = 20;
/** As many rows as one acknowledgement can name. */
const maxGroup = 256;
/** What may be unsettled at a time; an uplink has 8 rows on its way. */
const most = { frames: 1024, bytes: 64 << 20, framesOfOne: 64 };

interface Waiting {
  readonly received: Received;
  readonly settle: PromiseWithResolvers<void>;
}

export function createReceiver(given: ReceiverOptions): Receiver {
  const { clock, log, counters } = given;
  const dayShare = createDayShare(given.maxDayBytes);
  const options: ReceiverOptions = {
    ...given,
    onStored(received) {
      dayShare.stored(received.frame, clock.wallUs());
      given.onStored(received);
    },
  };
  const unsettled = createBound();
  const pending = new Set<Promise<void>>();
  let waiting: Waiting[] = [];
  let isCommitting = false;
  let isDraining = false;
  let cancelTimer: (() => void) | undefined;

  const begin = () => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (isCommitting || waiting.length === 0) return;
    const group = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    isCommitting = true;
    void commitGroup(options, group)
      .catch((thrown: unknown) => refuseGroup(options, group, toGatewayError(thrown, "twin.bug")))
      .finally(() => {
        isCommitting = false;
        begin();
      });
  };

  const take = async ({ gateway, class: name, bytes }: UpMessage): Promise<void> => {
    const refuse = (reason: string) => {
      countRefusal(counters, reason);
      log.warn({ reason, gateway }, "a frame was refused");
    };
    let frame: Frame;
    try {
      frame = parseFrame(bytes);
    } catch {
      return refuse("malformed");
    }
    const key = await options.keyOf(gateway);
    if (key === undefined || frame.g !== gateway || frame.c !== name) return refuse("foreign");
    if (!verifyFrame(frame, key)) return refuse("forged");
    if (dayShare.isFull(frame, clock.wallUs())) return refuse("day_full");
    const payload = payloadOf(frame, options);
    if (payload === undefined && frame.mustBeUnderstood === true) return refuse("unreadable");
    const settle = Promise.withResolvers<void>();
    waiting.push({ received: { frame, payload }, settle });
    if (waiting.length >= groupSize || isDraining) begin();
    else cancelTimer ??= clock.after(groupMs, begin);
    return settle.promise;
  };

  return {
    async receive(message) {
      if (!unsettled.add(message)) {
        countRefusal(counters, "busy");
        throw new GatewayError("twin.busy", "world", "More frames wait for the twin's database than it may hold.");
      }
      const taken = take(message);
      pending.add(taken);
      try {
        await taken;
      } finally {
        pending.delete(taken);
        unsettled.remove(message);
      }
    },
    async drain() {
      isDraining = true;
      begin();
      await Promise.allSettled([...pending]);
      isDraining = false;
    },
  };
}

async function commitGroup(options: ReceiverOptions, group: readonly Waiting[]): Promise<void> {
  const { store, clock, counters, log } = options;
  let isNew: readonly boolean[];
  try {
    isNew = await store.commit(
      group.map(({ received }) => received),
      clock.wallUs(),
    );
  } catch (thrown) {
    const error = toGatewayError(thrown, "twin.not_stored");
    return error.kind === "bug" ? commitApart(options, group, error) : refuseGroup(options, group, error);
  }
  counters.commitsTotal += 1;
  for (const { gateway, epoch, numbers } of byEpoch(group.map(({ received }) => received.frame))) {
    // A gateway that does not hear of it sends the rows again.
    options.acknowledge(gateway, encodeAck(gateway, { epoch, numbers }, options.sign)).catch((thrown: unknown) => {
      log.warn({ gateway, code: toGatewayError(thrown).code }, "an acknowledgement could not be sent");
    });
  }
  for (const { settle } of group) settle.resolve();
  group.forEach(({ received }, i) => {
    if (isNew[i] !== true) {
      counters.framesRepeatedTotal += 1;
      return;
    }
    counters.framesStoredTotal += 1;
    if (received.payload === undefined) counters.framesOpaqueTotal += 1;
    options.onStored(received);
  });
}

/** One frame that can't be written holds up no other: it is kept as it came and read by a version that can. */
async function commitApart(options: ReceiverOptions, group: readonly Waiting[], error: GatewayError): Promise<void> {
  const [first] = group;
  if (group.length > 1) {
    for (const one of group) await commitGroup(options, [one]);
  } else if (first?.received.payload === undefined || first.received.frame.mustBeUnderstood === true) {
    refuseGroup(options, group, error);
  } else {
    const { received, settle } = first;
    options.log.error({ code: error.code, gateway: received.frame.g }, "a frame could not be written and is kept as it came");
    await commitGroup(options, [{ received: { ...received, payload: undefined }, settle }]);
  }
}

function refuseGroup({ log, counters }: ReceiverOptions, group: readonly Waiting[], error: GatewayError): void {
  log.error({ code: error.code }, "frames could not be stored; they are not acknowledged");
  for (const { settle } of group) {
    countRefusal(counters, "unstored");
    settle.reject(error);
  }
}

/** Counts what is unsettled, in all and of each gateway. */
function createBound() {
  const framesOf = new Map<string, number>();
  let frames = 0;
  let bytesInAll = 0;
  return {
    /** False, and nothing is counted, where it would be too much. */
    add({ gateway, bytes }: UpMessage): boolean {
      const own = framesOf.get(gateway) ?? 0;
      if (own >= most.framesOfOne || frames >= most.frames || bytesInAll + bytes.length > most.bytes) return false;
      framesOf.set(gateway, own + 1);
      frames += 1;
      bytesInAll += bytes.length;
      return true;
    },
    remove({ gateway, bytes }: UpMessage): void {
      const left = (framesOf.get(gateway) ?? 0) - 1;
      if (left > 0) framesOf.set(gateway, left);
      else framesOf.delete(gateway);
      frames -= 1;
      bytesInAll -= bytes.length;
    },
  };
}

function payloadOf(frame: Frame, { log, codec = shippedPayloads }: ReceiverOptions): Received["payload"] {
  try {
    return codec.decode(frame.p);
  } catch (thrown) {
    log.warn(
      { code: toGatewayError(thrown).code, gateway: frame.g },
      "an authentic frame is not readable by this version; unless it must be understood it is kept as it came",
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
