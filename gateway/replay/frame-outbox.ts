/** Outbox rows as the bytes that would go to the twin, in the order in which they would go. */

import { type OutboxItem, trafficClasses } from "../../device-drivers/contract/event.ts";
import { encodeFrame } from "../semantic/frame.ts";
import { replayGateway } from "./replay-keys.ts";

/** Every 60 s of signal what has gathered is sent, classes in order. */
const flushUs = 60_000_000;

export interface SentBytes {
  readonly sem: Uint8Array;
  readonly strips: Uint8Array;
  readonly frames: number;
}

/** Frames as they would go to the twin: NAME.sem is a CBOR sequence (RFC 8742) of classes alert, status and semantic; strips apart. */
export function frameOutbox(outbox: readonly OutboxItem[], baseUs: number): SentBytes {
  const flushOf = (item: OutboxItem) => (item.class === "raw" ? Number.MAX_SAFE_INTEGER : Math.floor((item.timeUs - baseUs) / flushUs));
  const order = outbox.map((item, index) => ({ item, index }));
  order.sort(
    (a, b) =>
      flushOf(a.item) - flushOf(b.item) || trafficClasses.indexOf(a.item.class) - trafficClasses.indexOf(b.item.class) || a.index - b.index,
  );
  const sem: Uint8Array[] = [];
  const strips: Uint8Array[] = [];
  order.forEach(({ item }, n) => {
    const frame = encodeFrame(
      { g: replayGateway.id, e: replayGateway.epoch, n, c: item.class, t: item.timeUs, p: item.payload },
      replayGateway.sign,
    );
    (item.class === "raw" ? strips : sem).push(frame);
  });
  return { sem: Buffer.concat(sem), strips: Buffer.concat(strips), frames: order.length };
}
