/** Finds Xbus messages in a byte stream. After a failed sync it goes on one byte further, so that a good message inside bad bytes is found. */

import type { DriverCounters } from "../contract/driver.ts";
import { createByteQueue } from "../framing/byte-queue.ts";
import { sum8 } from "../framing/checksums.ts";
import { masterBus, maxPayloadBytes, preamble } from "./frame.ts";

export interface FramerState {
  readonly pending: Uint8Array;
  readonly isLost: boolean;
}

interface XbusFramer {
  /** Calls `accept` for each message with a right checksum; false from it means the message is no message after all. */
  push(bytes: Uint8Array, accept: (messageId: number, payload: Uint8Array) => boolean): void;
  state(): FramerState;
}

const headerBytes = 4;
const maxMessageBytes = headerBytes + 2 + maxPayloadBytes + 1;

export function createXbusFramer(counters: DriverCounters, saved?: FramerState): XbusFramer {
  const queue = createByteQueue(2 * maxMessageBytes, saved?.pending);
  let isLost = saved?.isLost ?? false;

  const skipOne = () => {
    queue.skip(1);
    counters.bytesSkipped++;
    if (!isLost) counters.resyncs++;
    isLost = true;
  };

  /** Length of header and payload at the front, 0 when they can't be a message, undefined when more bytes are needed to tell. */
  const measure = (): { header: number; payload: number } | 0 | undefined => {
    if (queue.at(0) !== preamble) return 0;
    if (queue.length < 2) return undefined;
    if (queue.at(1) !== masterBus) return 0;
    if (queue.length < headerBytes) return undefined;
    const short = queue.at(3) ?? 0;
    if (short < 255) return { header: headerBytes, payload: short };
    if (queue.length < headerBytes + 2) return undefined;
    const payload = ((queue.at(4) ?? 0) << 8) | (queue.at(5) ?? 0);
    // The extended form is for what the short one can't say.
    return payload < 255 || payload > maxPayloadBytes ? 0 : { header: headerBytes + 2, payload };
  };

  const drain = (accept: (messageId: number, payload: Uint8Array) => boolean) => {
    while (queue.length > 0) {
      const size = measure();
      if (size === undefined) return;
      if (size === 0) {
        skipOne();
        continue;
      }
      const total = size.header + size.payload + 1;
      if (queue.length < total) return;
      if (sum8(queue.copy(1, total - 1)) !== 0) {
        counters.checksumFails++;
        skipOne();
        continue;
      }
      if (!accept(queue.at(2) ?? 0, queue.copy(size.header, size.payload))) {
        skipOne();
        continue;
      }
      queue.skip(total);
      isLost = false;
    }
  };

  return {
    push(bytes, accept) {
      for (let taken = 0; taken < bytes.length; ) {
        taken += queue.push(bytes.subarray(taken));
        drain(accept);
      }
    },
    state: () => ({ pending: queue.copy(0, queue.length), isLost }),
  };
}
