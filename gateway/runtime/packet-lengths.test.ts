import { writeToStream } from "mqtt-packet";
import { expect, test } from "vitest";
import { packLengths } from "./packet-lengths.ts";

/** The bytes that say how long the packet is. */
function lengthOf(payloadBytes: number): Buffer {
  const written: Buffer[] = [];
  const sink = { write: (bytes: Buffer) => written.push(bytes) > 0 } as unknown as NodeJS.WritableStream;
  writeToStream({ cmd: "publish", topic: "t", payload: Buffer.alloc(payloadBytes), qos: 0, dup: false, retain: false }, sink);
  return written[1] ?? Buffer.alloc(0);
}

test("the lengths of packets that come one by one over days hold five blocks of Node's pool, not one each", () => {
  packLengths();
  const held = new Set<ArrayBufferLike>();
  for (let payloadBytes = 1; payloadBytes < 16_000; payloadBytes += 50) {
    const length = lengthOf(payloadBytes);
    expect(length.length).toBeGreaterThan(0);
    held.add(length.buffer);
    // What else the home does in between uses the pool up.
    for (let i = 0; i < 8; i++) Buffer.allocUnsafe(Buffer.poolSize / 4);
  }
  expect(held.size).toBeLessThanOrEqual(5);
});

test("the writer makes its other numbers when they are needed", () => {
  packLengths();
  expect(writeToStream.cacheNumbers).toBe(false);
});
