/** What the MQTT packet writer, which brokers and clients of a process share, keeps for ever. */

import { type Packet, writeToStream } from "mqtt-packet";

/** Lengths of packets that the writer keeps. */
const keptLengths = 16_384;
/** In front of the payload: the topic's own length and one letter. */
const topicBytes = 3;

let isPacked = false;

/**
 * The writer keeps the encoded length of every packet up to 16 kB, in a buffer cut from the block of Node's pool (64 kB) that was in use then, and so keeps
 * that block: some megabytes an hour while lengths are new, 1 GB at last (mqttjs/mqtt-packet#163). Written once at the start, one after another, all of them
 * lie in five blocks. The 65,536 buffers that it would make for its other numbers (7 MB) are made when they are needed.
 */
export function packLengths(): void {
  if (isPacked) return;
  isPacked = true;
  writeToStream.cacheNumbers = false;
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream;
  const payload = Buffer.alloc(keptLengths);
  for (let length = 0; length + topicBytes < keptLengths; length++) {
    const packet: Packet = { cmd: "publish", topic: "-", payload: payload.subarray(0, length), qos: 0, dup: false, retain: false };
    writeToStream(packet, nowhere);
  }
}
